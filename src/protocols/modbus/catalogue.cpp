#include "protocols/modbus/catalogue.hpp"

#include <fmt/format.h>

#include "base/nearest.hpp"

namespace iw::modbus {
namespace {

// Register images, for tests, may lie beside the profiles.
bool is_profile(std::string_view name) { return name.ends_with(".yaml") && !name.ends_with(".image.yaml"); }

}  // namespace

Catalogue Catalogue::built_in() {
  Catalogue catalogue;
  config::Findings findings;
  for (const auto& [path, text] : embedded_profiles())
    catalogue.add(path, text, findings);
  return catalogue;
}

bool Catalogue::add(std::string_view file, std::string_view text, config::Findings& findings) {
  auto profile = load_profile(file, text, findings);
  if (!profile) return false;
  if (!file.ends_with(profile->id + ".yaml")) {
    findings.warning({.file = std::string(file), .key = "profile"},
                     fmt::format("the id '{}' is not the path of the file", profile->id),
                     "profiles are found by their id: name the file like it");
  }
  std::string id = profile->id;
  profiles_.insert_or_assign(std::move(id), std::move(*profile));
  return true;
}

void Catalogue::add_folder(io::Files& files, const std::string& folder, config::Findings& findings) {
  const auto complain = [&](const std::string& path, const Error& error) {
    findings.error({.file = path}, error.message, error.remedy);
  };
  const auto add_file = [&](const std::string& path) {
    const auto text = files.read(path);
    if (!text) return complain(path, text.error());
    add(path, *text, findings);
  };
  const auto makers = files.list(folder);
  if (!makers) return complain(folder, makers.error());
  for (const std::string& name : *makers) {
    const std::string path = folder + "/" + name;
    if (is_profile(name)) {
      add_file(path);
    } else if (const auto models = files.list(path)) {  // not a folder: not ours
      for (const std::string& model : *models) {
        if (is_profile(model)) add_file(path + "/" + model);
      }
    }
  }
}

Result<const Profile*> Catalogue::find(std::string_view id) const {
  const auto found = profiles_.find(id);
  if (found != profiles_.end()) return &found->second;
  const std::vector<std::string_view> known = ids();
  const auto near = nearest(id, known);
  return fail(ErrorKind::not_found, fmt::format("there is no profile '{}'", id),
              near ? fmt::format("did you mean '{}'?", *near) : "`interwatt profiles` lists them");
}

std::vector<std::string_view> Catalogue::ids() const {
  std::vector<std::string_view> ids;
  for (const auto& [id, profile] : profiles_)
    ids.push_back(id);
  return ids;
}

}  // namespace iw::modbus

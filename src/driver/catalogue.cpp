#include "driver/catalogue.hpp"

#include <fmt/format.h>

#include "base/nearest.hpp"

namespace iw::driver {
namespace {

constexpr std::string_view key = "protocol:";
constexpr std::string_view without_key = "modbus";

bool is_profile(std::string_view name) { return name.ends_with(".yaml") && !name.ends_with(".image.yaml"); }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view around = " \t\r\"'";
  const auto first = text.find_first_not_of(around);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(around) - first + 1);
}

}  // namespace

std::string_view protocol_of(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return trimmed(line.substr(key.size(), line.find('#') - key.size()));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return without_key;
}

void read_profiles(io::Files& files, const std::string& folder, const TakeFile& take,
                   config::Findings& findings) {
  const auto complain = [&](const std::string& path, const Error& error) {
    findings.error({.file = path}, error.message, error.remedy);
  };
  const auto read = [&](const std::string& path) {
    const auto text = files.read(path);
    if (!text) return complain(path, text.error());
    take(path, *text);
  };
  const auto makers = files.list(folder);
  if (!makers) return complain(folder, makers.error());
  for (const std::string& name : *makers) {
    const std::string path = folder + "/" + name;
    if (is_profile(name)) {
      read(path);
    } else if (const auto models = files.list(path)) {  // not a folder: not ours
      for (const std::string& model : *models) {
        if (is_profile(model)) read(path + "/" + model);
      }
    }
  }
}

Error no_profile(std::string_view id, const std::vector<std::string_view>& known) {
  const auto near = nearest(id, known);
  return {ErrorKind::not_found, fmt::format("there is no profile '{}'", id),
          near ? fmt::format("did you mean '{}'?", *near) : "`interwatt profiles` lists them"};
}

void complain_about_path(std::string_view file, std::string_view id, config::Findings& findings) {
  findings.warning({.file = std::string(file), .key = "profile"},
                   fmt::format("the id '{}' is not the path of the file", id),
                   "profiles are found by their id: name the file like it");
}

}  // namespace iw::driver

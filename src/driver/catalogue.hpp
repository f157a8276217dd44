// Catalogue: the device profiles of one protocol that the program knows: those built in (profiles/ of the
// source tree), and those of a folder of the user's, which come in addition or instead. A profile is of the
// protocol that its line `protocol:` names, of Modbus when it names none.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/finding.hpp"
#include "io/files.hpp"

namespace iw::driver {

struct EmbeddedFile {
  std::string_view path;  // "huawei/sun2000.yaml"
  std::string_view text;
};

// "bacnet" of a text with the line "protocol: bacnet"; "modbus" of one without such a line.
std::string_view protocol_of(std::string_view text);

// All *.yaml of a folder and of its folders, one deep: <folder>/<maker>/<model>.yaml; images of devices, for
// tests, may lie beside them and are left out.
using TakeFile = std::function<void(const std::string& path, const std::string& text)>;
void read_profiles(io::Files& files, const std::string& folder, const TakeFile& take,
                   config::Findings& findings);

// "there is no profile 'huawei/sun200'; did you mean 'huawei/sun2000'?"
Error no_profile(std::string_view id, const std::vector<std::string_view>& known);
void complain_about_path(std::string_view file, std::string_view id, config::Findings& findings);

// P has an `id`.
template <class P>
class Catalogue {
 public:
  using Load = std::optional<P> (*)(std::string_view file, std::string_view text, config::Findings& findings);

  Catalogue(std::string_view protocol, Load load) : protocol_(protocol), load_(load) {}

  // Adds, or replaces the one with this id. False: the findings say why not.
  bool add(std::string_view file, std::string_view text, config::Findings& findings) {
    auto profile = load_(file, text, findings);
    if (!profile) return false;
    if (!file.ends_with(profile->id + ".yaml")) complain_about_path(file, profile->id, findings);
    std::string id = profile->id;
    profiles_.insert_or_assign(std::move(id), std::move(*profile));
    return true;
  }

  // Those of other protocols are passed over.
  void add_folder(io::Files& files, const std::string& folder, config::Findings& findings) {
    read_profiles(
        files, folder,
        [&](const std::string& path, const std::string& text) {
          if (protocol_of(text) == protocol_) add(path, text, findings);
        },
        findings);
  }

  [[nodiscard]] Result<const P*> find(std::string_view id) const {
    const auto found = profiles_.find(id);
    if (found == profiles_.end()) return fail(no_profile(id, ids()));
    return &found->second;
  }
  [[nodiscard]] std::vector<std::string_view> ids() const {  // in order
    std::vector<std::string_view> ids;
    for (const auto& [id, profile] : profiles_)
      ids.push_back(id);
    return ids;
  }
  [[nodiscard]] auto begin() const { return profiles_.begin(); }
  [[nodiscard]] auto end() const { return profiles_.end(); }
  [[nodiscard]] std::size_t size() const { return profiles_.size(); }

 private:
  std::string_view protocol_;
  Load load_;
  std::map<std::string, P, std::less<>> profiles_;
};

}  // namespace iw::driver

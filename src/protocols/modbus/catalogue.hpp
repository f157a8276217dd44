// Catalogue: all device profiles that the program knows: those built in (profiles/ of the source tree, put
// into the program when it is built), and a folder of the user's, whose profiles come in addition or instead.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/files.hpp"
#include "protocols/modbus/profile.hpp"

namespace iw::modbus {

struct EmbeddedFile {
  std::string_view path;  // "huawei/sun2000.yaml"
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_profiles();

class Catalogue {
 public:
  // The built-in profiles. That they are all right is a test of ours.
  static Catalogue built_in();

  // Adds, or replaces the one with this id. False: the findings say why not.
  bool add(std::string_view file, std::string_view text, config::Findings& findings);

  // All *.yaml of a folder and of its folders, one deep: <folder>/<maker>/<model>.yaml.
  void add_folder(io::Files& files, const std::string& folder, config::Findings& findings);

  [[nodiscard]] Result<const Profile*> find(std::string_view id) const;
  [[nodiscard]] std::vector<std::string_view> ids() const;  // in order
  [[nodiscard]] auto begin() const { return profiles_.begin(); }
  [[nodiscard]] auto end() const { return profiles_.end(); }
  [[nodiscard]] std::size_t size() const { return profiles_.size(); }

 private:
  std::map<std::string, Profile, std::less<>> profiles_;
};

}  // namespace iw::modbus

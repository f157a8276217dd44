#include "gateway/commands/site_files.hpp"

namespace iw::gateway {
namespace {

bool is_yaml(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

}  // namespace

Result<std::vector<std::string>> files_below(const std::string& folder, io::Files& files) {
  const auto names = files.list(folder);
  if (!names) return fail(names.error());
  std::vector<std::string> paths;
  for (const std::string& name : *names) {
    if (is_yaml(name)) {
      paths.push_back(name);
    } else if (const auto within = files.list(folder + "/" + name)) {  // not a folder: not ours
      for (const std::string& inner : *within)
        if (is_yaml(inner)) paths.push_back(name + "/" + inner);
    }
  }
  return paths;
}

}  // namespace iw::gateway

// A device profile of EdgeX: deviceResources to points.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/document.hpp"
#include "importers/draft.hpp"

namespace iw::importers {

struct EdgexProfile {
  ProfileDraft draft;
  // What an autoEvent may name: a resource is its own, a command is several.
  std::map<std::string, std::vector<std::string>> commands;
};

EdgexProfile read_edgex_profile(const config::Value& root, config::Findings& findings);

}  // namespace iw::importers

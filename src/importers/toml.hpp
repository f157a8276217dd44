// TOML (1.0) as a config::Value tree, so that device lists of EdgeX 1.x and 2.x read like those in YAML.
// Dates stay texts; what TOML forbids but nobody is misled by (a table defined twice) is merged.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "config/document.hpp"
#include "config/finding.hpp"

namespace iw::importers {

// None when it is no TOML: the finding says where. `file` has to live as long as the tree.
std::unique_ptr<config::Value> parse_toml(const std::string& file, std::string_view text,
                                          config::Findings& findings);

}  // namespace iw::importers

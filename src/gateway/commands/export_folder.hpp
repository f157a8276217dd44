// The folders of exports: made under another name, and put in place when they are whole.
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "io/files.hpp"
#include "transfer/history_export.hpp"
#include "transfer/manifest.hpp"

namespace iw::gateway {

// `fill` writes into the folder that it is given. busy: there is one of this name already.
Result<void> make_folder_at_once(io::Files& files, const std::string& folder,
                                 const std::function<Result<void>(const std::string& partial)>& fill);

std::string without_slash(std::string folder);

// What the history of an export needs to be read back, in its manifest.
void add_history_facts(transfer::Manifest& manifest, transfer::Form form, const transfer::Exported& exported);

struct HistoryFacts {
  transfer::Form form{};
  historian::Day values_from = 0;
};
Result<HistoryFacts> history_facts(const transfer::Manifest& manifest);

}  // namespace iw::gateway

// Edits of a list in a YAML file that people write: items are added, changed and removed, and everything else
// stays as it stands: comments, order, blank lines, quotes.
//
// Every result was read again and says exactly what was wanted; a file that can not be edited in this way
// (unsupported) is left to its owner. An item is a map, given as YAML: "name: pv\nconnect: ...".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/document.hpp"

namespace iw::config {

// At the end of the list under this key of the file, which is made when there is none.
Result<std::string> add_item(std::string_view text, std::string_view list, std::string_view item);
// Entry by entry: what is the same is not touched.
Result<std::string> change_item(std::string_view text, std::string_view list, std::size_t index,
                                const Value& wanted);
// The whole of its text.
Result<std::string> replace_item(std::string_view text, std::string_view list, std::size_t index,
                                 std::string_view item);
// With the comment right above it.
Result<std::string> remove_item(std::string_view text, std::string_view list, std::size_t index);

// An item as it stands there, its indentation taken off.
Result<std::string> item_text(std::string_view text, std::string_view list, std::size_t index);

}  // namespace iw::config

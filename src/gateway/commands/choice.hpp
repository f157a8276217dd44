// Choice: an option that takes one of a few words, shown in the help as "raw|1min|15min|1h".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gateway/commands/command_line.hpp"

namespace iw::gateway {

template <class Enum>
Option add_choice(const Command& command, const std::string& name, Enum& chosen,
                  const std::vector<std::pair<std::string_view, Enum>>& words, const std::string& what) {
  std::vector<std::string_view> keys;
  keys.reserve(words.size());
  for (const auto& [word, value] : words)
    keys.push_back(word);
  const auto take = [&chosen, words, keys, name](const std::string& text) {
    for (const auto& [word, value] : words) {
      if (word == text) {
        chosen = value;
        return;
      }
    }
    wrong_use(fmt::format("{}: '{}' is none of {}", name, text, fmt::join(keys, ", ")));
  };
  return command.add_option(name, std::function<void(const std::string&)>(take), what)
      .show_values(fmt::format("{}", fmt::join(keys, "|")));
}

}  // namespace iw::gateway

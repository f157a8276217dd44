// Choice: an option that takes one of a few words, shown in the help as "raw|1min|15min|1h".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace iw::gateway {

template <class Enum>
CLI::Option* add_choice(CLI::App& command, const std::string& name, Enum& chosen,
                        const std::vector<std::pair<std::string_view, Enum>>& words,
                        const std::string& what) {
  std::vector<std::string_view> keys;
  keys.reserve(words.size());
  for (const auto& [word, value] : words)
    keys.push_back(word);
  CLI::Option* option = command.add_option_function<std::string>(
      name,
      [&chosen, words, keys, name](const std::string& text) {
        for (const auto& [word, value] : words) {
          if (word == text) {
            chosen = value;
            return;
          }
        }
        throw CLI::ValidationError(name, fmt::format("'{}' is none of {}", text, fmt::join(keys, ", ")));
      },
      what);
  return option->type_name(fmt::format("{}", fmt::join(keys, "|")));
}

}  // namespace iw::gateway

#include "bms/instances.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include <fmt/format.h>

namespace iw::bms {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

Result<Instances> Instances::parse(std::string_view text) {
  Instances instances;
  std::set<std::uint32_t> taken;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto mrid = words.size() == 3 ? model::parse_mrid(words[0]) : fail(ErrorKind::malformed, "no line");
    const auto type = words.size() == 3 ? number(words[1], bacnet::max_object_type) : std::nullopt;
    const auto instance = words.size() == 3 ? number(words[2], bacnet::max_instance) : std::nullopt;
    if (!mrid || !type || !instance) {
      return fail(ErrorKind::malformed, fmt::format("line {} names no object of a point", line),
                  "restore the file from a backup: without it all objects would get other numbers");
    }
    const auto object_type = static_cast<bacnet::ObjectType>(*type);
    if (!taken.insert(bacnet::ObjectId{object_type, *instance}.bits()).second)
      return fail(ErrorKind::malformed, fmt::format("line {}: this object is there twice", line));
    instances.numbers_.emplace(std::pair(*mrid, object_type), *instance);
    std::uint32_t& last = instances.last_[object_type];
    last = std::max(last, *instance);
  }
  return instances;
}

std::string Instances::save() const {
  std::string text;
  for (const auto& [key, instance] : numbers_) {
    text +=
        fmt::format("{} {} {}\n", model::to_string(key.first), static_cast<unsigned>(key.second), instance);
  }
  return text;
}

bacnet::ObjectId Instances::of(const model::Mrid& point, bacnet::ObjectType type) {
  const auto [place, is_new] = numbers_.try_emplace({point, type}, 0);
  if (is_new) place->second = ++last_[type];
  return {.type = type, .instance = place->second};
}

}  // namespace iw::bms

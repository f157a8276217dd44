#include "api/parameters.hpp"

#include <algorithm>
#include <charconv>

#include "base/nearest.hpp"
#include "gateway/time_span.hpp"

namespace iw::api {

Result<std::uint64_t> number_of(const Target& target, std::string_view name, std::uint64_t lo,
                                std::uint64_t hi, std::uint64_t otherwise) {
  const auto text = target.parameter(name);
  if (!text) return otherwise;
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || value < lo || value > hi) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{}: '{}' is no whole number from {} to {}", name, *text, lo, hi));
  }
  return value;
}

Result<std::optional<bool>> flag_of(const Target& target, std::string_view name) {
  const auto text = target.parameter(name);
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  return fail(ErrorKind::invalid_argument, fmt::format("{}: '{}' is neither true nor false", name, *text));
}

Result<std::optional<WallTime>> time_of(const Target& target, std::string_view name, WallTime now) {
  const auto text = target.parameter(name);
  if (!text) return std::nullopt;
  auto time = gateway::parse_time(*text, now);
  if (!time) return fail(std::move(time).error().in(name));
  return *time;
}

std::string text_of(const Target& target, std::string_view name) {
  return std::string(target.parameter(name).value_or(""));
}

Result<void> only(const Target& target, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : target.query) {
    if (std::ranges::find(known, name) == known.end()) {
      return fail(ErrorKind::invalid_argument, fmt::format("there is no parameter '{}'{}", name,
                                                           suggestion(name, {known.begin(), known.end()})));
    }
  }
  return {};
}

}  // namespace iw::api

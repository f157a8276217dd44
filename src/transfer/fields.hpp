// Fields of a record, each put into a member; what was wrong first is remembered.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/result.hpp"

namespace iw::transfer {

template <class T>
Result<T> whole(std::string_view digits) {
  T number{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return fail(ErrorKind::malformed, fmt::format("'{}' is no whole number", digits));
  return number;
}

class Fields {
 public:
  // Of a record that has all of them.
  explicit Fields(const std::vector<std::string>& fields) : fields_(fields) {}

  template <class T, class Parse>
  Fields& take(std::size_t column, T& into, Parse parse) {
    auto parsed = parse(fields_[column]);
    if (parsed) {
      into = std::move(*parsed);
    } else if (!wrong_) {
      wrong_ = std::move(parsed).error();
    }
    return *this;
  }
  [[nodiscard]] Result<void> done() const { return wrong_ ? Result<void>(fail(*wrong_)) : Result<void>{}; }

 private:
  const std::vector<std::string>& fields_;
  std::optional<Error> wrong_;
};

}  // namespace iw::transfer

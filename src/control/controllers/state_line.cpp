#include "control/controllers/state_line.hpp"

#include <charconv>
#include <cmath>
#include <vector>

namespace iw::control {

std::string write_state(std::span<const StateField> fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, *value);
  return text;
}

Result<void> read_state(std::string_view text, std::span<const StateField> fields) {
  const auto wrong = [&] {
    return fail(ErrorKind::malformed, fmt::format("'{}' is no state of this controller", text));
  };
  std::vector<double> values;
  std::string_view rest = text;
  for (const auto& [name, value] : fields) {
    if (!values.empty()) {
      if (!rest.starts_with(' ')) return wrong();
      rest.remove_prefix(1);
    }
    if (!rest.starts_with(name) || !rest.substr(name.size()).starts_with('=')) return wrong();
    rest.remove_prefix(name.size() + 1);
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || !std::isfinite(number)) return wrong();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    values.push_back(number);
  }
  if (!rest.empty()) return wrong();
  for (std::size_t i = 0; i < fields.size(); ++i)
    *fields[i].second = values[i];
  return {};
}

}  // namespace iw::control

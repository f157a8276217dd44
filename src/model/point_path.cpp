#include "model/point_path.hpp"

#include "model/point.hpp"

namespace iw::model {

Result<std::string> parse_point_path(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash == 0) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no point", text),
                "write the asset and the point: roof/ActivePower");
  }
  auto name = parse_point_name(text.substr(slash + 1));
  if (!name) return fail(std::move(name).error());
  return fmt::format("{}/{}", text.substr(0, slash), to_string(*name));
}

}  // namespace iw::model

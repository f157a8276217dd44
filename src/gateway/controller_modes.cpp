#include "gateway/controller_modes.hpp"

#include <algorithm>

#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using control::Mode;

SwitchedMode read_one(const Json& json) {
  return {.controller = json.at("controller"),
          .configured = control::parse_mode(json.at("configured").get<std::string>()).value(),
          .mode = control::parse_mode(json.at("mode").get<std::string>()).value(),
          .by = json.at("by"),
          .reason = json.at("reason"),
          .at = WallTime(WallTime::duration(json.at("at_ns").get<std::int64_t>()))};
}

}  // namespace

Result<ControllerModes> ControllerModes::read(std::string_view text) {
  ControllerModes modes;
  if (text.empty()) return modes;
  try {
    for (const Json& one : Json::parse(text).at("switched"))
      modes.put(read_one(one));
  } catch (const std::exception& error) {  // of the JSON, or of a word that is no mode
    return fail(ErrorKind::malformed,
                fmt::format("the file of switched controllers can not be read: {}", error.what()),
                "every controller is in the mode that is configured; switch again what was switched");
  }
  return modes;
}

std::string ControllerModes::text() const {
  Json all = Json::array();
  for (const SwitchedMode& one : switched_) {
    all.push_back({{"controller", one.controller},
                   {"configured", to_string(one.configured)},
                   {"mode", to_string(one.mode)},
                   {"by", one.by},
                   {"reason", one.reason},
                   {"at_ns", one.at.time_since_epoch().count()}});
  }
  return Json{{"switched", std::move(all)}}.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Mode ControllerModes::of(const control::ControllerSection& section) const {
  const SwitchedMode* switched = find(section.name);
  return switched != nullptr && switched->configured == section.mode ? switched->mode : section.mode;
}

const SwitchedMode* ControllerModes::find(std::string_view controller) const {
  const auto found = std::ranges::find(switched_, controller, &SwitchedMode::controller);
  return found != switched_.end() ? &*found : nullptr;
}

void ControllerModes::put(SwitchedMode switched) {
  std::erase_if(switched_, [&](const SwitchedMode& one) { return one.controller == switched.controller; });
  if (switched.mode != switched.configured) switched_.push_back(std::move(switched));
}

std::vector<SwitchedMode> ControllerModes::forget(std::span<const control::ControllerSection> sections) {
  std::vector<SwitchedMode> forgotten;
  std::erase_if(switched_, [&](const SwitchedMode& one) {
    const auto section = std::ranges::find(sections, one.controller, &control::ControllerSection::name);
    if (section != sections.end() && section->mode == one.configured) return false;
    forgotten.push_back(one);
    return true;
  });
  return forgotten;
}

}  // namespace iw::gateway

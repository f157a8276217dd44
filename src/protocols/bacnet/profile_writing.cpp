#include "protocols/bacnet/profile_writing.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/writing.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"

namespace iw::bacnet {
namespace {

using config::one_line;
using config::scalar;

constexpr std::uint32_t no_units = 95;

// As people write it, where there is such a word: "ai7", else "large-analog-value:1".
std::string spelled(ObjectId id) {
  std::string name = short_name(id);
  const auto read = parse_object_id(name);
  return read && *read == id ? name : fmt::format("{}:{}", to_string(id.type), id.instance);
}

// Why somebody should look at the row.
std::string remark_on(const ObjectFacts& facts, const ObjectPoint& point) {
  const bool has_units = facts.units && *facts.units != no_units;
  if (point.point.name.quantity != model::Quantity::Count) return has_units ? unit_name(*facts.units) : "";
  return has_units ? fmt::format("{}: there is no quantity for it", unit_name(*facts.units))
                   : "what does it measure? give it the name of a quantity, and its unit";
}

std::string row_of(const ObjectFacts& facts, const ObjectPoint& point) {
  std::string row = fmt::format("  - {{object: {}, name: {}", spelled(facts.id),
                                scalar(model::to_string(point.point.name)));
  const auto add = [&](std::string_view key, const auto& value) {
    row += fmt::format(", {}: {}", key, value);
  };
  if (point.point.rate == model::RateClass::thermal) add("rate", "thermal");
  std::vector<std::string> texts;
  for (const auto& [state, text] : point.point.texts)
    texts.push_back(fmt::format("{}: {}", state, scalar(text)));
  if (!texts.empty()) add("texts", fmt::format("{{{}}}", fmt::join(texts, ", ")));
  if (!facts.name.empty()) add("label", scalar(facts.name));
  row += "}";
  std::string remark = one_line(remark_on(facts, point));
  if (!facts.description.empty())
    remark += fmt::format("{}{}", remark.empty() ? "" : "; ", one_line(facts.description));
  return remark.empty() ? row + "\n" : fmt::format("{}  # {}\n", row, remark);
}

}  // namespace

std::string profile_id_of(std::string_view manufacturer, std::string_view model) {
  const std::string maker = component_of(manufacturer);
  const std::string what = component_of(model);
  return fmt::format("{}/{}", maker.empty() ? "own" : maker, what.empty() ? "device" : what);
}

std::string profile_text(const ProfileHead& head, std::span<const ObjectFacts> objects) {
  const auto text_or = [](const std::string& text, const char* fallback) {
    return scalar(text.empty() ? std::string_view(fallback) : std::string_view(text));
  };
  std::string out = fmt::format(
      "# Proposed from {}.\n"
      "# Every row is a guess from units and name: correct what is wrong, delete what is not wanted.\n"
      "protocol: bacnet\n"
      "profile: {}\n"
      "manufacturer: {}\n"
      "models: [{}]\n"
      "assets: [{{kind: building_controller}}]\n"
      "others: ignore\n"
      "points:\n",
      one_line(head.source), head.id, text_or(head.manufacturer, "unknown"), text_or(head.model, "unknown"));
  const ObjectMap map = propose(objects);
  for (const ObjectPoint& point : map.points) {
    const auto facts = std::ranges::find(objects, point.object, &ObjectFacts::id);
    out += row_of(*facts, point);
  }
  return out;
}

}  // namespace iw::bacnet

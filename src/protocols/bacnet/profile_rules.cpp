// Rules of a profile on the objects of a device.
#include <algorithm>

#include <fmt/format.h>

#include "model/words.hpp"
#include "protocols/bacnet/profile.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"

namespace iw::bacnet {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), model::lower);
  return out;
}

// What the first '*' stands for; none when the name does not match. What is between two stars is looked for
// from the left.
std::optional<std::string> matched(std::string_view pattern_text, std::string_view name_text) {
  const std::string pattern = lower(pattern_text);
  const std::string name = lower(name_text);
  std::size_t star = pattern.find('*');
  if (star == std::string::npos) return pattern == name ? std::optional(std::string()) : std::nullopt;
  if (!name.starts_with(pattern.substr(0, star))) return std::nullopt;
  const std::size_t first = star;
  std::size_t at = star;
  std::optional<std::size_t> first_end;
  while (true) {
    const std::size_t next = pattern.find('*', star + 1);
    if (next == std::string::npos) break;
    const std::size_t found = name.find(pattern.substr(star + 1, next - star - 1), at);
    if (found == std::string::npos) return std::nullopt;
    if (!first_end) first_end = found;
    at = found + (next - star - 1);
    star = next;
  }
  const std::string tail = pattern.substr(star + 1);
  if (name.size() < at + tail.size() || !name.ends_with(tail)) return std::nullopt;
  const std::size_t end = first_end.value_or(name.size() - tail.size());
  return std::string(name_text.substr(first, end - first));
}

struct Found {
  const ObjectRule* rule = nullptr;
  std::string star;
};

// A rule for the object itself goes before those for names.
std::optional<Found> rule_for(const ObjectFacts& facts, const ObjectRules& rules) {
  for (const ObjectRule& rule : rules.rules)
    if (rule.object == facts.id) return Found{.rule = &rule, .star = {}};
  for (const ObjectRule& rule : rules.rules) {
    if (rule.object || (rule.type && rule.type != facts.id.type)) continue;
    if (auto star = matched(rule.match, facts.name)) return Found{.rule = &rule, .star = std::move(*star)};
  }
  return std::nullopt;
}

model::PointName name_of(const Found& found) {
  std::string text = found.rule->name;
  if (const auto braces = text.find("{}"); braces != std::string::npos) {
    const std::string part = component_of(found.star);
    text.replace(braces, 2, part.empty() ? "x" : part);
  }
  // Checked when the profile was read; what the star stands for has only letters, digits and '-'.
  return model::parse_point_name(text).value_or(
      model::PointName{.quantity = model::Quantity::Count, .component = component_of(text)});
}

// From the value, after the scale of the rule, to the unit of the quantity.
std::optional<model::Conversion> conversion_for(const ObjectRule& rule, const ObjectFacts& facts,
                                                model::Unit wanted) {
  if (wanted == model::Unit::none || wanted == model::Unit::count) return model::Conversion{.unit = wanted};
  const auto conversion = rule.unit     ? model::parse_unit(*rule.unit)
                          : facts.units ? conversion_of(*facts.units)
                                        : std::nullopt;
  return conversion && conversion->unit == wanted ? conversion : std::nullopt;
}

void set_range(const ObjectRule& rule, const ObjectFacts& facts, const model::Conversion& unit,
               ObjectPoint& point) {
  if (!point.point.writable) return;
  const auto of_object = [&](std::optional<double> raw) -> std::optional<double> {
    return raw ? std::optional(*raw * point.scale + point.offset) : std::nullopt;
  };
  std::optional<double> least = of_object(rule.negate ? facts.maximum : facts.minimum);
  std::optional<double> most = of_object(rule.negate ? facts.minimum : facts.maximum);
  if (rule.minimum) least = unit.to_canonical(*rule.minimum);
  if (rule.maximum) most = unit.to_canonical(*rule.maximum);
  point.point.minimum = least;
  point.point.maximum = most;
}

std::optional<ObjectPoint> point_by(const Found& found, const ObjectFacts& facts, ObjectPoint point,
                                    std::vector<std::string>& warnings) {
  const ObjectRule& rule = *found.rule;
  const model::PointName name = name_of(found);
  const auto unit = conversion_for(rule, facts, model::info(name.quantity).unit);
  if (!unit) {
    warnings.push_back(fmt::format(
        "{} is in {}, which is no unit of {}: the rule does not hold; give its 'unit' if the device is wrong",
        to_string(facts.id), facts.units ? unit_name(*facts.units) : "no unit",
        model::to_string(name.quantity)));
    return std::nullopt;
  }
  const double sign = rule.negate ? -1 : 1;
  const double factor = rule.scale * facts.scale.value_or(1);
  point.scale = sign * factor * unit->scale;
  point.offset = sign * (rule.offset * unit->scale + unit->offset);
  point.property = rule.property;
  point.point.name = name;
  point.point.role = rule.role;
  point.point.writable = rule.writable.value_or(point.commandable) && name.quantity != model::Quantity::Text;
  if (rule.rate) point.point.rate = *rule.rate;
  if (!rule.texts.empty()) point.point.texts = rule.texts;
  if (!rule.label.empty()) point.point.source += fmt::format(" ({})", rule.label);
  set_range(rule, facts, *unit, point);
  return point;
}

}  // namespace

ObjectMap points_by(const ObjectRules& rules, std::span<const ObjectFacts> objects) {
  ObjectMap map;
  for (const ObjectFacts& facts : objects) {
    auto proposed = propose(facts);
    if (!proposed) continue;
    if (const auto found = rule_for(facts, rules)) {
      if (auto point = point_by(*found, facts, *proposed, map.warnings)) {
        add_point(map, std::move(*point));
        continue;
      }
    }
    if (rules.propose_others) add_point(map, std::move(*proposed));
  }
  for (const ObjectRule& rule : rules.rules) {
    if (rule.object && std::ranges::find(objects, *rule.object, &ObjectFacts::id) == objects.end())
      map.warnings.push_back(fmt::format("{} of the profile is not there", to_string(*rule.object)));
  }
  return map;
}

}  // namespace iw::bacnet

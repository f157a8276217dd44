#include "model/point.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.hpp"
#include "model/words.hpp"

namespace iw::model {
namespace {

// "AN" is written "A" where the quantity is against N anyway.
std::string_view phase_word(Phase phase) {
  switch (phase) {
    case Phase::AN: return "A";
    case Phase::BN: return "B";
    case Phase::CN: return "C";
    default: return to_string(phase);
  }
}

// "a.b.c" is "a" and "b.c".
std::pair<std::string_view, std::string_view> split(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return {text, {}};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

struct Head {
  Quantity quantity;
  std::string_view rest;
};

// The longest quantity that the text begins with: names have at most two parts ("Voltage.LN").
std::optional<Head> parse_head(std::string_view text) {
  const auto [first, after_first] = split(text);
  const auto [second, after_second] = split(after_first);
  const auto both = text.substr(0, first.size() + 1 + second.size());
  if (const auto quantity = parse_quantity(both); quantity && !second.empty())
    return Head{*quantity, after_second};
  if (const auto quantity = parse_quantity(first)) return Head{*quantity, after_first};
  return std::nullopt;
}

Unexpected unknown_quantity(std::string_view text) {
  const auto [first, after_first] = split(text);
  const auto both = text.substr(0, first.size() + 1 + split(after_first).first.size());
  std::vector<std::string_view> all;
  std::vector<std::string_view> same_family;  // "Voltage" of Voltage.LN and Voltage.LL
  for (const QuantityInfo& row : quantities()) {
    all.push_back(row.name);
    if (same_word(split(row.name).first, first)) same_family.push_back(row.name);
  }
  std::string hint;
  if (!same_family.empty()) {
    hint = suggestion(both, same_family);
  } else if (nearest(first, all)) {
    hint = suggestion(first, all);
  } else {
    hint = suggestion(both, all);
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' does not begin with a known quantity{}", text, hint),
              "write Quantity, Quantity.phase or Quantity.phase.component, as in Voltage.LN.A");
}

bool is_component_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_component(std::string_view text) {
  while (true) {
    const auto dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || !std::ranges::all_of(part, is_component_character)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string phases_of(Quantity quantity) {
  const auto phases = info(quantity).phases;
  if (phases.empty()) return "it has none";
  std::vector<std::string_view> words;
  for (const Phase phase : phases)
    words.push_back(phase_word(phase));
  return fmt::format("it has {}", fmt::join(words, ", "));
}

}  // namespace

std::string to_string(const PointName& name) {
  std::string text(to_string(name.quantity));
  if (name.phase != Phase::none) text.append(".").append(phase_word(name.phase));
  if (!name.component.empty()) text.append(".").append(name.component);
  return text;
}

Result<PointName> canonical(PointName name) {
  const auto phase = canonical_phase(name.quantity, name.phase);
  if (!phase) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} can not have phase {}, {}", to_string(name.quantity), to_string(name.phase),
                            phases_of(name.quantity)));
  }
  if (!name.component.empty()) {
    if (!is_component(name.component)) {
      return fail(
          ErrorKind::invalid_argument,
          fmt::format("'{}' is no name for a component of {}", name.component, to_string(name.quantity)),
          "use letters, digits, '-' and '_', as in mppt2");
    }
    if (parse_phase(split(name.component).first)) {
      return fail(ErrorKind::invalid_argument,
                  fmt::format("the component '{}' of {} is called like a phase", name.component,
                              to_string(name.quantity)),
                  "give it a longer name, as in string1");
    }
  }
  name.phase = *phase;
  return name;
}

Result<PointName> parse_point_name(std::string_view text) {
  const auto head = parse_head(text);
  if (!head) return unknown_quantity(text);
  PointName name{.quantity = head->quantity};
  if (text.ends_with('.') || text.find("..") != std::string_view::npos) {
    return fail(ErrorKind::malformed, fmt::format("'{}' has an empty part", text), "leave the dot out");
  }
  const auto [first, after_first] = split(head->rest);
  const auto phase = parse_phase(first);
  name.phase = phase.value_or(Phase::none);
  name.component = phase ? after_first : head->rest;
  return canonical(std::move(name)).map_error([&](Error&& error) {
    return std::move(error).in(fmt::format("'{}'", text));
  });
}

}  // namespace iw::model

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/nearest.hpp"
#include "protocols/bacnet/error.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::bacnet {
namespace {

struct ShortName {
  std::string_view text;
  ObjectType type;
};

// As people and building management systems abbreviate them.
constexpr std::array short_names{
    ShortName{"ai", ObjectType::analog_input},
    ShortName{"ao", ObjectType::analog_output},
    ShortName{"av", ObjectType::analog_value},
    ShortName{"bi", ObjectType::binary_input},
    ShortName{"bo", ObjectType::binary_output},
    ShortName{"bv", ObjectType::binary_value},
    ShortName{"mi", ObjectType::multi_state_input},
    ShortName{"msi", ObjectType::multi_state_input},
    ShortName{"mo", ObjectType::multi_state_output},
    ShortName{"mso", ObjectType::multi_state_output},
    ShortName{"mv", ObjectType::multi_state_value},
    ShortName{"msv", ObjectType::multi_state_value},
    ShortName{"acc", ObjectType::accumulator},
    ShortName{"lav", ObjectType::large_analog_value},
    ShortName{"iv", ObjectType::integer_value},
    ShortName{"piv", ObjectType::positive_integer_value},
    ShortName{"csv", ObjectType::characterstring_value},
    ShortName{"tl", ObjectType::trend_log},
    ShortName{"dev", ObjectType::device},
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ObjectType> parse_object_type(std::string_view text) {
  const auto found = std::ranges::find(short_names, text, &ShortName::text);
  if (found != short_names.end()) return found->type;
  auto number = number_of(object_type_names(), text);
  if (!number) number = parse_number(text);
  if (!number || *number > max_object_type) return std::nullopt;
  return static_cast<ObjectType>(*number);
}

std::string named(std::span<const Name> names, std::uint32_t number, std::string_view what) {
  const std::string_view name = name_of(names, number);
  return name.empty() ? fmt::format("{} {}", what, number) : std::string(name);
}

}  // namespace

std::string_view name_of(std::span<const Name> names, std::uint32_t number) {
  const auto found = std::ranges::lower_bound(names, number, {}, &Name::number);
  return found != names.end() && found->number == number ? found->name : std::string_view();
}

std::string name_or_number(std::span<const Name> names, std::uint32_t number) {
  const std::string_view name = name_of(names, number);
  return name.empty() ? std::to_string(number) : std::string(name);
}

std::optional<std::uint32_t> number_of(std::span<const Name> names, std::string_view name) {
  const auto found = std::ranges::find(names, name, &Name::name);
  if (found == names.end()) return std::nullopt;
  return found->number;
}

std::string to_string(ObjectType type) {
  return named(object_type_names(), static_cast<std::uint32_t>(type), "object-type");
}
std::string to_string(PropertyId property) {
  return named(property_names(), static_cast<std::uint32_t>(property), "property");
}
std::string to_string(ObjectId id) { return fmt::format("{} {}", to_string(id.type), id.instance); }
std::string to_string(PropertyReference property) {
  const std::string name = to_string(property.property);
  return property.index ? fmt::format("{}[{}]", name, *property.index) : name;
}
std::string to_string(const ObjectPropertyReference& reference) {
  return fmt::format("{} {}", to_string(reference.object), to_string(reference.property));
}

Result<ObjectId> parse_object_id(std::string_view text) {
  // The instance is the number at the end; what is before it, less one separator, is the type.
  const auto last = text.find_last_not_of("0123456789");
  const auto begin = last == std::string_view::npos ? 0 : last + 1;
  const auto instance = parse_number(text.substr(begin));
  std::string_view type_text = text.substr(0, begin);
  if (!type_text.empty() && std::string_view(" :,-").contains(type_text.back())) type_text.remove_suffix(1);
  const auto type = parse_object_type(lower(type_text));
  if (!type || !instance || *instance > wildcard_instance) {
    return fail(ErrorKind::invalid_argument, fmt::format("\"{}\" is not a BACnet object", text),
                "write type and instance: analog-input:7, ai7, 0:7");
  }
  return ObjectId{*type, *instance};
}

Result<PropertyReference> parse_property(std::string_view text) {
  const auto bracket = text.find('[');
  const std::string name = lower(text.substr(0, bracket));
  PropertyReference reference;
  if (bracket != std::string_view::npos) {
    reference.index = text.ends_with(']') ? parse_number(text.substr(bracket + 1, text.size() - bracket - 2))
                                          : std::nullopt;
    if (!reference.index) {
      return fail(ErrorKind::invalid_argument, fmt::format("\"{}\" is not a BACnet property", text),
                  "the element of an array is written priority-array[8]");
    }
  }
  auto number = number_of(property_names(), name);
  if (!number) number = parse_number(name);
  if (!number || *number > wildcard_instance) {
    std::vector<std::string_view> known;
    for (const Name& each : property_names())
      known.push_back(each.name);
    const auto near = nearest(name, known);
    return fail(ErrorKind::invalid_argument, fmt::format("\"{}\" is not a BACnet property", text),
                near ? fmt::format("did you mean {}?", *near) : "a number does too: 85 is present-value");
  }
  reference.property = static_cast<PropertyId>(*number);
  return reference;
}

std::string to_string(ErrorClass error_class) {
  return named(error_class_names(), static_cast<std::uint32_t>(error_class), "error-class");
}
std::string to_string(ErrorCode code) {
  return named(error_code_names(), static_cast<std::uint32_t>(code), "error-code");
}
std::string to_string(BacnetError error) {
  return fmt::format("{}: {}", to_string(error.error_class), to_string(error.code));
}
std::string to_string(RejectReason reason) {
  return named(reject_reason_names(), static_cast<std::uint32_t>(reason), "reject-reason");
}
std::string to_string(AbortReason reason) {
  return named(abort_reason_names(), static_cast<std::uint32_t>(reason), "abort-reason");
}

Error malformed(std::string_view what, RejectReason reason) {
  return {ErrorKind::malformed, fmt::format("{} does not follow the standard: {}", what, to_string(reason))};
}

}  // namespace iw::bacnet

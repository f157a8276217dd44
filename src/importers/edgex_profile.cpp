#include "importers/edgex_profile.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "importers/csv.hpp"
#include "importers/sources.hpp"
#include "model/words.hpp"

namespace iw::importers {
namespace {

using config::Kind;
using config::Value;
using modbus::ByteOrder;
using modbus::Table;
using modbus::ValueType;
using model::same_word;

std::optional<Table> table_of(std::string_view name) {
  if (same_word(name, "COILS")) return Table::coils;
  if (same_word(name, "DISCRETES_INPUT") || same_word(name, "DISCRETE_INPUTS")) return Table::discrete_inputs;
  if (same_word(name, "INPUT_REGISTERS")) return Table::input_registers;
  if (same_word(name, "HOLDING_REGISTERS")) return Table::holding_registers;
  return std::nullopt;
}

std::optional<ValueType> type_of(std::string_view name) {
  struct Name {
    std::string_view name;
    ValueType type;
  };
  static constexpr std::array names{Name{"Bool", ValueType::boolean}, Name{"Int16", ValueType::i16},
                                    Name{"Uint16", ValueType::u16},   Name{"Int32", ValueType::i32},
                                    Name{"Uint32", ValueType::u32},   Name{"Int64", ValueType::i64},
                                    Name{"Uint64", ValueType::u64},   Name{"Float32", ValueType::f32},
                                    Name{"Float64", ValueType::f64},  Name{"String", ValueType::string}};
  const auto* found = std::ranges::find_if(names, [&](const Name& n) { return same_word(n.name, name); });
  return found == names.end() ? std::nullopt : std::optional(found->type);
}

bool is_float(ValueType type) { return type == ValueType::f32 || type == ValueType::f64; }
bool is_whole(ValueType type) {
  return type == ValueType::i16 || type == ValueType::u16 || type == ValueType::i32 ||
         type == ValueType::u32 || type == ValueType::i64 || type == ValueType::u64;
}
bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

ValueType as_unsigned(ValueType type) {
  if (type == ValueType::i16) return ValueType::u16;
  if (type == ValueType::i32) return ValueType::u32;
  if (type == ValueType::i64) return ValueType::u64;
  return type;
}

// A resource of one profile: what its keys say, wherever the version puts them.
class Resource {
 public:
  Resource(const Value& value, bool first_version, config::Findings& findings)
      : value_(value), first_version_(first_version), findings_(findings) {
    const Value* properties = child(value, "properties");
    if (properties == nullptr) return;
    properties_ = properties;
    if (const Value* inner = child(*properties, "value"); inner != nullptr && inner->kind == Kind::map)
      properties_ = inner;
    if (const Value* units = child(*properties, "units"); units != nullptr) {
      units_ = units->kind == Kind::map ? text_of(*units, "defaultValue") : trim(units->text);
    }
  }

  std::optional<PointDraft> point() {
    PointDraft point{.from = value_.place()};
    point.from.key = text_of(value_, "name");
    point.unit = units_;
    point.note = text_of(value_, "description");
    from_ = point.from;
    if (point.called().empty()) return refuse("the resource has no name");
    attributes_ = child(value_, "attributes");
    if (attributes_ == nullptr || child(*attributes_, "primaryTable") == nullptr) {
      return refuse("it has no attributes for Modbus (primaryTable)");
    }
    if (!set_table_and_type(point) || !set_address(point)) return std::nullopt;
    set_order(point);
    set_access(point);
    if (!set_bits(point) || !set_scale(point)) return std::nullopt;
    for (const std::string_view key : {"assertion", "mediaType"}) {
      if (!property(key).empty()) warn(fmt::format("{} is not carried over", key));
    }
    return point;
  }

 private:
  void warn(std::string message, std::string remedy = {}) {
    findings_.warning(from_, std::move(message), std::move(remedy));
  }

  std::nullopt_t refuse(std::string why, std::string remedy = {}) {
    warn(std::move(why) + "; left out", std::move(remedy));
    return std::nullopt;
  }

  [[nodiscard]] std::string_view property(std::string_view key) const {
    return properties_ == nullptr ? std::string_view{} : text_of(*properties_, key);
  }
  [[nodiscard]] std::string_view attribute(std::string_view key) const { return text_of(*attributes_, key); }

  // 0 and absent are the same: EdgeX skips both.
  std::optional<double> number(std::string_view key) {
    const std::string_view text = property(key);
    if (text.empty()) return std::nullopt;
    const auto number = parse_number(text);
    if (!number) warn(fmt::format("{} '{}' is no number; ignored", key, text));
    return number;
  }

  bool set_table_and_type(PointDraft& point) {
    const auto table = table_of(attribute("primaryTable"));
    if (!table) {
      refuse(fmt::format("'{}' is no primaryTable", attribute("primaryTable")));
      return false;
    }
    point.table = *table;
    std::string_view written = property("valueType");
    if (written.empty()) written = property("type");
    const auto type = type_of(written);
    if (!type) {
      refuse(fmt::format("the Modbus service of EdgeX has no values of type '{}'", written));
      return false;
    }
    point.type = *type;
    if (is_bit_table(point.table) && point.type != ValueType::boolean) {
      refuse(fmt::format("a {} in {} is not one bit", written, attribute("primaryTable")));
      return false;
    }
    return set_raw_type(written, point) && set_length(point);
  }

  // Only these pairs are known to EdgeX.
  bool set_raw_type(std::string_view written, PointDraft& point) {
    const std::string_view raw = attribute("rawType");
    if (raw.empty()) return true;
    const auto type = type_of(raw);
    if (type == point.type) return true;
    const bool small = type == ValueType::i16 || type == ValueType::u16;
    const bool allowed =
        (small && is_float(point.type)) || (type == ValueType::i32 && point.type == ValueType::f64);
    if (!allowed) {
      refuse(fmt::format("rawType {} can not become {}", raw, written), "EdgeX itself gives no value for it");
      return false;
    }
    point.type = *type;
    widened_ = true;
    return true;
  }

  bool set_length(PointDraft& point) {
    if (point.type != ValueType::string) return true;
    const auto size = parse_whole(attribute("stringRegisterSize"));
    if (!size || *size < 1 || *size > 123) {
      refuse("a String needs stringRegisterSize, from 1 to 123");
      return false;
    }
    point.registers = static_cast<std::uint16_t>(*size);
    return true;
  }

  // "12", or "12.3" for bit 3 of register 12. A number with a point is printed with two digits behind it
  // before it is read: 10.1 is bit 10.
  bool set_address(PointDraft& point) {
    const Value* value = child(*attributes_, "startingAddress");
    std::string text(value == nullptr ? std::string_view{} : trim(value->text));
    const bool is_float_number = value != nullptr && !value->quoted && text.find('.') != std::string::npos;
    if (is_float_number) {
      const std::string written = text;
      text = fmt::format("{:.2f}", parse_number(text).value_or(-1));
      if (point.type == ValueType::boolean && text != written) {
        warn(fmt::format("startingAddress {} is a number, which EdgeX reads as {}: bit {}", written, text,
                         parse_whole(text.substr(text.find('.') + 1)).value_or(0)),
             "was another bit meant? Correct 'bit' in the profile");
      }
    }
    const auto dot = text.find('.');
    const auto whole = parse_whole(text.substr(0, dot));
    const std::int64_t first = first_version_ ? 1 : 0;
    const std::int64_t last = 65'536 - (is_bit_table(point.table) ? 1
                                        : point.registers > 0     ? point.registers
                                                                  : modbus::register_count(point.type));
    if (!whole || *whole < first || *whole - first > last) {
      refuse(fmt::format("'{}' is no startingAddress", text));
      return false;
    }
    point.address = static_cast<std::uint16_t>(*whole - first);
    if (point.type != ValueType::boolean || is_bit_table(point.table)) return true;
    const auto bit =
        dot == std::string::npos ? std::optional<std::int64_t>(0) : parse_whole(text.substr(dot + 1));
    if (!bit || *bit < 0 || *bit > 15) {
      refuse(fmt::format("'{}' names no bit from 0 to 15", text));
      return false;
    }
    point.bit = static_cast<std::uint8_t>(*bit);
    return true;
  }

  void set_order(PointDraft& point) {
    const bool bytes = parse_truth(attribute("isByteSwap")).value_or(false);
    const bool words = parse_truth(attribute("isWordSwap")).value_or(false);
    if (!bytes && !words) return;
    const bool two_registers =
        point.type == ValueType::i32 || point.type == ValueType::u32 || point.type == ValueType::f32;
    if (!two_registers) {
      warn(
          "EdgeX swaps only values of 32 bits and ignores isByteSwap and isWordSwap here; so does the "
          "profile",
          "if its values were wrong in EdgeX, set 'order' in the profile");
      return;
    }
    point.order = bytes ? (words ? ByteOrder::dcba : ByteOrder::badc) : ByteOrder::cdab;
  }

  void set_access(PointDraft& point) {
    const std::string_view access = property("readWrite");
    const auto has = [&](char letter) {
      return access.find(letter) != std::string_view::npos ||
             access.find(static_cast<char>(letter + 32)) != std::string_view::npos;
    };
    point.writable = has('W');
    if (point.writable && !has('R'))
      warn("can only be written in EdgeX; here it is read too, to verify what was written");
    if (point.writable && (point.table == Table::input_registers || point.table == Table::discrete_inputs)) {
      point.writable = false;
      warn(fmt::format("nobody can write to {}; read only", attribute("primaryTable")));
    }
    const auto minimum = number("minimum");
    const auto maximum = number("maximum");
    if (!point.writable) return;  // EdgeX looks at them when it writes
    point.minimum = minimum;
    point.maximum = maximum;
    if (minimum && maximum && *minimum > *maximum) {
      point.minimum.reset();
      point.maximum.reset();
      warn(fmt::format("minimum {} is greater than maximum {}; both left out", *minimum, *maximum));
    }
    if (!property("defaultValue").empty())
      warn(fmt::format("the default value {} is not carried over", property("defaultValue")));
  }

  // mask, then shift (to the right when positive), of whole numbers: a range of bits, and a power of two.
  bool set_bits(PointDraft& point) {
    const auto whole = [&](std::string_view key) -> std::int64_t {
      const std::string_view text = property(key);
      const auto number = parse_whole(text);
      if (!text.empty() && !number) warn(fmt::format("{} '{}' is no whole number; ignored", key, text));
      return number.value_or(0);
    };
    const auto mask = static_cast<std::uint64_t>(whole("mask"));
    const std::int64_t shift = whole("shift");
    if (mask == 0 && shift == 0) return true;
    if (!is_whole(point.type) || widened_) {
      warn("EdgeX knows mask and shift only for whole numbers; ignored");
      return true;
    }
    const int width = 16 * modbus::register_count(point.type);
    const bool is_signed = as_unsigned(point.type) != point.type;
    const std::uint64_t all = width == 64 ? ~0ULL : (1ULL << width) - 1;
    const std::uint64_t used = mask == 0 ? all : mask & all;
    const int low = std::countr_zero(used);
    const int high = 64 - std::countl_zero(used);  // one past the highest
    const bool contiguous =
        used != 0 && used >> low == (high - low == 64 ? ~0ULL : (1ULL << (high - low)) - 1);
    const bool cut = shift < 0 && high - shift > width;  // bits that the type loses on the left
    const bool sign = is_signed && high == width;
    const int first = std::max(low, static_cast<int>(std::clamp<std::int64_t>(shift, 0, 64)));
    if (!contiguous || cut || sign || first >= high || high - first > 63 || shift < -63) {
      refuse(fmt::format("mask {} and shift {} are not a range of bits",
                         property("mask").empty() ? "0" : property("mask"), shift),
             "write the bits that matter as points of their own");
      return false;
    }
    point.type = as_unsigned(point.type);
    point.bit = static_cast<std::uint8_t>(first);
    point.bits = static_cast<std::uint8_t>(high - first);
    point.scale = std::ldexp(1, first - static_cast<int>(shift));
    return true;
  }

  bool set_scale(PointDraft& point) {
    const double base = number("base").value_or(0);
    const double scale = number("scale").value_or(0);
    const double offset = number("offset").value_or(0);
    const bool is_number = is_float(point.type) || is_whole(point.type);
    if (!is_number) {
      if (base != 0 || scale != 0 || offset != 0) warn("base, scale and offset mean nothing to it; ignored");
      return true;
    }
    if (base != 0) {
      point.raw = true;
      warn(fmt::format("base {}: a power of the value can not be said in a profile; kept raw, as Count., "
                       "without scale and offset",
                       base),
           "compute the value where it is used");
      return true;
    }
    if (scale != 0) point.scale *= scale;
    point.offset = offset;
    const bool stays_whole = is_whole(point.type) && !widened_;
    const bool fraction = scale != std::floor(scale) || offset != std::floor(offset);
    if (stays_whole && fraction) {
      warn(fmt::format("EdgeX computes scale {} and offset {} in whole numbers and loses the fraction; here "
                       "it is kept",
                       scale == 0 ? 1 : scale, offset),
           "values will differ from those in EdgeX");
    }
    return true;
  }

  const Value& value_;
  bool first_version_;
  config::Findings& findings_;
  const Value* properties_ = nullptr;
  const Value* attributes_ = nullptr;
  std::string units_;
  config::Place from_;
  bool widened_ = false;  // a whole number that EdgeX gives as a float
};

// 1.x nests what a value is one deeper.
bool is_first_version(const Value& resources) {
  return std::ranges::any_of(resources.children, [](const Value& resource) {
    const Value* properties = child(resource, "properties");
    const Value* value = properties == nullptr ? nullptr : child(*properties, "value");
    return value != nullptr && child(*value, "type") != nullptr;
  });
}

class ProfileReader {
 public:
  ProfileReader(const Value& root, config::Findings& findings) : root_(root), findings_(findings) {}

  EdgexProfile read() {
    ProfileDraft& draft = profile_.draft;
    const std::string name(text_of(root_, "name"));
    const std::string maker(text_of(root_, "manufacturer"));
    const std::string model(text_of(root_, "model"));
    draft.id = slug(maker.empty() ? "edgex" : maker) + "/" + slug(name);
    draft.manufacturer = maker.empty() ? "EdgeX import" : maker;
    draft.models = {model.empty() ? name : model};
    draft.description = text_of(root_, "description");
    draft.source = *root_.file;
    draft.limits.max_gap = 0;  // EdgeX never reads what it was not told of
    const Value& resources = *child(root_, "deviceResources");
    const bool first_version = is_first_version(resources);
    if (first_version) {
      findings_.warning(root_.place(),
                        "written for EdgeX 1.x, which counts addresses from 1: each is one less on the wire",
                        "try one value, and add 1 to each address if the profile counts from 0");
    }
    for (const Value& value : resources.children) {
      if (auto point = Resource(value, first_version, findings_).point())
        draft.points.push_back(std::move(*point));
    }
    read_commands("deviceCommands");
    return std::move(profile_);
  }

 private:
  void read_commands(std::string_view key) {
    const Value* commands = child(root_, key);
    if (commands == nullptr) return;
    for (const Value& command : commands->children) {
      std::vector<std::string>& resources = profile_.commands[std::string(text_of(command, "name"))];
      for (const std::string_view list : {"resourceOperations", "get", "set"}) {
        const Value* operations = child(command, list);
        if (operations == nullptr) continue;
        for (const Value& operation : operations->children)
          read_operation(operation, list != "set", resources);
      }
    }
  }

  void read_operation(const Value& operation, bool reads, std::vector<std::string>& resources) {
    std::string_view name = text_of(operation, "deviceResource");
    if (name.empty()) name = text_of(operation, "object");  // before 1.2
    if (reads) resources.emplace_back(name);
    if (const std::string_view value = text_of(operation, "defaultValue"); !value.empty()) {
      findings_.warning(operation.place(),
                        fmt::format("the default value {} of {} is not carried over", value, name));
    }
    if (const Value* mappings = child(operation, "mappings")) read_mappings(*mappings, name);
  }

  void read_mappings(const Value& mappings, std::string_view resource) {
    const auto point = std::ranges::find(profile_.draft.points, resource,
                                         [](const PointDraft& p) { return std::string_view(p.called()); });
    if (point == profile_.draft.points.end()) return;
    for (const Value& mapping : mappings.children) {
      auto number = parse_whole(mapping.key);
      if (const auto truth = parse_truth(mapping.key); !number && truth) number = *truth ? 1 : 0;
      if (!number || *number < 0) {
        findings_.warning(
            mapping.key_place(),
            fmt::format("'{}' of {} is no number; this text is not carried over", mapping.key, resource));
      } else if (std::ranges::find(point->texts, *number, &std::pair<std::int64_t, std::string>::first) ==
                 point->texts.end()) {
        point->texts.emplace_back(*number, mapping.text);
      }
    }
  }

  const Value& root_;
  config::Findings& findings_;
  EdgexProfile profile_;
};

}  // namespace

EdgexProfile read_edgex_profile(const config::Value& root, config::Findings& findings) {
  return ProfileReader(root, findings).read();
}

}  // namespace iw::importers

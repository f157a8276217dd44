#include "importers/volttron_registry.hpp"

#include <algorithm>
#include <charconv>

#include "importers/sources.hpp"
#include "model/words.hpp"

namespace iw::importers {
namespace {

using modbus::ByteOrder;
using modbus::Table;
using modbus::ValueType;
using model::same_word;

config::Place place_of(const Row& row, std::string_view name) {
  return {.file = row.file, .line = row.line, .key = std::string(name)};
}

void left_out(const PointDraft& point, std::string why, std::string remedy, config::Findings& findings) {
  findings.warning(point.from, std::move(why) + "; left out", std::move(remedy));
}

// The driver's rule: bits and words, each read-only or writable, are the four tables.
Table implied_table(bool is_bit, bool writable) {
  if (is_bit) return writable ? Table::coils : Table::discrete_inputs;
  return writable ? Table::holding_registers : Table::input_registers;
}

bool is_bit_table(Table table) { return table == Table::coils || table == Table::discrete_inputs; }

void warn_of_default(const PointDraft& point, std::string_view value, config::Findings& findings) {
  if (value.empty() || !point.writable) return;
  findings.warning(point.from, fmt::format("the default value {} is not carried over", value),
                   "VOLTTRON writes it on revert; here a command ends, and nothing is written in its place");
}

void warn_of_native(const PointDraft& point, std::string_view format, config::Findings& findings) {
  findings.warning(
      point.from,
      fmt::format("'{}' has no byte order of its own: taken as on 64-bit Linux, low byte first, {} registers",
                  format, modbus::register_count(point.type)),
      "check one value against the device");
}

bool fits(const PointDraft& point) {
  const unsigned count = point.registers > 0         ? point.registers
                         : is_bit_table(point.table) ? 1U
                                                     : modbus::register_count(point.type);
  return point.address + count <= 65'536U;
}

bool is_active(const Row& row) { return parse_truth(row.get("Active")).value_or(true); }

// ---- driver_type modbus

std::optional<PointDraft> modbus_point(const Row& row, config::Findings& findings) {
  PointDraft point{.from = place_of(row, row.get("Volttron Point Name")),
                   .unit = std::string(row.get("Units")),
                   .note = std::string(row.get("Notes"))};
  if (point.called().empty()) return std::nullopt;  // as VOLTTRON does
  if (!is_active(row)) {
    left_out(point, "the row is not active", {}, findings);
    return std::nullopt;
  }
  const std::string_view format = row.get("Modbus Register");
  const bool is_bit = same_word(format, "BOOL");
  point.writable = same_word(row.get("Writable"), "true");
  point.table = implied_table(is_bit, point.writable);
  const auto address = parse_whole(row.get("Point Address"));
  if (!address || *address < 0 || *address > 65'535) {
    left_out(point, fmt::format("'{}' is no point address", row.get("Point Address")),
             "write a whole number from 0 to 65535, as on the wire", findings);
    return std::nullopt;
  }
  point.address = static_cast<std::uint16_t>(*address);
  if (is_bit) {
    point.type = ValueType::boolean;
  } else {
    const auto layout = parse_struct(format, same_word(row.get("Mixed Endian"), "true"));
    if (!layout) {
      left_out(point, layout.error().message, layout.error().remedy, findings);
      return std::nullopt;
    }
    point.type = layout->type;
    point.order = layout->order;
    point.registers = layout->registers;
    if (layout->native) warn_of_native(point, format, findings);
  }
  if (!fits(point)) {
    left_out(point, "it ends beyond the last address", {}, findings);
    return std::nullopt;
  }
  warn_of_default(point, row.get("Default Value"), findings);
  return point;
}

// ---- driver_type modbus_tk

// A row of the point table over its row of the map: what it says itself comes first.
struct TkRow {
  const Row* own = nullptr;
  const Row* map = nullptr;

  [[nodiscard]] std::string_view get(std::string_view column) const {
    const std::string_view said = own->get(column);
    return said.empty() && map != nullptr ? map->get(column) : said;
  }
  [[nodiscard]] std::string register_name() const {
    if (own->has("Point Address")) {  // the old format
      std::string name;
      for (const char c : own->get("Reference Point Name"))
        name += c == ' ' ? '_' : model::lower(c);
      return name;
    }
    return std::string(own->get("Register Name"));
  }
  [[nodiscard]] std::string_view name() const {
    const std::string_view name = own->get("Volttron Point Name");
    return name.empty() ? own->get("Register Name") : name;
  }
};

struct Call {  // "scale(0.01)"
  std::string name;
  std::string argument;
};

std::optional<Call> parse_call(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos || open == 0 || !text.ends_with(')')) return std::nullopt;
  return Call{std::string(trim(text.substr(0, open))),
              std::string(trim(text.substr(open + 1, text.size() - open - 2)))};
}

class TkReader {
 public:
  TkReader(const std::vector<Row>& registry, const std::vector<Row>& map, const TkSettings& settings,
           config::Findings& findings)
      : map_(map.empty() ? registry : map), settings_(settings), findings_(findings) {
    for (const Row& row : registry) {
      const std::string_view name = row.get("Register Name");
      if (name.starts_with('#')) continue;
      rows_.push_back({.own = &row, .map = map.empty() || name.empty() ? nullptr : find(name)});
    }
  }

  std::vector<PointDraft> read() {
    for (const TkRow& row : rows_)
      add(row);
    return std::move(points_);
  }

 private:
  [[nodiscard]] const Row* find(std::string_view register_name) const {
    const auto found = std::ranges::find_if(
        map_, [&](const Row& row) { return same_word(row.get("Register Name"), register_name); });
    return found == map_.end() ? nullptr : &*found;
  }

  void add(const TkRow& row) {
    PointDraft point{.from = place_of(*row.own, row.name()),
                     .unit = std::string(row.get("Units")),
                     .note = std::string(row.get("Description"))};
    if (point.called().empty()) return;
    if (!is_active(*row.own)) return left_out(point, "the row is not active", {}, findings_);
    const bool old_format = row.own->has("Point Address");
    if (!old_format && row.map == nullptr && row.get("Address").empty()) {
      return left_out(point, fmt::format("the register map has no '{}'", row.register_name()),
                      "correct the register's name in the table of points", findings_);
    }
    point.writable = parse_truth(row.get("Writable")).value_or(false);
    const auto length = place(row, old_format, point);
    if (!length) return;
    if (!transform(row, point)) return;
    if (!fits(point)) return left_out(point, "it ends beyond the last address", {}, findings_);
    if (parse_truth(row.get("Default Value")).value_or(true) &&
        parse_number(row.get("Default Value")) != 0.0) {
      warn_of_default(point, row.get("Default Value"), findings_);
    }
    if (*length == 1) {
      points_.push_back(std::move(point));
    } else {
      add_array(point, *length);
    }
  }

  void add_array(const PointDraft& array, unsigned length) {
    findings_.warning(array.from, fmt::format("is an array; written as {} points, {}_1 to {}_{}", length,
                                              array.called(), array.called(), length));
    for (unsigned i = 0; i < length; ++i) {
      PointDraft& point = points_.emplace_back(array);
      point.from.key = fmt::format("{}_{}", array.called(), i + 1);
      point.address = static_cast<std::uint16_t>(array.address + i);
    }
  }

  // Type, table and address: how many values there are, none when the row was left out.
  std::optional<unsigned> place(const TkRow& row, bool old_format, PointDraft& point) {
    const std::string type(row.get(old_format ? "Modbus Register" : "Type"));
    const auto refuse = [&](std::string why, std::string remedy = {}) {
      left_out(point, std::move(why), std::move(remedy), findings_);
      return std::nullopt;
    };
    mixed_ =
        parse_truth(row.get("Mixed Endian")).value_or(false) || parse_truth(row.get("Mixed")).value_or(false);
    const auto length = set_type(type, point);
    if (!length) return refuse(length.error().message, length.error().remedy);
    const bool is_bit = point.type == ValueType::boolean;
    const std::string_view table = row.get("Table");
    if (table.empty()) {
      point.table = implied_table(is_bit, point.writable);
    } else if (const auto named = table_named(table)) {
      point.table = *named;
    } else {
      return refuse(fmt::format("'{}' is no table", table));
    }
    if (is_bit != is_bit_table(point.table))
      return refuse(fmt::format("'{}' can not be in the table {}", type, table));
    if (point.writable && (point.table == Table::discrete_inputs || point.table == Table::input_registers)) {
      point.writable = false;
      findings_.warning(point.from, fmt::format("nobody can write to {}; read only", table));
    }
    const std::string_view written = row.get(old_format ? "Point Address" : "Address");
    const auto address = pdu_address(written, point.table);
    if (!address) {
      return refuse(fmt::format("'{}' is no address in its table", written),
                    "look at 'addressing' in the device configuration: offset, offset_plus or address");
    }
    point.address = *address;
    return *length;
  }

  Result<unsigned> set_type(std::string_view type, PointDraft& point) {
    struct Name {
      std::string_view name, format;
    };
    static constexpr std::array names{Name{"int16", "h"},  Name{"uint16", "H"}, Name{"int32", "i"},
                                      Name{"uint32", "I"}, Name{"int64", "q"},  Name{"uint64", "Q"},
                                      Name{"float", "f"}};
    if (same_word(type, "bool") || same_word(type, "?")) {
      point.type = ValueType::boolean;
      return 1U;
    }
    std::string format(type);
    unsigned length = 1;
    if (type.starts_with("string[") && type.ends_with(']')) {
      const auto bytes = parse_whole(type.substr(7, type.size() - 8));
      if (!bytes || *bytes < 1) return fail(ErrorKind::unsupported, fmt::format("'{}' is no type", type));
      format = fmt::format("{}s", (*bytes + 1) / 2 * 2);
    } else if (type.starts_with("array(") && type.ends_with(')')) {
      const std::string_view inside = type.substr(6, type.size() - 7);
      const auto comma = std::min(inside.find(','), inside.size());
      const std::string_view element = trim(inside.substr(0, comma));
      const auto count = parse_whole(inside.substr(std::min(comma + 1, inside.size())));
      if ((element != "int16" && element != "uint16") || !count || *count < 1 || *count > 125) {
        return fail(ErrorKind::unsupported, fmt::format("'{}' is no array of int16 or uint16", type));
      }
      length = static_cast<unsigned>(*count);
      format = element == "int16" ? "h" : "H";
    } else if (const auto* name =
                   std::ranges::find_if(names, [&](const Name& n) { return same_word(n.name, type); });
               name != names.end()) {
      format = name->format;
    }
    const auto layout = parse_struct(format, mixed_, settings_.endian);
    if (!layout) return fail(layout.error());
    point.type = layout->type;
    point.order = layout->order;
    point.registers = layout->registers;
    if (layout->native) warn_of_native(point, type, findings_);
    return length;
  }

  static std::optional<Table> table_named(std::string_view name) {
    if (same_word(name, "discrete_output_coils")) return Table::coils;
    if (same_word(name, "discrete_input_contacts")) return Table::discrete_inputs;
    if (same_word(name, "analog_input_registers")) return Table::input_registers;
    if (same_word(name, "analog_output_holding_registers")) return Table::holding_registers;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::uint16_t> pdu_address(std::string_view written, Table table) const {
    std::int64_t number = 0;
    if (const auto x = written.find_first_of("xX"); x != std::string_view::npos) {
      const std::string_view digits = written.substr(x + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
      if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    } else if (const auto decimal = parse_whole(written)) {
      number = *decimal;
    } else {
      return std::nullopt;
    }
    number -= first_address(table);
    const std::int64_t last = settings_.addressing == Addressing::offset ? 65'535 : 10'000;
    if (number < 0 || number > last) return std::nullopt;
    return static_cast<std::uint16_t>(number);
  }

  [[nodiscard]] std::int64_t first_address(Table table) const {
    if (settings_.addressing == Addressing::offset) return 0;
    if (settings_.addressing == Addressing::offset_plus) return 1;
    switch (table) {
      case Table::coils: return 1;
      case Table::discrete_inputs: return 10'001;
      case Table::input_registers: return 30'001;
      case Table::holding_registers: break;
    }
    return 40'001;
  }

  // ---- transformations; false when the row was left out

  bool transform(const TkRow& row, PointDraft& point) {
    const std::string_view written = row.get("Transform");
    if (written.empty()) return true;
    const auto call = parse_call(written);
    const auto number = call ? parse_number(call->argument) : std::nullopt;
    const bool is_scale = call && (call->name == "scale" || call->name == "scale_int");
    if (is_scale && number && *number != 0) {
      scale(*call, *number, point);
    } else if (call && call->name == "scale_decimal_int_signed" && number && *number != 0 &&
               point.type == ValueType::i16) {
      point.type = ValueType::sign_magnitude;  // what the function undoes
      point.scale = *number;
    } else if (call && (call->name == "scale_reg_pow_10" || call->name == "scale_reg_power10")) {
      scale_register(*call, point);
    } else if (call && call->name.starts_with("mod10k")) {
      return mod10k(*call, point);
    } else {
      keep_raw(point, written);
    }
    return true;
  }

  void keep_raw(PointDraft& point, std::string_view transform,
                std::string_view why = "can not be said in a profile") {
    point.raw = true;
    findings_.warning(
        point.from,
        fmt::format("{} {}; the number is kept as the register holds it, as Count.", transform, why),
        "compute the value where it is used, or read it at a register that holds it ready");
  }

  void scale(const Call& call, double number, PointDraft& point) {
    point.scale = number;
    if (call.name == "scale_int") {
      findings_.warning(point.from,
                        fmt::format("scale_int({}) cuts the fraction off; here it is kept", call.argument));
    }
    if (number < 0 || call.argument.find(' ') != std::string::npos) {
      findings_.warning(point.from, fmt::format("VOLTTRON itself does not read '{}'; taken as a scale of {}",
                                                call.argument, number));
    }
  }

  void scale_register(const Call& call, PointDraft& point) {
    const std::string written = fmt::format("{}({})", call.name, call.argument);
    const Row* of = find(call.argument);
    if (of == nullptr) return keep_raw(point, written, "names a register that is not in the map");
    PointDraft factor{.from = point.from};
    const bool mixed = mixed_;
    const TkRow row{.own = of, .map = nullptr};
    factor.writable = parse_truth(of->get("Writable")).value_or(false);
    config::Findings ignored;  // the factor's own row has told them
    std::swap(ignored, findings_);
    const auto placed = place(row, of->has("Point Address"), factor);
    std::swap(ignored, findings_);
    mixed_ = mixed;
    const bool good = placed == 1U && factor.table == point.table && factor.order == ByteOrder::abcd &&
                      (factor.type == ValueType::i16 || factor.type == ValueType::u16);
    if (!good) return keep_raw(point, written, "needs a factor of 16 bits in the same table");
    const int distance = std::abs(factor.address - point.address);
    if (distance > 90) return keep_raw(point, written, "has its factor too far away for one request");
    point.scale_register = factor.address;
    if (call.name == "scale_reg_power10") {
      findings_.warning(point.from,
                        "VOLTTRON's code knows scale_reg_power10 only as scale_reg_pow_10; taken as that");
    }
  }

  // Digits of 10000, one a register. Which register is worth most, the code decides, not the name of the
  // function.
  bool mod10k(const Call& call, PointDraft& point) {
    const auto reverse = parse_truth(call.argument.empty() ? "false" : call.argument);
    const unsigned wanted = call.name == "mod10k" ? 2 : 4;
    const bool known = call.name == "mod10k" || call.name == "mod10k48" || call.name == "mod10k64";
    const bool words_turned = point.order == ByteOrder::cdab || point.order == ByteOrder::dcba;
    const bool bytes_turned = point.order == ByteOrder::badc || point.order == ByteOrder::dcba;
    const bool whole = point.type == ValueType::u32 || point.type == ValueType::i32 ||
                       point.type == ValueType::u64 || point.type == ValueType::i64;
    if (!known || !reverse || !whole || modbus::register_count(point.type) != wanted) {
      left_out(point, fmt::format("{}({}) does not go with its type", call.name, call.argument),
               "mod10k is for 32 bits, mod10k48 and mod10k64 for 64", findings_);
      return false;
    }
    bool first_is_most = words_turned;
    if (call.name == "mod10k") {
      point.type = ValueType::mod10k_2;
      first_is_most = *reverse == words_turned;
    } else if (call.name == "mod10k64") {
      point.type = ValueType::mod10k_4;
      first_is_most = *reverse != words_turned;
    } else {  // three of the four registers
      point.type = ValueType::mod10k_3;
      if (*reverse != words_turned) ++point.address;
    }
    point.order = first_is_most ? (bytes_turned ? ByteOrder::dcba : ByteOrder::cdab)
                                : (bytes_turned ? ByteOrder::badc : ByteOrder::abcd);
    if (point.writable) {
      point.writable = false;
      findings_.warning(point.from, fmt::format("VOLTTRON can not write through {}; read only", call.name));
    }
    return true;
  }

  const std::vector<Row>& map_;
  TkSettings settings_;
  config::Findings& findings_;
  std::vector<TkRow> rows_;
  std::vector<PointDraft> points_;
  bool mixed_ = false;  // of the row in hand
};

bool any_has(const std::vector<Row>& rows, std::string_view column) {
  return !rows.empty() && rows.front().has(column);
}

// A table may name a point twice; the last one wins, as in VOLTTRON's dictionary.
std::vector<PointDraft> without_doubles(std::vector<PointDraft> points, config::Findings& findings) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < points.size(); ++i)
    last[points[i].called()] = i;
  std::vector<PointDraft> unique;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t winner = last[points[i].called()];
    if (winner == i) {
      unique.push_back(std::move(points[i]));
    } else {
      left_out(points[i],
               fmt::format("the name stands again in line {}, which wins", points[winner].from.line),
               "give each point its own name", findings);
    }
  }
  return unique;
}

}  // namespace

std::vector<PointDraft> modbus_points(const std::vector<Row>& registry, config::Findings& findings) {
  std::vector<PointDraft> points;
  for (const Row& row : registry) {
    if (auto point = modbus_point(row, findings)) points.push_back(std::move(*point));
  }
  return without_doubles(std::move(points), findings);
}

std::vector<PointDraft> modbus_tk_points(const std::vector<Row>& registry, const std::vector<Row>& map,
                                         const TkSettings& settings, config::Findings& findings) {
  return without_doubles(TkReader(registry, map, settings, findings).read(), findings);
}

bool is_modbus_registry(const std::vector<Row>& rows) { return any_has(rows, "Point Address"); }

bool is_modbus_tk_map(const std::vector<Row>& rows) {
  return any_has(rows, "Register Name") && any_has(rows, "Address") && any_has(rows, "Type");
}

}  // namespace iw::importers

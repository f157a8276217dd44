#include "protocols/modbus/profile.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/ranges.h>

#include "base/nearest.hpp"
#include "config/record.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::modbus {
namespace {

using namespace config;  // the tables below read better without it at every word

// The file as it is written: rows of texts and numbers, each field named once, in a table. What they mean
// together is checked and converted afterwards, by the Loader.

enum class AddressBase : std::uint8_t { pdu, one, entity };

struct Sentinel {
  enum class Kind : std::uint8_t { pattern, signed_min, signed_max, ones } kind = Kind::pattern;
  std::uint64_t pattern = 0;
};
using Texts = std::vector<std::pair<std::int64_t, std::string>>;

struct DefaultsRow {
  Table table = Table::holding_registers;
  std::optional<ValueType> type;
  ByteOrder order = ByteOrder::abcd;
  model::RateClass rate = model::RateClass::normal;
  std::vector<Sentinel> sentinels;
};

// Where a value is; shared by points, identity registers and probes.
struct RegisterRow {
  std::optional<std::int64_t> address;
  std::optional<Table> table;
  std::optional<ValueType> type;
  std::optional<ByteOrder> order;
  std::optional<std::uint16_t> registers;
};

struct EnableRow {
  const Value* place = nullptr;
  std::int64_t address = 0;
  std::uint16_t value = 1;
  std::uint16_t mask = 0xFFFF;
};

struct PointRow : RegisterRow {
  const Value* place = nullptr;
  model::PointName name;
  std::string role;
  std::optional<std::uint8_t> bit;
  std::optional<std::uint8_t> bits;
  double scale = 1;
  std::optional<std::string> unit;
  double offset = 0;
  bool negate = false;
  std::optional<std::int64_t> scale_register;
  std::optional<std::vector<Sentinel>> sentinels;
  std::optional<model::RateClass> rate;
  bool writable = false;
  std::vector<EnableRow> enables;
  std::optional<double> minimum;
  std::optional<double> maximum;
  Texts texts;
  std::string label;
  bool overlap = false;
};

struct IdentityRow : RegisterRow {
  const Value* place = nullptr;
};

struct IdentityRows {
  std::optional<IdentityRow> manufacturer, model, version, serial_number;
};

struct DetectRow : RegisterRow {
  const Value* place = nullptr;
  std::string vendor;
  std::string product;
  std::string text;
  std::optional<double> equals;
};

struct ProfileRows : Profile {  // those fields of it that need no second look
  DeviceLimits limits;
  AddressBase base = AddressBase::pdu;
  DefaultsRow defaults;
  IdentityRows identity_rows;
  std::vector<DetectRow> detect_rows;
  std::vector<PointRow> point_rows;
};

// ---- words

constexpr std::array<Word<model::RateClass>, 5> rate_words{{{"fast", model::RateClass::fast},
                                                            {"normal", model::RateClass::normal},
                                                            {"slow", model::RateClass::slow},
                                                            {"thermal", model::RateClass::thermal},
                                                            {"constant", model::RateClass::constant}}};

constexpr std::array<Word<AddressBase>, 3> base_words{
    {{"pdu", AddressBase::pdu}, {"one", AddressBase::one}, {"entity", AddressBase::entity}}};

constexpr std::array<Word<io::Parity>, 3> parity_words{
    {{"none", io::Parity::none}, {"even", io::Parity::even}, {"odd", io::Parity::odd}}};

// ---- rules of this format

// Decimal or 0x, all 64 bits.
std::optional<std::uint64_t> parse_pattern(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  std::uint64_t pattern = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pattern, hex ? 16 : 10);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return pattern;
}

Result<Sentinel> parse_sentinel(std::string_view text) {
  if (text == "min") return Sentinel{Sentinel::Kind::signed_min};
  if (text == "max") return Sentinel{Sentinel::Kind::signed_max};
  if (text == "ones") return Sentinel{Sentinel::Kind::ones};
  if (const auto pattern = parse_pattern(text)) return Sentinel{.pattern = *pattern};
  return fail(
      ErrorKind::invalid_argument, fmt::format("'{}' is no sentinel", text),
      "write the raw value as in 0x8000, or min, max (of a signed number) or ones (of an unsigned one)");
}

// One or more parts of small letters, digits, '-', '_' and '.', with '/' between them.
Result<std::string> parse_id(std::string_view text) {
  const bool letters = !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_./") ==
                                            std::string_view::npos;
  const bool parts =
      !text.starts_with('/') && !text.ends_with('/') && text.find("//") == std::string_view::npos;
  if (letters && parts) return std::string(text);
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' can not be the id of a profile", text),
              "write maker/model in small letters, as in huawei/sun2000");
}

bool read_texts(const Value& value, Texts& out, Findings& findings) {
  if (value.kind != Kind::map) {
    findings.error(value.place(), fmt::format("expected a map of numbers to texts, found {}", show(value)));
    return false;
  }
  bool good = true;
  for (const Value& child : value.children) {
    const auto number = parse_pattern(child.key);
    if (number && child.kind == Kind::scalar) {
      out.emplace_back(static_cast<std::int64_t>(*number), child.text);
    } else {
      findings.error(child.key_place(), "expected a number and its text, as in 3: charging");
      good = false;
    }
  }
  return good;
}

Rule<Texts> texts_rule() {
  return {.shape = {.kind = Shape::Kind::any, .what = "a map of numbers to texts, as in 3: charging"},
          .read = read_texts,
          .show = {}};
}

Rule<model::AssetKind> asset_kind_rule() {
  auto rule = parsed<model::AssetKind>("a kind of asset", model::parse_asset_kind);
  rule.shape.kind = Shape::Kind::word;
  for (unsigned i = 0; i <= static_cast<unsigned>(model::AssetKind::other); ++i) {
    rule.shape.words.emplace_back(model::to_string(static_cast<model::AssetKind>(i)));
  }
  rule.shape.what = fmt::format("one of {}", fmt::join(rule.shape.words, ", "));
  return rule;
}

Rule<std::vector<Sentinel>> sentinels_rule() {
  return list_of<Sentinel>(parsed<Sentinel>("a raw value as 0x8000, or min, max or ones", parse_sentinel));
}

// ---- tables

template <class Row>
Record<Row> register_fields(Record<Row>&& record, bool address_required) {
  const std::string help = "of the register, or of the first";
  auto with_address = address_required
                          ? std::move(record).required("address", &Row::address, integer(0, 465'536), help)
                          : std::move(record).optional("address", &Row::address, integer(0, 465'536), help);
  return std::move(with_address)
      .optional("table", &Row::table, one_of(table_words), "which of the four tables of Modbus")
      .optional("type", &Row::type, one_of(type_words), "how the value lies in its registers")
      .optional("order", &Row::order, one_of(order_words),
                "of the bytes of 32 and 64 bits; abcd is as Modbus means it")
      .optional("registers", &Row::registers, integer(1, 125), "how many, of a string");
}

const Record<PointRow>& point_record() {
  static const auto enable =
      Record<EnableRow>()
          .place(&EnableRow::place)
          .required("address", &EnableRow::address, integer(0, 465'536), "of the holding register")
          .optional("value", &EnableRow::value, integer(0, 65'535), "that it has to hold")
          .optional("mask", &EnableRow::mask, integer(1, 65'535), "bits that are set; the others stay");
  static const auto record =
      register_fields(
          Record<PointRow>()
              .place(&PointRow::place)
              .required("name", &PointRow::name,
                        parsed<model::PointName>("a quantity, as in Voltage.LN.A", model::parse_point_name),
                        "what it is: quantity, phase and part"),
          true)
          .optional("role", &PointRow::role, text(), "which asset of the device it belongs to")
          .optional("bit", &PointRow::bit, integer(0, 63),
                    "lowest bit of a bool or a bit range; 0 is the least significant")
          .optional("bits", &PointRow::bits, integer(1, 63), "width of a bit range")
          .optional("unit", &PointRow::unit, text(), "of the value after scale, as in kW")
          .optional("scale", &PointRow::scale, number(), "value = raw x scale + offset, in the unit")
          .optional("offset", &PointRow::offset, number(), "added after the scale")
          .optional("negate", &PointRow::negate, boolean(),
                    "turns the sign: for us + is into the equipment, for the device it is not")
          .optional("scale_register", &PointRow::scale_register, integer(0, 465'536),
                    "address of a power of ten (SunSpec sunssf) that is read along")
          .optional("sentinels", &PointRow::sentinels, sentinels_rule(),
                    "raw values that mean 'not available'")
          .optional("rate", &PointRow::rate, one_of(rate_words), "how often it wants to be read")
          .optional("writable", &PointRow::writable, boolean(), "whether it may be set")
          .optional("enable", &PointRow::enables, list_of<EnableRow>(enable),
                    "registers that are set after it, in this order, for the device to obey")
          .optional("min", &PointRow::minimum, number(),
                    "least value that may be set, in the unit, with our sign")
          .optional("max", &PointRow::maximum, number(),
                    "greatest value that may be set, in the unit, with our sign")
          .optional("texts", &PointRow::texts, texts_rule(), "what the numbers of a state mean")
          .optional("label", &PointRow::label, text(), "what the maker calls it")
          .optional("overlap", &PointRow::overlap, boolean(),
                    "shares registers with another point on purpose");
  return record;
}

Record<IdentityRow> identity_row() {
  return register_fields(Record<IdentityRow>().place(&IdentityRow::place), true);
}

const Record<ProfileRows>& profile_record() {
  static const auto serial =
      Record<io::SerialSettings>()
          .optional("baud", &io::SerialSettings::baud, integer(300, 4'000'000), "bits a second")
          .optional("data_bits", &io::SerialSettings::data_bits, integer(7, 8), "of a character")
          .optional("parity", &io::SerialSettings::parity, one_of(parity_words), "of a character")
          .optional("stop_bits", &io::SerialSettings::stop_bits, integer(1, 2), "of a character");
  static const auto connection =
      Record<ConnectionDefaults>()
          .optional("port", &ConnectionDefaults::port, integer(1, 65'535), "TCP port")
          .optional("unit", &ConnectionDefaults::unit, integer(0, 255), "unit id")
          .optional("timeout", &ConnectionDefaults::timeout, duration(10ms, 1min), "for an answer")
          .optional("connect_delay", &ConnectionDefaults::connect_delay, duration(0s, 1min),
                    "from connected to the first request")
          .optional("gap", &ConnectionDefaults::gap, duration(0s, 10s), "from an answer to the next request")
          .optional("in_flight", &ConnectionDefaults::in_flight, integer(1, 16),
                    "requests on the way at once")
          .optional("max_connections", &ConnectionDefaults::max_connections, integer(0, 255),
                    "that the device accepts; 0 is not known")
          .optional("serial", &ConnectionDefaults::serial, serial, "of devices on RS-485");
  static const auto limits =
      Record<DeviceLimits>()
          .optional("max_registers", &DeviceLimits::max_registers, integer(1, 125), "of one read")
          .optional("max_bits", &DeviceLimits::max_bits, integer(1, 2000), "of one read")
          .optional("max_gap", &DeviceLimits::max_gap, integer(0, 124),
                    "registers read in vain to join two points")
          .optional("write_single", &DeviceLimits::write_single, boolean(),
                    "one register is written with function 6 rather than 16");
  static const auto defaults =
      Record<DefaultsRow>()
          .optional("table", &DefaultsRow::table, one_of(table_words), "of what does not say it")
          .optional("type", &DefaultsRow::type, one_of(type_words), "of what does not say it")
          .optional("order", &DefaultsRow::order, one_of(order_words), "of what does not say it")
          .optional("rate", &DefaultsRow::rate, one_of(rate_words), "of what does not say it")
          .optional("sentinels", &DefaultsRow::sentinels, sentinels_rule(),
                    "of every point whose type can have them");
  static const auto asset =
      Record<ServedAsset>()
          .required("kind", &ServedAsset::kind, asset_kind_rule(), "what it is")
          .optional("role", &ServedAsset::role, text(), "how the points name it; none for the main asset");
  static const auto caveat = Record<Caveat>()
                                 .required("text", &Caveat::text, text(), "what to beware of")
                                 .optional("link", &Caveat::link, text(), "where more is said");
  static const auto identity =
      Record<IdentityRows>()
          .optional("manufacturer", &IdentityRows::manufacturer, identity_row(),
                    "the register with the maker's name")
          .optional("model", &IdentityRows::model, identity_row(), "the register with the name of the model")
          .optional("version", &IdentityRows::version, identity_row(),
                    "the register with the firmware version")
          .optional("serial_number", &IdentityRows::serial_number, identity_row(), "the register with it");
  static const auto detection =
      register_fields(Record<DetectRow>().place(&DetectRow::place), false)
          .optional("vendor", &DetectRow::vendor, text(), "contained in the vendor name of function 43/14")
          .optional("product", &DetectRow::product, text(),
                    "contained in the product code or model name of 43/14")
          .optional("text", &DetectRow::text, text(), "what the register at the address begins with")
          .optional("equals", &DetectRow::equals, number(), "what the register at the address is");
  static const auto record =
      Record<ProfileRows>()
          .required("profile", &Profile::id, parsed<std::string>("maker/model", parse_id),
                    "id: its path in the catalogue")
          .required("manufacturer", &Profile::manufacturer, text(), "who makes the device")
          .required("models", &Profile::models, list_of<std::string>(text()), "which devices it is good for")
          .optional("description", &Profile::description, text(), "in a sentence")
          .required("assets", &Profile::assets, list_of<ServedAsset>(asset), "what the device is")
          .required("address_base", &ProfileRows::base, one_of(base_words),
                    "how addresses are written: pdu from 0, one from 1, entity as 40001")
          .optional("connection", &Profile::connection, connection, "how such devices want to be spoken to")
          .optional("limits", &ProfileRows::limits, limits, "what the device can not do")
          .optional("caveats", &Profile::caveats, list_of<Caveat>(caveat), "what to beware of")
          .optional("identity", &ProfileRows::identity_rows, identity, "where the device says what it is")
          .optional("detect", &ProfileRows::detect_rows, list_of<DetectRow>(detection),
                    "how to recognise the device: one of these has to hold")
          .optional("defaults", &ProfileRows::defaults, defaults, "of all registers")
          .required("points", &ProfileRows::point_rows, list_of<PointRow>(point_record()),
                    "the values of the device");
  return record;
}

// ---- meaning

bool is_bits(Table table) { return table == Table::coils || table == Table::discrete_inputs; }
bool is_text(ValueType type) { return type == ValueType::string || type == ValueType::string_swapped; }
bool is_signed(ValueType type) {
  return type == ValueType::i16 || type == ValueType::i32 || type == ValueType::i64;
}
bool is_unsigned(ValueType type) {
  return type == ValueType::u8_high || type == ValueType::u8_low || type == ValueType::u16 ||
         type == ValueType::u32 || type == ValueType::u48 || type == ValueType::u64;
}
bool is_partial(const RegisterPoint& p) {
  return p.bits > 0 || p.type == ValueType::boolean || p.type == ValueType::u8_high ||
         p.type == ValueType::u8_low;
}

unsigned bit_width(ValueType type) {
  if (type == ValueType::u8_high || type == ValueType::u8_low) return 8;
  return register_count(type) * 16U;
}

std::uint64_t all_ones(unsigned width) { return width >= 64 ? ~0ULL : (1ULL << width) - 1; }

// The pattern of a sentinel for a type; none when the type can not have it.
std::optional<std::uint64_t> pattern(const Sentinel& sentinel, ValueType type) {
  if (is_text(type) || type == ValueType::boolean) return std::nullopt;
  const std::uint64_t ones = all_ones(bit_width(type));
  switch (sentinel.kind) {
    case Sentinel::Kind::signed_min: return is_signed(type) ? std::optional(ones / 2 + 1) : std::nullopt;
    case Sentinel::Kind::signed_max: return is_signed(type) ? std::optional(ones / 2) : std::nullopt;
    case Sentinel::Kind::ones: return is_unsigned(type) ? std::optional(ones) : std::nullopt;
    case Sentinel::Kind::pattern:
      return sentinel.pattern <= ones ? std::optional(sentinel.pattern) : std::nullopt;
  }
  return std::nullopt;
}

class Loader {
 public:
  Loader(ProfileRows rows, const Value& root, Findings& findings)
      : rows_(std::move(rows)), root_(root), findings_(findings) {}

  Profile load() {
    rows_.map.limits = rows_.limits;
    for (const PointRow& row : rows_.point_rows)
      add_point(row);
    for (const RegisterPoint& point : rows_.map.points)
      rows_.points.insert(point.point.name);
    check_overlaps();
    load_identity();
    load_detection();
    if (rows_.assets.empty()) error(*root_.find("assets"), {}, "a device is at least one asset");
    if (rows_.point_rows.empty()) error(*root_.find("points"), {}, "a profile without points says nothing");
    rows_.map.identity.manufacturer = rows_.manufacturer;
    if (rows_.models.size() == 1) rows_.map.identity.model = rows_.models.front();
    return std::move(rows_);  // only the Profile of it
  }

 private:
  // At the field, or at the row when the field is not written there.
  void error(const Value& row, std::string_view field, std::string message, std::string remedy = {}) {
    const Value* value = row.find(field);
    findings_.error(value == nullptr ? row.place() : value->place(), std::move(message), std::move(remedy));
  }

  // ---- registers

  // The PDU address, and with entity numbers the table.
  std::optional<std::uint16_t> pdu_address(const Value& row, std::string_view field, std::int64_t written,
                                           Table& table, bool table_written) {
    std::int64_t first = 0;
    if (rows_.base == AddressBase::one) {
      first = 1;
    } else if (rows_.base == AddressBase::entity) {
      const std::int64_t unit = written >= 100'000 ? 100'000 : 10'000;
      first = written / unit * unit + 1;
      const std::optional<Table> meant = entity_table(written / unit);
      if (!meant || written < first) {
        error(row, field, fmt::format("{} is no entity number", written),
              "write 1.., 10001.., 30001.. or 40001.., or change address_base");
        return std::nullopt;
      }
      if (table_written && table != *meant) {
        error(row, "table",
              fmt::format("{} is of the table {}, not {}", written, to_string(*meant), to_string(table)));
        return std::nullopt;
      }
      table = *meant;
    }
    if (written < first || written - first > 65'535) {
      error(row, field,
            fmt::format("{} is out of range, allowed are {} to {} with address_base {}", written, first,
                        first + 65'535, word_of(base_words, rows_.base)));
      return std::nullopt;
    }
    return static_cast<std::uint16_t>(written - first);
  }

  static std::optional<Table> entity_table(std::int64_t leading_digit) {
    switch (leading_digit) {
      case 0: return Table::coils;
      case 1: return Table::discrete_inputs;
      case 3: return Table::input_registers;
      case 4: return Table::holding_registers;
      default: return std::nullopt;
    }
  }

  // Table, address, type and order; false when the value can not be there.
  bool place_register(const Value& row, const RegisterRow& written, std::optional<ValueType> fallback,
                      RegisterPoint& out) {
    out.table = written.table.value_or(rows_.defaults.table);
    const auto address = pdu_address(row, "address", *written.address, out.table, written.table.has_value());
    if (!address) return false;
    out.address = *address;
    out.order = written.order.value_or(rows_.defaults.order);
    const std::optional<ValueType> type = written.type         ? written.type
                                          : is_bits(out.table) ? std::optional(ValueType::boolean)
                                                               : fallback;
    if (!type) {
      error(row, {}, "'type' is missing: how the value lies in its registers");
      return false;
    }
    out.type = *type;
    out.string_registers = written.registers.value_or(0);
    return check_fit(row, written, out);
  }

  bool check_fit(const Value& row, const RegisterRow& written, const RegisterPoint& point) {
    const std::string_view type = to_string(point.type);
    if (is_bits(point.table) && point.type != ValueType::boolean) {
      error(row, "type", fmt::format("a {} holds one bit, not {}", to_string(point.table), type),
            "leave the type out, or name the table input or holding");
      return false;
    }
    if (is_text(point.type) && !written.registers) {
      error(row, "type", "a string needs 'registers': how many it takes");
      return false;
    }
    if (!is_text(point.type) && written.registers) {
      error(row, "registers",
            fmt::format("'registers' is for strings; {} takes {}", type, register_count(point.type)));
      return false;
    }
    const unsigned count = register_count(point);
    if (point.address + count > 65'536U) {
      error(row, "address",
            fmt::format("{} takes {} registers and would end beyond the last address", type, count));
      return false;
    }
    const unsigned most = rows_.map.limits.max_registers;
    if (!is_bits(point.table) && count > most) {
      error(
          row, is_text(point.type) ? "registers" : "type",
          fmt::format(
              "the value takes {} registers, but the device gives at most {} at once (limits.max_registers)",
              count, most));
      return false;
    }
    const bool long_order = point.order == ByteOrder::efghabcd || point.order == ByteOrder::fehgbadc;
    if (written.order && long_order && count != 4) {
      error(row, "order", fmt::format("this order is for values of 4 registers, {} takes {}", type, count));
      return false;
    }
    return true;
  }

  // ---- points

  void add_point(const PointRow& row) {
    const Value& place = *row.place;
    RegisterPoint point;
    point.point.name = row.name;
    point.point.role = row.role;
    point.point.rate = row.rate.value_or(rows_.defaults.rate);
    point.point.texts = row.texts;
    check_name(place, row);
    if (!place_register(place, row, rows_.defaults.type, point)) return;
    check_bits(place, row, point);
    convert(place, row, point);
    add_sentinels(place, row, point);
    add_scale_register(place, row, point);
    check_writable(place, row, point);
    add_enables(place, row, point);
    point.point.source = source(row, point);
    rows_.map.points.push_back(std::move(point));
    places_.push_back(&row);
  }

  void check_name(const Value& place, const PointRow& row) {
    const auto [first, is_new] = names_.try_emplace({row.role, row.name}, place.line);
    if (!is_new) {
      error(place, "name", fmt::format("{} is already in line {}", model::to_string(row.name), first->second),
            "give one of them another phase, part ('.mppt2') or role");
    }
    std::vector<std::string_view> roles;
    for (const ServedAsset& asset : rows_.assets)
      roles.push_back(asset.role);
    if (std::ranges::find(roles, row.role) != roles.end()) return;
    if (row.role.empty()) {
      error(place, {}, "the point has no role, but every asset has one",
            "name the role, or leave it out of an asset");
    } else {
      std::erase(roles, "");
      error(place, "role",
            fmt::format("no asset has the role '{}'{}", row.role, suggestion(row.role, roles)));
    }
  }

  void check_bits(const Value& place, const PointRow& row, RegisterPoint& point) {
    point.bit = row.bit.value_or(0);
    point.bits = row.bits.value_or(0);
    if (!row.bit && !row.bits) return;
    const bool whole = is_unsigned(point.type) || is_signed(point.type);
    const unsigned width = point.type == ValueType::boolean ? 16 : bit_width(point.type);
    const unsigned end = point.bit + std::max<unsigned>(point.bits, 1);
    if (is_bits(point.table)) {
      error(place, row.bit ? "bit" : "bits", "a coil or discrete input is one bit already");
    } else if (point.type == ValueType::boolean ? point.bits > 1 : !whole) {
      error(place, "bits", fmt::format("{} has no bit range", to_string(point.type)), "use u16 or u32");
    } else if (point.type != ValueType::boolean && !row.bits) {
      error(place, "bit", "a bit range needs 'bits', its width", "for one bit make the type bool");
    } else if (end > width) {
      error(place, row.bits ? "bits" : "bit",
            fmt::format("the bits end at {}, but {} has {}", end, to_string(point.type), width));
    }
  }

  // Unit, scale, offset and sign become one line: canonical = raw x scale + offset.
  void convert(const Value& place, const PointRow& row, RegisterPoint& point) {
    const model::QuantityInfo& quantity = model::info(row.name.quantity);
    if ((quantity.cim_class == model::CimClass::StringMeasurement) != is_text(point.type)) {
      error(place, "type",
            is_text(point.type) ? fmt::format("{} is a number, not a string", quantity.name)
                                : fmt::format("{} is a text, not {}", quantity.name, to_string(point.type)),
            is_text(point.type) ? "texts have the quantity Text" : "");
      return;
    }
    model::Conversion conversion{quantity.unit, 1, 0};
    const bool needs_unit = quantity.unit != model::Unit::none && quantity.unit != model::Unit::count &&
                            quantity.unit != model::Unit::power_factor;
    if (row.unit) {
      const auto parsed_unit = model::parse_unit(*row.unit);
      if (!parsed_unit) {
        error(place, "unit", fmt::format("'{}' is no unit we know", *row.unit));
        return;
      }
      if (parsed_unit->unit != quantity.unit) {
        error(place, "unit", fmt::format("'{}' can not be the unit of {}", *row.unit, quantity.name),
              needs_unit ? fmt::format("it is measured in {}", model::to_string(quantity.unit))
                         : "leave the unit out");
        return;
      }
      conversion = *parsed_unit;
    } else if (needs_unit) {
      error(place, {},
            fmt::format("'unit' is missing: {} is measured in {}, with or without prefix", quantity.name,
                        model::to_string(quantity.unit)));
      return;
    }
    if (row.scale == 0) error(place, "scale", "a scale of 0 would make every value 0");
    const bool negative = row.negate != (row.scale < 0);
    if (quantity.sign == model::SignRule::never_negative && negative) {
      error(place, row.negate ? "negate" : "scale", fmt::format("{} is never negative", quantity.name),
            "energy and ratings have no sign: for the other direction take the other quantity, as "
            "EnergyExport");
    }
    const double sign = row.negate ? -1 : 1;
    point.scale = row.scale * conversion.scale * sign;
    point.offset = (row.offset * conversion.scale + conversion.offset) * sign;
    if (row.minimum) point.point.minimum = *row.minimum * conversion.scale + conversion.offset;
    if (row.maximum) point.point.maximum = *row.maximum * conversion.scale + conversion.offset;
  }

  void add_sentinels(const Value& place, const PointRow& row, RegisterPoint& point) {
    for (const Sentinel& sentinel : row.sentinels ? *row.sentinels : rows_.defaults.sentinels) {
      if (const auto bits = pattern(sentinel, point.type)) {
        point.sentinels.push_back(*bits);
      } else if (row.sentinels) {
        error(place, "sentinels",
              sentinel.kind == Sentinel::Kind::pattern
                  ? fmt::format("{:#x} is wider than {}", sentinel.pattern, to_string(point.type))
                  : fmt::format("{} has no such value", to_string(point.type)),
              "min and max are of signed, ones is of unsigned numbers; NaN needs no mention");
      }
    }
    std::ranges::sort(point.sentinels);
    const auto repeated = std::ranges::unique(point.sentinels);
    point.sentinels.erase(repeated.begin(), repeated.end());
  }

  void add_scale_register(const Value& place, const PointRow& row, RegisterPoint& point) {
    if (!row.scale_register) return;
    Table table = point.table;
    const auto address = pdu_address(place, "scale_register", *row.scale_register, table, true);
    if (!address) return;
    const int first = std::min(*address, point.address);
    const int last = std::max(*address + 1, point.address + register_count(point));
    if (last - first > rows_.map.limits.max_registers) {
      error(place, "scale_register",
            fmt::format("it is too far from the value: both have to come in one read of at most {} registers",
                        rows_.map.limits.max_registers));
      return;
    }
    point.scale_register = ScaleRegister{*address};
  }

  void check_writable(const Value& place, const PointRow& row, RegisterPoint& point) {
    if (!row.writable) {
      if (row.minimum || row.maximum)
        error(place, row.minimum ? "min" : "max", "min and max are for writable points");
      return;
    }
    point.point.writable = true;
    if (point.table == Table::input_registers || point.table == Table::discrete_inputs) {
      error(place, "writable", fmt::format("nobody can write to the table {}", to_string(point.table)));
    }
    const auto& [low, high] = std::pair(point.point.minimum, point.point.maximum);
    if (low && high && *low > *high) error(place, "min", "min is greater than max");
    const bool setpoint = model::info(row.name.quantity).cim_class == model::CimClass::SetPoint;
    if (setpoint && (!low || !high)) {
      findings_.warning(place.place(), "a set-point without min and max can be set to anything");
    }
  }

  void add_enables(const Value& place, const PointRow& row, RegisterPoint& point) {
    if (!row.enables.empty() && !row.writable) error(place, "enable", "enable is for writable points");
    for (const EnableRow& enable : row.enables) {
      Table table = Table::holding_registers;
      const auto address = pdu_address(*enable.place, "address", enable.address, table, true);
      if (!address) continue;
      if ((enable.value & ~unsigned{enable.mask}) != 0) {
        error(*enable.place, "value",
              fmt::format("{} has bits outside of the mask {:#x}", enable.value, enable.mask));
      }
      point.enables.push_back({.address = *address, .value = enable.value, .mask = enable.mask});
    }
  }

  static std::string source(const PointRow& row, const RegisterPoint& point) {
    std::string out = fmt::format("{} {}", to_string(point.table), point.address);
    if (!is_bits(point.table)) out += fmt::format(" {}", to_string(point.type));
    if (point.bits > 0) {
      out += fmt::format(" bits {}..{}", point.bit, point.bit + point.bits - 1);
    } else if (point.type == ValueType::boolean && !is_bits(point.table)) {
      out += fmt::format(" bit {}", point.bit);
    }
    if (row.scale != 1) out += fmt::format(" x {}", row.scale);
    if (point.scale_register) out += fmt::format(" x 10^({})", point.scale_register->address);
    if (row.unit) out += " " + *row.unit;
    if (!row.label.empty()) out += fmt::format(" ({})", row.label);
    for (const EnableRegister& enable : point.enables)
      out += fmt::format(", then {} in {}", enable.value, enable.address);
    return out;
  }

  // Two values in the same registers are a slip of the pen, unless one is a part of the other or the file
  // says so.
  void check_overlaps() {
    const auto& points = rows_.map.points;
    std::vector<std::size_t> order(points.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::ranges::sort(order, {},
                      [&](std::size_t i) { return std::tuple(points[i].table, points[i].address, i); });
    for (std::size_t a = 0; a < order.size(); ++a) {
      const RegisterPoint& first = points[order[a]];
      const std::uint32_t end = first.address + std::uint32_t{register_count(first)};
      for (std::size_t b = a + 1; b < order.size(); ++b) {
        const RegisterPoint& second = points[order[b]];
        if (second.table != first.table || second.address >= end) break;
        if (may_share(first, second) || places_[order[a]]->overlap || places_[order[b]]->overlap) continue;
        const std::size_t later = std::max(order[a], order[b]);
        const std::size_t earlier = std::min(order[a], order[b]);
        error(*places_[later]->place, "address",
              fmt::format("{} is in the same registers as {} in line {}",
                          model::to_string(points[later].point.name),
                          model::to_string(points[earlier].point.name), places_[earlier]->place->line),
              "correct the address or the type, or write overlap: true");
      }
    }
  }

  static bool may_share(const RegisterPoint& a, const RegisterPoint& b) {
    if (!is_partial(a) && !is_partial(b)) return false;
    const bool same = a.type == b.type && a.bit == b.bit && a.bits == b.bits && a.address == b.address;
    return !same;
  }

  // ---- identity and detection

  void load_identity() {
    const auto add = [&](std::string_view what, const std::optional<IdentityRow>& row) {
      if (!row) return;
      RegisterPoint point;
      point.point.name = {.quantity = model::Quantity::Text, .component = std::string(what)};
      point.point.rate = model::RateClass::constant;
      if (place_register(*row->place, *row, ValueType::string, point)) {
        rows_.identity.push_back(std::move(point));
      }
    };
    add("manufacturer", rows_.identity_rows.manufacturer);
    add("model", rows_.identity_rows.model);
    add("version", rows_.identity_rows.version);
    add("serial_number", rows_.identity_rows.serial_number);
  }

  void load_detection() {
    for (const DetectRow& row : rows_.detect_rows) {
      const Value& place = *row.place;
      Detection detection{
          .vendor = row.vendor, .product = row.product, .probe = {}, .text = row.text, .equals = row.equals};
      const bool wants_probe = !row.text.empty() || row.equals;
      if (row.address.has_value() != wants_probe) {
        error(place, "address", "a probe needs an address and what to find there: text or equals");
      } else if (wants_probe) {
        RegisterPoint probe;
        if (!place_register(place, row, row.equals ? ValueType::u16 : ValueType::string, probe)) continue;
        if (is_text(probe.type) != row.text.size() > 0) {
          error(place, "type", "text is for strings, equals for numbers");
        }
        detection.probe = std::move(probe);
      } else if (row.vendor.empty() && row.product.empty()) {
        error(place, {}, "nothing to recognise the device by",
              "give vendor, product, or address and text or equals");
      }
      rows_.detect.push_back(std::move(detection));
    }
  }

  ProfileRows rows_;
  const Value& root_;
  Findings& findings_;
  std::map<std::pair<std::string, model::PointName>, int> names_;
  std::vector<const PointRow*> places_;  // of map.points
};

}  // namespace

std::optional<Profile> load_profile(std::string_view file, std::string_view text,
                                    config::Findings& findings) {
  Findings mine;
  std::optional<Profile> profile;
  if (const auto document = Document::parse(file, text, mine)) {
    ProfileRows rows;
    if (profile_record().read(document->root(), rows, mine)) {
      profile = Loader(std::move(rows), document->root(), mine).load();
    }
  }
  if (!mine.ok()) profile.reset();
  findings.add(mine);
  return profile;
}

std::string profile_json_schema() {
  return config::json_schema(profile_record().shape(), "Interwatt device profile (Modbus)");
}

std::string profile_documentation() { return config::markdown_table(profile_record().shape()); }

}  // namespace iw::modbus

#include "protocols/modbus/profile_rows.hpp"

#include <charconv>

#include <fmt/ranges.h>

#include "driver/profile_fields.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::modbus {
namespace {

using namespace config;  // the tables below read better without it at every word

using driver::rate_words;

constexpr std::array<Word<io::Parity>, 3> parity_words{
    {{"none", io::Parity::none}, {"even", io::Parity::even}, {"odd", io::Parity::odd}}};

constexpr std::array<Word<Heartbeat::Beat>, 3> beat_words{{{"constant", Heartbeat::Beat::constant},
                                                           {"toggle", Heartbeat::Beat::toggle},
                                                           {"count", Heartbeat::Beat::count}}};
constexpr std::array<Word<ValueType>, 2> timer_type_words{{{"u16", ValueType::u16}, {"u32", ValueType::u32}}};

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

const Record<RevertRow>& revert_record() {
  static const auto record =
      Record<RevertRow>()
          .place(&RevertRow::place)
          .optional("after", &RevertRow::after, duration(1s, 24h), "the time, where it can not be set")
          .optional("address", &RevertRow::address, integer(0, 465'536),
                    "of the holding register that takes the time; 0 is never")
          .optional("type", &RevertRow::type, one_of(timer_type_words), "of the time")
          .optional("order", &RevertRow::order, one_of(order_words), "of its bytes")
          .optional("unit", &RevertRow::unit, duration(1ms, 1h), "what one of it is")
          .optional("value", &RevertRow::value, integer(0, 465'536),
                    "address of what it falls back to, which lies there as the point in its place");
  return record;
}

const Record<HeartbeatRow>& heartbeat_record() {
  static const auto record =
      Record<HeartbeatRow>()
          .place(&HeartbeatRow::place)
          .required("address", &HeartbeatRow::address, integer(0, 465'536), "of the holding register")
          .optional("beat", &HeartbeatRow::beat, one_of(beat_words),
                    "what is written: constant a value, toggle turns bits, count is one more each time")
          .optional(
              "value", &HeartbeatRow::value, integer(0, 65'535),
              "that is written (1); the bits that are turned (1); the last before 0 comes again (65535)")
          .required("timeout", &HeartbeatRow::timeout, duration(1s, 24h),
                    "without it the device falls back after so long");
  return record;
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
          .optional("revert", &PointRow::revert, revert_record(),
                    "that the device falls back by itself when it is not written again")
          .optional("heartbeat", &PointRow::heartbeat, heartbeat_record(),
                    "a register that has to be written again and again for the device to obey")
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

}  // namespace

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
          .required("profile", &Profile::id, driver::profile_id(), "id: its path in the catalogue")
          .required("manufacturer", &Profile::manufacturer, text(), "who makes the device")
          .required("models", &Profile::models, list_of<std::string>(text()), "which devices it is good for")
          .optional("description", &Profile::description, text(), "in a sentence")
          .required("assets", &Profile::assets, list_of<ServedAsset>(driver::asset_record()),
                    "what the device is")
          .required("address_base", &ProfileRows::base, one_of(base_words),
                    "how addresses are written: pdu from 0, one from 1, entity as 40001")
          .optional("connection", &Profile::connection, connection, "how such devices want to be spoken to")
          .optional("limits", &ProfileRows::limits, limits, "what the device can not do")
          .optional("caveats", &Profile::caveats, list_of<Caveat>(driver::caveat_record()),
                    "what to beware of")
          .optional("identity", &ProfileRows::identity_rows, identity, "where the device says what it is")
          .optional("detect", &ProfileRows::detect_rows, list_of<DetectRow>(detection),
                    "how to recognise the device: one of these has to hold")
          .optional("defaults", &ProfileRows::defaults, defaults, "of all registers")
          .required("points", &ProfileRows::point_rows, list_of<PointRow>(point_record()),
                    "the values of the device");
  return record;
}

void add_error(Findings& findings, const Value& row, std::string_view field, std::string message,
               std::string remedy) {
  const Value* value = row.find(field);
  findings.error(value == nullptr ? row.place() : value->place(), std::move(message), std::move(remedy));
}

}  // namespace iw::modbus

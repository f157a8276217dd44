// The rows of a profile as they are written: texts and numbers, each field named once, in a table. What they
// mean together is checked and converted afterwards (profile.cpp).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/record.hpp"
#include "protocols/modbus/profile.hpp"

namespace iw::modbus {

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
  const config::Value* place = nullptr;
  std::int64_t address = 0;
  std::uint16_t value = 1;
  std::uint16_t mask = 0xFFFF;
};

struct RevertRow {
  const config::Value* place = nullptr;
  std::optional<Duration> after;
  std::optional<std::int64_t> address;
  ValueType type = ValueType::u16;
  std::optional<ByteOrder> order;
  Duration unit = 1s;
  std::optional<std::int64_t> value;
};

struct HeartbeatRow {
  const config::Value* place = nullptr;
  std::int64_t address = 0;
  Heartbeat::Beat beat = Heartbeat::Beat::count;
  std::optional<std::uint16_t> value;
  Duration timeout{};
};

struct PointRow : RegisterRow {
  const config::Value* place = nullptr;
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
  std::optional<RevertRow> revert;
  std::optional<HeartbeatRow> heartbeat;
  std::optional<double> minimum;
  std::optional<double> maximum;
  Texts texts;
  std::string label;
  bool overlap = false;
};

struct IdentityRow : RegisterRow {
  const config::Value* place = nullptr;
};

struct IdentityRows {
  std::optional<IdentityRow> manufacturer, model, version, serial_number;
};

struct DetectRow : RegisterRow {
  const config::Value* place = nullptr;
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

inline constexpr std::array<config::Word<AddressBase>, 3> base_words{
    {{"pdu", AddressBase::pdu}, {"one", AddressBase::one}, {"entity", AddressBase::entity}}};

const config::Record<ProfileRows>& profile_record();

// At the field, or at the row when the field is not written there.
void add_error(config::Findings& findings, const config::Value& row, std::string_view field,
               std::string message, std::string remedy);

}  // namespace iw::modbus

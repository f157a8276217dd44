// The words of Modbus: tables, addresses, units, and how a number lies in registers.
//
// A RegisterPoint says where one value of a device is and how to turn it into the canonical unit. A
// RegisterMap is all of them for one device model: it comes from a profile (YAML) or from SunSpec discovery.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strong.hpp"
#include "base/time.hpp"
#include "model/point.hpp"

namespace iw::modbus {

using UnitId = Strong<std::uint8_t, struct UnitIdTag>;

// The four tables of MODBUS Application Protocol 4.3. Addresses are those of the PDU, from 0.
enum class Table : std::uint8_t { coils, discrete_inputs, input_registers, holding_registers };

enum class ValueType : std::uint8_t {
  boolean,  // one bit of a coil, a discrete input or a register
  u8_high,
  u8_low,
  u16,
  i16,
  u32,
  i32,
  u48,
  u64,
  i64,
  f16,
  f32,
  f64,
  sign_magnitude,  // bit 15 is the sign
  bcd16,
  bcd32,
  bcd64,
  mod10k_2,
  mod10k_3,
  mod10k_4,        // each register 0..9999, low register first
  string,          // two characters a register, high byte first
  string_swapped,  // low byte first
};

// Order of the bytes of a 32 or 64 bit value, A the most significant: the four orders of 32 bits, and for 64
// bits the same four rules over two or four words.
enum class ByteOrder : std::uint8_t {
  abcd,  // big: ABCD, ABCDEFGH (Modbus as meant)
  cdab,  // words swapped: CDAB, GHEFCDAB
  badc,  // bytes swapped in each word: BADC, BADCFEHG
  dcba,  // little: DCBA, HGFEDCBA
  // 64 bits only: the halves swapped as 32-bit values
  efghabcd,
  fehgbadc,
};

// Where a scale factor lies: value = raw x 10^factor (SunSpec sunssf), read in the same reply as the value.
struct ScaleRegister {
  std::uint16_t address = 0;

  friend bool operator==(const ScaleRegister&, const ScaleRegister&) = default;
};

// A holding register that has to hold a value for the device to obey another one (SunSpec 123.WMaxLim_Ena,
// 704.WSetMod): set after that one, each time, because devices take a new value over with it.
struct EnableRegister {
  std::uint16_t address = 0;
  std::uint16_t value = 1;
  std::uint16_t mask = 0xFFFF;                 // the bits of it that are set; the others stay as they are
  std::optional<std::uint16_t> sentinel = {};  // what a device shows that needs no such register

  friend bool operator==(const EnableRegister&, const EnableRegister&) = default;
};

// Holding registers that say after how long a device falls back by itself when a point is not written again
// (SunSpec 123.WMaxLimPct_RvrtTms, 704.WSetRvrtTms): set after the point and before what enables it.
struct RevertTimer {
  std::uint16_t address = 0;
  ValueType type = ValueType::u16;
  ByteOrder order = ByteOrder::abcd;
  Duration unit = 1s;                               // of a count; 0 counts: never
  std::optional<std::uint16_t> value_address = {};  // what it then takes, as the point lies in its own place
  std::optional<EnableRegister> value_enable = {};  // for that to be in force

  friend bool operator==(const RevertTimer&, const RevertTimer&) = default;
};

// A holding register that has to be written again and again for a device to go on obeying a point.
struct Heartbeat {
  enum class Beat : std::uint8_t { constant, toggle, count };

  std::uint16_t address = 0;
  Beat beat = Beat::count;
  std::uint16_t value = 0xFFFF;  // that is written; the bits that are turned; the last before 0 comes again

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

struct RegisterPoint {
  model::Point point;
  Table table = Table::holding_registers;
  std::uint16_t address = 0;
  ValueType type = ValueType::u16;
  ByteOrder order = ByteOrder::abcd;
  std::uint16_t string_registers = 0;  // of a string
  std::uint8_t bit = 0;                // lowest bit of a boolean or a bit range
  std::uint8_t bits = 0;               // width of a bit range; 0: the whole value
  double scale = 1;                    // canonical = (raw x 10^scale_register) x scale + offset
  double offset = 0;
  std::optional<ScaleRegister> scale_register = {};
  std::optional<Duration> period = {};        // how often it is read; none: as its rate class says
  std::vector<std::uint64_t> sentinels = {};  // raw bit patterns that mean "not available"
  bool zero_is_sentinel = false;              // SunSpec acc*
  bool magnitude = false;                     // the sign is dropped (a power factor, an undirected current)
  // Of an enumeration: raw value -> canonical value, instead of scale and offset. A raw value that is not
  // listed is not available; a canonical value that is not listed can not be written. Empty: no translation.
  std::vector<std::pair<std::int64_t, std::int64_t>> translate = {};
  std::optional<RevertTimer> revert_timer = {};  // set when the point is written, as the command says
  std::optional<Heartbeat> heartbeat = {};       // likewise
  std::vector<EnableRegister> enables = {};      // then these, in this order

  friend bool operator==(const RegisterPoint&, const RegisterPoint&) = default;
};

// Extra constraints of a device model.
struct DeviceLimits {
  std::uint16_t max_registers = 125;  // of one read
  std::uint16_t max_bits = 2000;
  std::uint16_t max_gap = 16;  // registers read in vain to join two points
  bool write_single = true;    // one register is written with FC 6 rather than FC 16

  friend bool operator==(const DeviceLimits&, const DeviceLimits&) = default;
};

struct RegisterMap {
  std::vector<RegisterPoint> points;  // position = PointId::index
  DeviceLimits limits;
  model::DeviceIdentity identity;
  std::map<std::string, model::AssetKind, std::less<>> kinds = {};  // by role; those that were found out
  std::vector<std::string> warnings = {};                           // of the discovery, for people
  bool cut_short = false;  // the device fell silent in it: there may be more, it is discovered again

  friend bool operator==(const RegisterMap&, const RegisterMap&) = default;
};

// How many registers the value takes (bits of coils: 1).
std::uint16_t register_count(const RegisterPoint& point);
std::uint16_t register_count(ValueType type);

}  // namespace iw::modbus

// The information models of SunSpec: what lies where in the registers of a model. Pure data, and the
// questions to it.
//
// Offsets of a model count registers from its ID register: ID is 0, L is 1, the first point 2. Offsets of a
// group count from the group's begin. The model says what should be there; the device's own L says what is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace iw::sunspec {

// SunSpec Device Information Model Specification, "Point types".
enum class Type : std::uint8_t {
  int16,
  uint16,
  count,
  acc16,
  enum16,
  bitfield16,
  pad,
  sunssf,
  int32,
  uint32,
  acc32,
  enum32,
  bitfield32,
  ipaddr,
  float32,
  int64,
  uint64,
  acc64,
  float64,
  eui48,
  ipv6addr,
  string,
};

std::string_view to_string(Type type);
bool is_accumulator(Type type);
bool is_float(Type type);
bool is_signed(Type type);
bool is_bitfield(Type type);
bool is_number(Type type);  // has a value that a scale factor can apply to

// What kind of registers hold no value: the raw bit patterns that mean "not implemented".
std::span<const std::uint64_t> sentinels(Type type);
// 0 of an accumulator, NaN of a float, the highest bit of a bit field, ... `raw` as it lies in the registers.
bool is_sentinel(Type type, std::uint64_t raw);

using Flags = std::uint8_t;
constexpr Flags rw = 1;
constexpr Flags mandatory = 2;  // noted of accumulators only: there it decides whether 0 is a value

struct PointDefinition {
  std::string_view name;
  std::uint16_t offset = 0;
  Type type{};
  std::uint16_t size = 1;  // registers
  std::string_view scale_factor =
      {};  // a sunssf point of the group or one around it, or the exponent itself: "-1"
  std::string_view unit = {};
  Flags flags = 0;

  [[nodiscard]] constexpr bool writable() const { return (flags & rw) != 0; }
};

enum class Repeat : std::uint8_t { once, counted, to_end };

struct GroupDefinition {
  std::string_view name;
  Repeat repeat = Repeat::once;
  std::string_view count_point = {};  // of the model: how many there are, when counted
  std::span<const PointDefinition> points = {};
  std::span<const GroupDefinition> groups = {};
};

struct ModelDefinition {
  std::uint16_t id = 0;
  std::string_view name;
  std::span<const PointDefinition> points = {};  // the fixed block, without ID and L
  std::span<const GroupDefinition> groups = {};

  [[nodiscard]] const PointDefinition* find(std::string_view point) const;  // of the fixed block
};

std::vector<const ModelDefinition*> all_models();
const ModelDefinition* find_model(std::uint16_t id);  // nullptr: not a public model

constexpr std::uint16_t header_registers = 2;  // ID and L

// One point of a concrete model: groups repeated, offsets from the ID register.
struct PlacedPoint {
  const PointDefinition* definition = nullptr;
  std::string path;              // "W", "Prt[1].DCW": groups that repeat count from 1
  std::string family;            // the same without the numbers: "Prt.DCW"
  std::uint16_t repetition = 0;  // of the outermost group that repeats, from 1; 0: none
  std::uint32_t offset = 0;
  std::optional<std::uint32_t> scale_offset = {};  // where the scale factor lies
  std::int8_t exponent = 0;                        // the scale factor, when it is a constant
};

// The value of the register at an offset, as far as it is known: for the points that count groups.
using RegisterAt = std::function<std::optional<std::uint16_t>(std::uint32_t offset)>;

// All points of the model that lie wholly within the device's L.
std::vector<PlacedPoint> layout(const ModelDefinition& model, std::uint16_t length, const RegisterAt& at);

// The offsets of the points that count groups, each once.
std::vector<std::uint16_t> count_offsets(const ModelDefinition& model);

}  // namespace iw::sunspec

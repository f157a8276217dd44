// Point: one measured or settable quantity of an asset (CIM Analog, Accumulator, Discrete or
// StringMeasurement), and DeviceDescription: all that a driver knows about the points of one device,
// published when it learns them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "model/ids.hpp"
#include "model/phase.hpp"
#include "model/quantity.hpp"

namespace iw::model {

enum class AssetKind : std::uint8_t;  // asset.hpp

// How often a point wants to be read. The numbers behind the names are configuration (polling/rates.hpp).
enum class RateClass : std::uint8_t { fast, normal, slow, thermal, constant };

// What a point is called within its asset: quantity, phase, component, as in "ActivePower", "Voltage.LN.A",
// "DcPower.mppt2", "Current.A.string1". The phase is canonical (canonical_phase in quantity.hpp):
// Voltage.LN.A is AN.
struct PointName {
  Quantity quantity{};
  Phase phase = Phase::none;
  std::string component = {};  // the part of the asset: "mppt2", "string1"; empty for the whole

  friend auto operator<=>(const PointName&, const PointName&) = default;
};

std::string to_string(const PointName& name);

// The inverse of to_string. Refuses an unknown quantity, a phase that the quantity can not have, and a
// component that is not made of letters, digits, '-' and '_' (parts between dots) or that begins like a
// phase.
Result<PointName> parse_point_name(std::string_view text);

// The same name with the canonical phase, or why there is no such point.
Result<PointName> canonical(PointName name);

// That a device does not hold a value for ever: it falls back by itself when the point is not written again.
struct Fallback {
  std::optional<Duration> after = {};  // none: as long as it is told (Revert::after)
  bool to_value = false;               // to a value that it is told; else to what is set in the device

  friend auto operator<=>(const Fallback&, const Fallback&) = default;
};

struct Point {
  PointName name;
  std::string role = {};  // which asset of the device: "", "battery", "meter"; "" is the device's main asset
  RateClass rate = RateClass::normal;
  bool writable = false;
  std::optional<double> minimum = {};  // of the value, in the canonical unit
  std::optional<double> maximum = {};
  std::vector<std::pair<std::int64_t, std::string>> texts = {};  // CIM ValueAliasSet, of a Discrete
  std::optional<Fallback> fallback = {};  // of a writable one; none: it holds what it was told
  std::string source = {};  // where it comes from, for people: "holding 40083 int16 x 10^sf(40084)"

  friend bool operator==(const Point&, const Point&) = default;
};

// What the device says about itself (Modbus 43/14, SunSpec model 1); empty where it does not.
struct DeviceIdentity {
  std::string manufacturer = {};
  std::string model = {};
  std::string version = {};
  std::string serial_number = {};

  friend bool operator==(const DeviceIdentity&, const DeviceIdentity&) = default;
};

struct DeviceDescription {
  DeviceId device;
  std::string name;  // as configured
  DeviceIdentity identity;
  std::vector<Point> points;  // position = PointId::index
  // What the assets are, by role, where the device itself says it.
  std::map<std::string, AssetKind, std::less<>> kinds = {};
};

}  // namespace iw::model

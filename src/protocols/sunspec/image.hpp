// Register images of SunSpec devices, for simulators and tests: the models of a chain, filled by point name.
//
//   Image image(40000);
//   image.add(1).set("Mn", "Interwatt").set("SN", "0001");
//   image.add(103).set("W", 4980).set("Hz", 50.01);
//   image.registers();  // "SunS", both models, the end marker
//
// A point that was never set is not implemented. An unknown point, or a value that its type can not hold, is
// a bug of the caller and throws std::invalid_argument.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/sunspec/models.hpp"

namespace iw::sunspec {

// What the definition leaves open.
struct Shape {
  // How often groups repeat, by the name of the point that counts them ("NPrt"), or of the group when none
  // does ("module"). Default: once.
  std::map<std::string, std::uint16_t, std::less<>> repeat = {};
  std::optional<std::uint16_t> length = {};  // L, when the device deviates from the definition
};

class ModelImage {
 public:
  explicit ModelImage(const ModelDefinition& definition, const Shape& shape = {});

  // In the model's unit, after scaling. NaN: not implemented. A scale factor that was not set gets a usual
  // one for the unit; to choose, set it ("W_SF") before the values that use it. Accumulators wrap as devices
  // do.
  ModelImage& set(std::string_view point, double value);
  ModelImage& set(std::string_view point, std::string_view text);
  // As it lies in the registers: enumerations, bits, sentinels, 64 bits exactly.
  ModelImage& set_raw(std::string_view point, std::uint64_t raw);

  [[nodiscard]] const ModelDefinition& definition() const { return *definition_; }
  [[nodiscard]] std::span<const std::uint16_t> registers() const { return registers_; }  // ID and L included
  [[nodiscard]] std::uint32_t offset(std::string_view point) const;  // from the ID register
  [[nodiscard]] const std::vector<PlacedPoint>& points() const { return points_; }

 private:
  [[nodiscard]] const PlacedPoint& find(std::string_view point) const;
  void store(const PlacedPoint& placed, std::uint64_t raw);
  int exponent(const PlacedPoint& placed);

  const ModelDefinition* definition_;
  std::vector<std::uint16_t> registers_;
  std::vector<PlacedPoint> points_;
};

class Image {
 public:
  explicit Image(std::uint16_t base = 40000) : base_(base) {}

  // Appends a model; the reference is good as long as the image.
  ModelImage& add(std::uint16_t model, const Shape& shape = {});
  ModelImage& add(const ModelDefinition& definition, const Shape& shape = {});

  [[nodiscard]] std::uint16_t base() const { return base_; }
  // Where the model's ID register is.
  [[nodiscard]] std::uint32_t address(const ModelImage& model) const;
  // From the base on: "SunS", the models, the end marker.
  [[nodiscard]] std::vector<std::uint16_t> registers() const;

 private:
  std::uint16_t base_;
  std::deque<ModelImage> models_;
};

}  // namespace iw::sunspec

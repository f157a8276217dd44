// sunspec_images: a register image of every model that we know, one line of JSON each: {"model", "case",
// "registers"}.
//
// Cases: "values" has something in every point, chosen by model and offset, the same in every run; "empty"
// has nothing implemented; "repeated" has more of every group that repeats.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.hpp"
#include "protocols/sunspec/image.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::interop {

namespace {

using sunspec::GroupDefinition;
using sunspec::ModelImage;
using sunspec::PlacedPoint;
using sunspec::Repeat;
using sunspec::Type;

// SplitMix64.
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27U) * 0x94D049BB133111EB;
  return x ^ x >> 31U;
}

std::string text(std::uint64_t chance, std::size_t most) {
  std::string made;
  for (std::size_t length = 1 + chance % most; made.size() < length; chance = scramble(chance))
    made += static_cast<char>('A' + chance % 26);
  return made;
}

void fill(ModelImage& image, const PlacedPoint& point, std::uint64_t chance) {
  const std::size_t bytes = std::size_t{point.definition->size} * 2;
  switch (point.definition->type) {
    case Type::pad:
    case Type::count: break;
    case Type::string: image.set(point.path, text(chance, bytes)); break;
    case Type::sunssf: image.set_raw(point.path, chance % 9 - 4); break;
    case Type::eui48: image.set_raw(point.path, chance & 0xFFFF'FFFF'FFFF); break;
    // The highest bit would make it not implemented.
    case Type::bitfield16: image.set_raw(point.path, chance & 0x7FFF); break;
    case Type::bitfield32: image.set_raw(point.path, chance & 0x7FFF'FFFF); break;
    case Type::float32: image.set_raw(point.path, 0x4000'0000 | (chance & 0x00FF'FFFF)); break;
    case Type::float64: image.set_raw(point.path, 0x4000'0000'0000'0000 | (chance >> 12U)); break;
    default: image.set_raw(point.path, chance); break;
  }
}

void repeat(sunspec::Shape& shape, std::span<const GroupDefinition> groups, std::uint16_t times) {
  for (const GroupDefinition& group : groups) {
    if (group.repeat == Repeat::counted) shape.repeat[std::string(group.count_point)] = times;
    if (group.repeat == Repeat::to_end) shape.repeat[std::string(group.name)] = times;
    repeat(shape, group.groups, times);
  }
}

void print(std::string_view name, const ModelImage& image) {
  const auto registers = image.registers();
  const nlohmann::ordered_json line = {{"model", image.definition().id},
                                       {"case", name},
                                       {"registers", std::vector(registers.begin(), registers.end())}};
  std::cout << line.dump() << '\n';
}

void print_filled(std::string_view name, const sunspec::ModelDefinition& model, std::uint16_t times) {
  sunspec::Shape shape;
  repeat(shape, model.groups, times);
  ModelImage image(model, shape);
  const auto counts = sunspec::count_offsets(model);
  for (const PlacedPoint& point : image.points()) {
    if (std::ranges::count(counts, point.offset) > 0) continue;
    fill(image, point, scramble(std::uint64_t{model.id} << 32U | point.offset));
  }
  print(name, image);
}

}  // namespace

}  // namespace iw::interop

int main() {
  using namespace iw;
  for (const sunspec::ModelDefinition* model : sunspec::all_models()) {
    interop::print_filled("values", *model, 1);
    if (!model->groups.empty()) interop::print_filled("repeated", *model, 3);
    interop::print("empty", sunspec::ModelImage(*model));
  }
}

#include "protocols/modbus/block_reader.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <doctest/doctest.h>

#include "io/world/seeded_random.hpp"

using namespace iw;
using namespace iw::modbus;
using model::Detail;
using model::Quality;
using model::Validity;

namespace {

constexpr std::uint16_t first = 100;

RegisterPoint at(std::uint16_t address, ValueType type = ValueType::u16, double scale = 1) {
  RegisterPoint point;
  point.address = address;
  point.type = type;
  point.scale = scale;
  return point;
}

Block whole(const RegisterMap& map, std::uint16_t count) {
  Block block{
      .table = Table::holding_registers, .address = first, .count = count, .period = 1s, .points = {}};
  for (std::size_t i = 0; i < map.points.size(); ++i)
    block.points.push_back(static_cast<std::uint16_t>(i));
  return block;
}

std::vector<std::byte> random_registers(std::uint16_t count, std::uint64_t seed) {
  io::world::SeededRandom random(seed, "registers");
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < std::size_t{2} * count; ++i)
    bytes.push_back(static_cast<std::byte>(random.next()));
  return bytes;
}

std::optional<std::size_t> position(const model::SampleBatch& batch, std::size_t point) {
  const auto found = std::ranges::find(batch.index, point);
  if (found == batch.index.end()) return std::nullopt;
  return static_cast<std::size_t>(found - batch.index.begin());
}

// Every way in which two neighbours can differ, and what is no plain number.
RegisterMap mixed_map() {
  RegisterMap map;
  map.points = {at(100),
                at(101),
                at(102, ValueType::u16, 0.1),
                at(103, ValueType::i16, 0.1),
                at(104, ValueType::i16, 0.1),
                at(106, ValueType::i16, 0.1),
                at(107, ValueType::u32),
                at(109, ValueType::i16),
                at(110, ValueType::i16),
                at(111, ValueType::i16),
                at(113),
                at(115)};
  map.points[8].sentinels = {0x8000};
  map.points[9].scale_register = ScaleRegister{112};
  map.points[1].point.minimum = 1000;
  map.points[4].point.maximum = 500;
  map.points[5].point.minimum = 0;
  map.points[5].point.writable = true;  // what may be written, not what can be believed
  return map;
}

}  // namespace

TEST_CASE("a block gives for each point what its decoder gives") {
  const RegisterMap map = mixed_map();
  const BlockReader reader(map, whole(map, 16));
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::vector<std::byte> registers = random_registers(16, seed);
    registers[24] = std::byte{0xFF};  // a scale factor of -1 to -9
    registers[25] = static_cast<std::byte>(0xFF - seed % 9);
    model::SampleBatch batch;
    reader.read(ReadRegistersResponse{registers}, batch);
    REQUIRE(batch.size() == map.points.size());
    for (std::size_t i = 0; i < map.points.size(); ++i) {
      const auto found = position(batch, i);
      REQUIRE(found);
      const Decoded decoded = compile(map.points[i]).decode(registers, first);
      const model::Point& point = map.points[i].point;
      const bool outside = !point.writable && decoded.good() &&
                           (decoded.value < point.minimum.value_or(decoded.value) ||
                            decoded.value > point.maximum.value_or(decoded.value));
      const Quality quality = batch.quality[*found];
      CHECK((quality.validity() == Validity::invalid) == !decoded.good());
      CHECK(quality.has(Detail::out_of_range) == outside);
      if (decoded.good()) CHECK(batch.value[*found] == decoded.value);
    }
  }
}

TEST_CASE("a marked block has each point once, without a number") {
  const RegisterMap map = mixed_map();
  model::SampleBatch batch;
  BlockReader(map, whole(map, 16)).mark(Quality(Validity::invalid).with(Detail::failure), batch);
  REQUIRE(batch.size() == map.points.size());
  for (std::size_t i = 0; i < map.points.size(); ++i) {
    const auto found = position(batch, i);
    REQUIRE(found);
    CHECK(std::isnan(batch.value[*found]));
    CHECK(batch.quality[*found] == Quality(Validity::invalid).with(Detail::failure));
  }
}

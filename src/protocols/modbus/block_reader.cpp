#include "protocols/modbus/block_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace iw::modbus {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr Quality quality_of(ValueState state) {
  switch (state) {
    case ValueState::good: return {};
    case ValueState::not_available:
    case ValueState::missing: return Quality(Validity::invalid).with(Detail::bad_reference);
    case ValueState::malformed: return Quality(Validity::invalid).with(Detail::inconsistent);
  }
  return Quality(Validity::invalid);
}

Quality quality_between(double value, double minimum, double maximum) {
  const bool in_range = value >= minimum && value <= maximum;
  return in_range ? Quality{} : Quality(Validity::questionable).with(Detail::out_of_range);
}

bool is_plain(Table table, const Decoder& decoder) {
  const bool of_registers = table == Table::holding_registers || table == Table::input_registers;
  return of_registers &&
         (decoder.kind == Decoder::Kind::whole || decoder.kind == Decoder::Kind::whole_signed) &&
         decoder.registers == 1 && decoder.order == 0 && decoder.shift == 0 && decoder.bit == 0 &&
         decoder.range == 0xFFFF && !decoder.has_scale_register && !decoder.magnitude &&
         decoder.sentinels.empty() && decoder.translate.empty();
}

bool is_text(ValueType type) { return type == ValueType::string || type == ValueType::string_swapped; }

}  // namespace

BlockReader::BlockReader(const RegisterMap& map, const Block& block) : first_(block.address) {
  for (const std::uint16_t index : block.points) {
    const RegisterPoint& source = map.points[index];
    if (is_text(source.type)) {
      texts_.push_back({.point = index, .source = source});
      continue;
    }
    Decoder decoder = compile(source);
    const std::uint16_t scale = scaling(source, decoder.linear);
    if (is_plain(block.table, decoder)) {
      add_plain(index, static_cast<std::uint16_t>(decoder.address - first_), scale,
                decoder.kind == Decoder::Kind::whole_signed);
    } else {
      columns_.push_back({.point = index, .scaling = scale, .decoder = std::move(decoder)});
    }
  }
}

void BlockReader::add_plain(std::uint16_t point, std::uint16_t offset, std::uint16_t scaling,
                            bool is_signed) {
  ++in_runs_;
  if (!runs_.empty()) {
    Run& last = runs_.back();
    if (last.point + last.count == point && last.offset + last.count == offset && last.scaling == scaling &&
        last.is_signed == is_signed) {
      ++last.count;
      return;
    }
  }
  runs_.push_back({.point = point, .offset = offset, .count = 1, .scaling = scaling, .is_signed = is_signed});
}

// The number of the scaling of a point in the table, where it is added when it is new.
std::uint16_t BlockReader::scaling(const RegisterPoint& source, const Linear& linear) {
  // A setpoint's limits are what may be written; a measured value's are what can be believed.
  const bool measured = !source.point.writable;
  const Scaling wanted{.linear = linear,
                       .minimum = measured ? source.point.minimum.value_or(-infinity) : -infinity,
                       .maximum = measured ? source.point.maximum.value_or(infinity) : infinity};
  const auto known = std::ranges::find(scalings_, wanted);
  const auto number = static_cast<std::uint16_t>(known - scalings_.begin());
  if (known == scalings_.end()) scalings_.push_back(wanted);
  return number;
}

void BlockReader::read(ReadRegistersResponse reply, model::SampleBatch& into) const {
  std::size_t at = into.grow(in_runs_ + columns_.size());
  for (const Run& run : runs_) {
    read_run(run, reply.registers.subspan(std::size_t{2} * run.offset, std::size_t{2} * run.count), into, at);
    at += run.count;
  }
  for (const Column& column : columns_) {
    const Decoded decoded = column.decoder.decode(reply.registers, first_);
    into.index[at] = column.point;
    into.value[at] = decoded.value;
    into.quality[at] = judge(decoded, column);
    ++at;
  }
  for (const TextColumn& column : texts_) {
    auto text = decode_text(column.source, reply.registers, first_);
    const Quality quality = text ? Quality{} : quality_of(ValueState::not_available);
    into.texts.push_back({.index = column.point, .text = std::move(text).value_or(""), .quality = quality});
  }
}

// Bounds are checked once for the run, not for each of its numbers.
void BlockReader::read_run(const Run& run, Bytes registers, model::SampleBatch& into, std::size_t at) const {
  const Scaling scale = scalings_[run.scaling];
  const std::byte* from = registers.data();
  std::uint16_t* index = &into.index[at];
  double* value = &into.value[at];
  Quality* quality = &into.quality[at];
  for (std::size_t i = 0; i < run.count; ++i) {
    const auto raw = static_cast<std::uint16_t>(std::to_integer<unsigned>(from[2 * i]) << 8U |
                                                std::to_integer<unsigned>(from[2 * i + 1]));
    const int number = run.is_signed ? static_cast<std::int16_t>(raw) : static_cast<int>(raw);
    index[i] = static_cast<std::uint16_t>(run.point + i);
    value[i] = (number * scale.linear.multiply + scale.linear.add) / scale.linear.divide;
    quality[i] = quality_between(value[i], scale.minimum, scale.maximum);
  }
}

void BlockReader::read(ReadBitsResponse reply, model::SampleBatch& into) const {
  for (const Column& column : columns_) {
    const Decoded decoded = column.decoder.decode(reply.at(std::size_t{column.decoder.address} - first_));
    into.add(column.point, decoded.value, judge(decoded, column));
  }
}

Quality BlockReader::judge(Decoded decoded, const Column& column) const {
  if (!decoded.good()) return quality_of(decoded.state);
  return quality_between(decoded.value, scalings_[column.scaling].minimum, scalings_[column.scaling].maximum);
}

void BlockReader::mark(Quality quality, model::SampleBatch& into) const {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (const Run& run : runs_) {
    for (std::uint16_t i = 0; i < run.count; ++i)
      into.add(static_cast<std::uint16_t>(run.point + i), none, quality);
  }
  for (const Column& column : columns_)
    into.add(column.point, none, quality);
  for (const TextColumn& column : texts_)
    into.texts.push_back({.index = column.point, .text = {}, .quality = quality});
}

}  // namespace iw::modbus

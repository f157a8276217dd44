#include "protocols/modbus/block_reader.hpp"

#include <limits>

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

Quality judge(Decoded decoded, double minimum, double maximum) {
  if (!decoded.good()) return quality_of(decoded.state);
  const bool in_range = decoded.value >= minimum && decoded.value <= maximum;
  return in_range ? Quality{} : Quality(Validity::questionable).with(Detail::out_of_range);
}

bool is_plain(const Decoder& decoder) {
  return (decoder.kind == Decoder::Kind::whole || decoder.kind == Decoder::Kind::whole_signed) &&
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
    } else {
      // A setpoint's limits are what may be written; a measured value's are what can be believed.
      const bool measured = !source.point.writable;
      Column column{.point = index,
                    .decoder = compile(source),
                    .minimum = measured ? source.point.minimum.value_or(-infinity) : -infinity,
                    .maximum = measured ? source.point.maximum.value_or(infinity) : infinity};
      column.plain = is_plain(column.decoder);
      column.is_signed = column.decoder.kind == Decoder::Kind::whole_signed;
      columns_.push_back(std::move(column));
    }
  }
}

Decoded BlockReader::decode(const Column& column, Bytes registers) const {
  if (!column.plain) return column.decoder.decode(registers, first_);
  const std::byte* at = registers.data() + 2 * (std::size_t{column.decoder.address} - first_);
  const unsigned raw = std::to_integer<unsigned>(at[0]) << 8 | std::to_integer<unsigned>(at[1]);
  const int number = column.is_signed ? static_cast<std::int16_t>(raw) : static_cast<int>(raw);
  const Linear& linear = column.decoder.linear;
  return {(number * linear.multiply + linear.add) / linear.divide, ValueState::good};
}

void BlockReader::read(ReadRegistersResponse reply, model::SampleBatch& into) const {
  std::size_t at = into.grow(columns_.size());
  for (const Column& column : columns_) {
    const Decoded decoded = decode(column, reply.registers);
    into.index[at] = column.point;
    into.value[at] = decoded.value;
    into.quality[at] = judge(decoded, column.minimum, column.maximum);
    ++at;
  }
  for (const TextColumn& column : texts_) {
    auto text = decode_text(column.source, reply.registers, first_);
    const Quality quality = text ? Quality{} : quality_of(ValueState::not_available);
    into.texts.push_back({.index = column.point, .text = std::move(text).value_or(""), .quality = quality});
  }
}

void BlockReader::read(ReadBitsResponse reply, model::SampleBatch& into) const {
  for (const Column& column : columns_) {
    const Decoded decoded = column.decoder.decode(reply.at(std::size_t{column.decoder.address} - first_));
    into.add(column.point, decoded.value, judge(decoded, column.minimum, column.maximum));
  }
}

void BlockReader::mark(Quality quality, model::SampleBatch& into) const {
  for (const Column& column : columns_)
    into.add(column.point, std::numeric_limits<double>::quiet_NaN(), quality);
  for (const TextColumn& column : texts_)
    into.texts.push_back({.index = column.point, .text = {}, .quality = quality});
}

}  // namespace iw::modbus

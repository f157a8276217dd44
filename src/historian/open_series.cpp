#include "historian/open_series.hpp"

#include "historian/varint.hpp"

namespace iw::historian {

Samples OpenSeries::samples() const {
  Samples all;
  Reader in(packed_);
  while (in.remaining() > 0) {
    const auto block = decode_block(in.bytes(take_varint(in)));
    if (!block) break;  // we packed it ourselves
    for (std::size_t i = 0; i < block->size(); ++i)
      all.add(block->time_ms[i], block->value[i], block->quality[i]);
  }
  for (const Sample& sample : tail_)
    all.add(sample.time_ms, sample.value, sample.quality);
  return all;
}

void OpenSeries::clear() {
  tail_.clear();
  packed_.clear();
  count_ = 0;
}

std::size_t OpenSeries::drop_oldest() {
  Reader in(packed_);
  if (in.remaining() == 0) return 0;
  in.bytes(take_varint(in));
  packed_.erase(packed_.begin(), packed_.end() - static_cast<std::ptrdiff_t>(in.remaining()));
  count_ -= chunk;
  return chunk;
}

void OpenSeries::pack_tail(Packing& packing) {
  auto& [encoder, columns, block] = packing;
  columns.clear();
  block.clear();
  for (const Sample& sample : tail_)
    columns.add(sample.time_ms, sample.value, sample.quality);
  encoder.encode(columns, block);
  put_varint(packed_, block.size());
  packed_.insert(packed_.end(), block.begin(), block.end());
  tail_.clear();
}

}  // namespace iw::historian

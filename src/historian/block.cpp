#include "historian/block.hpp"

#include "historian/columns.hpp"
#include "historian/integers.hpp"
#include "historian/varint.hpp"

namespace iw::historian {
namespace {

constexpr std::uint8_t version = 1;

}  // namespace

// version, form | count | times | values | odd ones | runs of quality
void BlockEncoder::encode(const Samples& samples, std::vector<std::byte>& out) {
  out.push_back(std::byte{version});
  out.push_back(std::byte{values_.choose(samples.value)});
  put_varint(out, samples.size());
  pack(samples.time_ms, out);
  values_.put(samples.value, out);
  put_quality(samples.quality, out);
}

Result<Samples> decode_block(Bytes block) {
  Reader in(block);
  if (in.u8() != version) return fail(ErrorKind::malformed, "not a block of a version that is known here");
  const std::uint8_t form = in.u8();
  const std::uint64_t count = take_varint(in);
  if (!in.ok() || count > largest_block)
    return fail(ErrorKind::malformed, "a damaged block: its head makes no sense");
  Samples samples;
  samples.resize(count);
  unpack(in, samples.time_ms);
  take_values(in, form, samples.value);
  take_quality(in, samples.quality);
  if (!in.done()) return fail(ErrorKind::malformed, "a damaged block: its columns do not fit it");
  return samples;
}

}  // namespace iw::historian

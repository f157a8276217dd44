#include "historian/head_frame.hpp"

#include <stdexcept>

#include "base/crc.hpp"
#include "historian/columns.hpp"
#include "historian/integers.hpp"
#include "historian/varint.hpp"

namespace iw::historian {
namespace {

constexpr std::size_t head_size = 8;

void put_u32(std::byte* at, std::uint32_t v) {
  for (unsigned i = 0; i < 4; ++i)
    at[i] = static_cast<std::byte>(v >> (8 * i));
}

void put_notes(const Notes& notes, std::vector<std::byte>& out) {
  put_varint(out, notes.size());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const Bytes bytes = notes.bytes(i);
    put_varint(out, notes.series(i).value());
    put_varint(out, bytes.size());
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
}

// in.ok() is false when they do not make sense.
void take_notes(Reader& in, Notes& notes) {
  for (std::uint64_t left = take_varint(in); left > 0 && in.ok(); --left) {
    const std::uint64_t id = take_varint(in);
    const Bytes bytes = in.bytes(take_varint(in));
    if (id > 0xFFFF'FFFF) in.bytes(in.remaining() + 1);  // no series
    if (in.ok()) notes.add(SeriesId(static_cast<std::uint32_t>(id)), bytes);
  }
}

}  // namespace

void FrameEncoder::encode(std::uint64_t sequence, const Recording& recording, std::vector<std::byte>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + head_size);
  put_varint(out, sequence);
  put_varint(out, recording.size());
  series_.clear();
  for (const SeriesId id : recording.series)
    series_.push_back(id.value());
  pack(series_, out);
  pack(recording.samples.time_ms, out);
  put_doubles(recording.samples.value, out);
  put_quality(recording.samples.quality, out);
  if (!recording.notes.empty()) put_notes(recording.notes, out);

  if (out.size() - begin - head_size > largest_frame)
    throw std::length_error("a recording beyond all bounds");
  const Bytes content = Bytes(out).subspan(begin + head_size);
  put_u32(&out[begin], static_cast<std::uint32_t>(content.size()));
  put_u32(&out[begin + 4], crc32c(content));
}

Result<Frame> decode_frame(Bytes bytes) {
  Reader head(bytes);
  const std::uint32_t length = head.u32le();
  const std::uint32_t crc = head.u32le();
  if (!head.ok() || length > largest_frame || length > head.remaining())
    return fail(ErrorKind::malformed, "a frame that is cut");
  const Bytes content = head.bytes(length);
  if (crc32c(content) != crc) return fail(ErrorKind::malformed, "a frame with a wrong checksum");

  Reader in(content);
  Frame frame{.sequence = take_varint(in), .size = head_size + length, .recording = {}};
  const std::uint64_t count = take_varint(in);
  // Every sample has its eight bytes of value.
  if (!in.ok() || count > in.remaining() / 8)
    return fail(ErrorKind::malformed, "a frame without its samples");
  Samples& samples = frame.recording.samples;
  samples.resize(count);
  std::vector<std::int64_t> series(count);
  unpack(in, series);
  unpack(in, samples.time_ms);
  take_doubles(in, samples.value);
  take_quality(in, samples.quality);
  if (in.ok() && in.remaining() > 0) take_notes(in, frame.recording.notes);
  if (!in.done()) return fail(ErrorKind::malformed, "a frame whose columns do not fit it");
  frame.recording.series.reserve(count);
  for (const std::int64_t id : series) {
    if (id < 0 || id > 0xFFFF'FFFF) return fail(ErrorKind::malformed, "a frame with a series that is none");
    frame.recording.series.emplace_back(static_cast<std::uint32_t>(id));
  }
  return frame;
}

}  // namespace iw::historian

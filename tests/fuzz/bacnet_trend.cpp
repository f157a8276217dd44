// A trend log whose device answers whatever it likes: reading it ends, goes forward only, and takes no more
// records than there are octets. And what a line remembers, from a file that somebody spoilt.
//
// Input: Record_Count and Total_Record_Count in 4 octets each, then answers, each behind its length in one
// octet.
#include <optional>

#include "base/bytes.hpp"
#include "fuzzing.hpp"
#include "protocols/bacnet/line_memory.hpp"
#include "protocols/bacnet/trend_reader.hpp"

using namespace iw;
using namespace iw::bacnet;
using iw::fuzzing::require;

namespace {

void read_log(Bytes input) {
  Reader in(input);
  const LogCounts counts{.in_buffer = in.u32be(), .total = in.u32be()};
  TrendReader reader(std::nullopt, counts, 20);
  std::uint32_t before = reader.cursor();
  while (const auto range = reader.next()) {
    require(range->count > 0, "something is asked for");
    const std::size_t size = in.u8();
    if (in.remaining() == 0) return;
    const auto bytes = fuzzing::copied(in.bytes(std::min(size, in.remaining())));
    const auto answer = ReadRangeAck::decode(bytes);
    if (!answer) continue;
    std::vector<LogRecord> records;
    if (!reader.take(*answer, records)) return;
    require(records.size() <= bytes.size(), "a record has octets");
    require(reader.cursor() > before || records.empty(), "reading goes forward");
    before = reader.cursor();
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  read_log(input);
  const std::string text(data, data + size);
  const LineMemory memory = parse_memory(text);
  require(parse_memory(to_text(memory)) == memory, "a memory stays what it is");
  return 0;
}

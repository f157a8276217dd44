// ReadRange (15.8) of the Log_Buffer of a Trend Log (12.25) whose records are a fixed time apart: the
// sequence number of a record is its time in intervals since 1970. So numbers last over restarts, and nobody
// has to count.
//
// span_of() says which records are meant, the owner finds them, write_records() answers. Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/read_services.hpp"
#include "protocols/bacnet/server/served_object.hpp"

namespace iw::bacnet::server {

struct LogTraits {
  Duration interval = 1min;
  std::uint32_t buffer_size = 31 * 24 * 60;
};

// The records that there are, by their sequence numbers; last < first: none.
struct LogBounds {
  std::uint32_t first = 1;
  std::uint32_t last = 0;

  [[nodiscard]] std::uint32_t count() const { return last < first ? 0 : last - first + 1; }
};
// `since`: when logging began.
LogBounds bounds_of(const LogTraits& traits, WallTime since, WallTime now);
WallTime time_of(const LogTraits& traits, std::uint32_t sequence);

struct LogSpan {
  LogBounds records;  // that are to be answered
  LogBounds all;      // that there are
  bool more = false;  // were meant, but are too many for one answer
};
// At most so many records; of too many those next to the reference.
LogSpan span_of(const Range& range, const LogTraits& traits, const LogBounds& all, std::uint32_t most);

// What was logged; none: nothing was known then.
struct LogItem {
  std::uint32_t sequence = 0;
  std::optional<Value> value = {};
};

// The parameters of the acknowledgement. Items are those of the span that there are, in order; for the others
// the record says that nothing could be logged.
bool write_records(ParameterWriter& out, const ReadRange& request, const LogTraits& traits,
                   const LogSpan& span, std::span<const LogItem> items);

// How many records fit into so many octets of parameters.
std::uint32_t records_in(std::size_t octets);

// The object; counts are made up by `bounds` when somebody asks.
Object trend_log_object(std::uint32_t instance, std::string_view name, ObjectPropertyReference logged,
                        const LogTraits& traits, std::function<LogBounds()> bounds);

}  // namespace iw::bacnet::server

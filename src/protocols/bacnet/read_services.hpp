// Services that read: ReadProperty (15.5), ReadPropertyMultiple (15.7), ReadRange (15.8).
//
// Values stay as they came, `value` being what stands between [n]{ and }n: a ParameterReader takes them
// apart. So a property that nobody knows is not lost, and decoding allocates nothing. Readers of lists are
// used so:
//
//   ReadResultReader results(ack.data);
//   while (const auto result = results.next()) ...
//   if (!results.finished()) ...
//
// All views are into the bytes they were decoded from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "protocols/bacnet/parameters.hpp"

namespace iw::bacnet {

// What error data of most services holds: class and code, application-tagged.
Decoded<BacnetError> decode_error(Bytes data);
void write_error(ParameterWriter& out, BacnetError error);

struct ReadProperty {
  ObjectId object;
  PropertyReference property = {};

  static Decoded<ReadProperty> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct ReadPropertyAck {
  ObjectId object;
  PropertyReference property = {};
  Bytes value;

  static Decoded<ReadPropertyAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// ---- ReadPropertyMultiple

// Everything that is asked, flat: neighbours of one object share its specification on the wire.
void write_read_property_multiple(ParameterWriter& out, std::span<const ObjectPropertyReference> properties);

class ReadAccessReader {
 public:
  explicit ReadAccessReader(Bytes data) : in_(data) {}

  std::optional<ObjectPropertyReference> next();
  [[nodiscard]] Decoded<void> finished() { return in_.finished(); }

 private:
  ParameterReader in_;
  ObjectId object_;
  bool inside_ = false;
};

// One property, or why there is none.
struct ReadResult {
  ObjectId object;
  PropertyReference property = {};
  Bytes value = {};
  std::optional<BacnetError> error = {};
};

class ReadResultReader {
 public:
  explicit ReadResultReader(Bytes data) : in_(data) {}

  std::optional<ReadResult> next();
  [[nodiscard]] Decoded<void> finished() { return in_.finished(); }

 private:
  ParameterReader in_;
  ObjectId object_;
  bool inside_ = false;
};

// Puts results one after the other; finish() closes the last object's list.
class ReadResultWriter {
 public:
  explicit ReadResultWriter(ParameterWriter& out) : out_(out) {}

  void put(const ReadResult& result);
  void finish();

 private:
  ParameterWriter& out_;
  std::optional<ObjectId> object_;
};

// ---- ReadRange

// A negative count reads backwards from the reference.
struct ByPosition {
  std::uint32_t index = 1;
  std::int32_t count = 0;
  friend bool operator==(const ByPosition&, const ByPosition&) = default;
};
struct BySequenceNumber {
  std::uint32_t sequence = 1;
  std::int32_t count = 0;
  friend bool operator==(const BySequenceNumber&, const BySequenceNumber&) = default;
};
struct ByTime {
  DateTime reference;
  std::int32_t count = 0;
  friend bool operator==(const ByTime&, const ByTime&) = default;
};
using Range = std::variant<std::monostate, ByPosition, BySequenceNumber, ByTime>;  // monostate: all

struct ReadRange {
  ObjectId object;
  PropertyReference property = {.property = PropertyId::log_buffer};
  Range range = {};

  static Decoded<ReadRange> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct ReadRangeAck {
  ObjectId object;
  PropertyReference property = {};
  bool first_item = false;
  bool last_item = false;
  bool more_items = false;
  std::uint32_t count = 0;
  Bytes items;
  std::optional<std::uint32_t> first_sequence = {};  // of ranges by sequence and by time

  static Decoded<ReadRangeAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// BACnetLogRecord (clause 21): what an item of a trend log's buffer is.
struct LogStatus {  // log-disabled, buffer-purged, log-interrupted
  BitString flags;
};
struct TimeChange {
  float seconds = 0;
};
struct RawDatum {
  Bytes value;
};
using LogDatum = std::variant<LogStatus, Value, BacnetError, TimeChange, RawDatum>;

struct LogRecord {
  DateTime time;  // local to the device
  LogDatum datum;
  std::optional<BitString> status_flags = {};
};

class LogRecordReader {
 public:
  explicit LogRecordReader(Bytes items) : in_(items) {}

  std::optional<LogRecord> next();
  [[nodiscard]] Decoded<void> finished() { return in_.finished(); }

 private:
  LogDatum datum();

  ParameterReader in_;
};

void write_log_record(ParameterWriter& out, const LogRecord& record);

// ---- Pieces that several services share

PropertyReference read_property_reference(ParameterReader& in, std::uint8_t property_tag,
                                          std::uint8_t index_tag);
void write_property_reference(ParameterWriter& out, const PropertyReference& property,
                              std::uint8_t property_tag, std::uint8_t index_tag);
DateTime read_date_time(ParameterReader& in);
void write_date_time(ParameterWriter& out, const DateTime& time);

}  // namespace iw::bacnet

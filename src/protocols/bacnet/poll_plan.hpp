// PollPlan: what is read of one device and when, in requests that the device can answer. Plain synchronous
// code: `now` and outcomes in, requests and samples out.
//
// It begins with as many objects in a ReadPropertyMultiple as the device's APDU should hold, and remembers
// what the device could not do: an answer too long for it halves the request, a device without
// ReadPropertyMultiple is read one property at a time. A property that is not there is not asked for again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "model/batch.hpp"
#include "polling/cadence.hpp"
#include "protocols/bacnet/object_map.hpp"
#include "protocols/bacnet/session.hpp"

namespace iw::bacnet {

// What a value is worth, by its object's own word (12.2.5 Status_Flags, 12.2.8 Reliability).
model::Quality quality_of(BitString status_flags, std::optional<std::uint32_t> reliability);
// What it is worth when there is none.
model::Quality quality_of(BacnetError error);

class PollPlan {
 public:
  // `periods`: of each point. `seed` spreads devices over their period.
  PollPlan(std::shared_ptr<const ObjectMap> map, std::vector<Duration> periods, std::uint64_t seed,
           PeerLimits limits, Instant now);

  struct Request {
    std::uint64_t block = 0;  // its name in answered()
    ConfirmedService service{};
    Bytes parameters;  // good until the next call
  };
  // The most overdue request; none when nothing is due. It is under way until answered().
  std::optional<Request> next(Instant now);
  [[nodiscard]] Instant next_due() const;

  enum class Verdict : std::uint8_t {
    values,   // there are samples in the batch
    more,     // the block goes on with another request
    retry,    // asked again in another way, at once
    refused,  // the device said no to all of it; the samples in the batch say so
    silent,   // no answer
  };
  // Adds the samples of a finished block.
  Verdict answered(std::uint64_t block, const Outcome& outcome, Instant now, model::SampleBatch& into);

  // A value that came unasked (COV). False: no point has this object.
  bool notified(ObjectId object, Bytes values, model::SampleBatch& into);
  // Points that come by notification are only read so often, to be sure.
  void set_quiet(std::uint16_t point, bool quiet) { readings_[point].quiet = quiet; }

  // Asked for everything anew, as if nothing was known of the device's abilities.
  void start_over(PeerLimits limits, Instant now);

  [[nodiscard]] std::uint64_t skipped() const;
  [[nodiscard]] std::size_t objects_per_request() const { return batch_; }
  [[nodiscard]] bool one_by_one() const { return one_by_one_; }
  [[nodiscard]] const ObjectMap& map() const { return *map_; }
  // The type in which the device gave the point's value last; what it is written with.
  [[nodiscard]] std::optional<DataType> type_of(std::uint16_t point) const { return readings_[point].type; }

 private:
  struct Item {
    std::uint16_t point = 0;
    PropertyId property = PropertyId::present_value;
  };
  struct Block {
    std::vector<std::uint16_t> points;
    polling::Cadence cadence;
    bool in_flight = false;
    std::vector<Item> items;  // of the request under way
    std::size_t at = 0;       // in items, one by one
    Instant sent{};
  };
  // What is known of a point, and what came of it in the block under way.
  struct Reading {
    bool has_flags = true;
    bool has_reliability = true;
    bool faulty = false;  // so that its reliability is asked for
    bool quiet = false;
    bool missing = false;
    Instant quiet_until{};
    std::optional<DataType> type = {};

    double value = 0;
    std::string text = {};
    bool got_value = false;
    std::optional<model::Quality> quality = {};  // decided already
    std::uint8_t flags = 0;                      // the four bits, first one highest
    bool got_flags = false;
    std::optional<std::uint32_t> reliability = {};
  };

  void make_blocks(Instant now);
  void choose_items(Block& block, Instant now);
  Request encode(std::size_t index);
  Verdict finish(Block& block, Instant now, model::SampleBatch& into);
  Verdict fewer(std::size_t index, Instant now);
  bool take_single(Block& block, Bytes data);
  bool take_multiple(Block& block, Bytes data);
  void take_value(const ObjectPoint& point, Reading& reading, PropertyId property, Bytes value);
  void take_error(Reading& reading, PropertyId property, BacnetError error);
  void mark_all(Block& block, model::Quality quality);
  void add_sample(std::uint16_t point, model::SampleBatch& into);

  std::shared_ptr<const ObjectMap> map_;
  std::vector<Duration> periods_;
  std::uint64_t seed_;
  PeerLimits limits_;
  std::vector<Reading> readings_;
  std::vector<Block> blocks_;
  std::size_t batch_ = 1;  // objects in a request
  bool one_by_one_ = false;
  std::size_t proven_ = 0;  // the most objects that were ever answered at once
  std::vector<std::byte> parameters_;
};

}  // namespace iw::bacnet

// Schedule: what is to be read from one device, and when. Pure; the line asks every device's schedule and
// serves the one that is due first.
//
// Each block of the plan has its cadence. A block that was not answered, or that the device can not give now,
// is asked again at `retry`, if its own period is longer. A device that does not answer at all is given up
// (polling::BackOff) and probed with its smallest block; the first answer brings everything back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "polling/back_off.hpp"
#include "polling/cadence.hpp"
#include "protocols/modbus/block_reader.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/plan.hpp"

namespace iw::modbus {

// A block of the plan with all that polling it needs. Shared: a reply may come after the plan has changed.
struct PolledBlock {
  PolledBlock(const RegisterMap& map, Block b);

  Block block;
  BlockReader reader;
  polling::Cadence cadence;
  std::optional<Instant> retry;  // not answered: ask again then, before the cadence says so
  // The last reply, kept for blocks with points that may be written: what a point was before a write.
  bool keeps_reply = false;
  std::vector<std::byte> reply;
  bool in_flight = false;
  bool damaged = false;                                                    // by its own word: exception 08
  polling::BackOff put_off{{.forgiven = 1, .first = 1s, .longest = 60s}};  // it answered that it can not now

  [[nodiscard]] Instant due() const { return retry ? std::min(*retry, cadence.due()) : cadence.due(); }
  [[nodiscard]] Request request() const;
};
using PolledBlockPtr = std::shared_ptr<PolledBlock>;

class Schedule {
 public:
  // number: of the device among many, so that their polls are spread over the period.
  Schedule(std::shared_ptr<const RegisterMap> map, std::vector<Duration> periods, std::uint64_t number,
           polling::BackOffSettings back_off, Instant now);

  // The block to read next; none while nothing is due (or one is under way to a device that is given up).
  [[nodiscard]] PolledBlockPtr next(Instant now) const;
  // When next() may give something; never when that needs an answer first.
  [[nodiscard]] Instant next_due() const;

  void sent(PolledBlock& block, Instant now);
  // It answered with values.
  void answered(PolledBlock& block, Instant now);
  // It answered with exception 02 or 03: the block holds something it does not have.
  void refused(PolledBlock& block, Instant now);
  // It answered that it can not now (04, 06 ...): asked again soon, then ever later, if its period is longer.
  void postponed(PolledBlock& block, Instant now, bool busy, double chance);
  // Not it answered but the gateway before it, that it can not now: likewise, and nobody has heard of it.
  void put_off(PolledBlock& block, Instant now, double chance);
  // It did not answer: the others on the line go first, whatever else of it is due. True when the device is
  // given up with this.
  bool silent(PolledBlock& block, Instant now, double chance);
  // The request was lost without fault of the device (connection lost, pipelining too deep): due again at
  // once.
  void lost(PolledBlock& block, Instant now);
  // The connection is lost, and with it the truth of all values: none waits for its rate to come round.
  void lost_all(Instant now);

  [[nodiscard]] bool given_up() const { return back_off_.given_up(); }
  [[nodiscard]] bool heard_of() const { return heard_of_; }
  [[nodiscard]] const RegisterMap& map() const { return *map_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] const std::vector<PolledBlockPtr>& blocks() const { return blocks_; }
  [[nodiscard]] std::uint64_t skipped() const;

 private:
  void rebuild(Instant now);
  // The block brought an answer. After silence the others are due at once, whatever their rate.
  void heard(const PolledBlock& block, Instant now);
  [[nodiscard]] const PolledBlockPtr* smallest() const;
  [[nodiscard]] std::optional<std::size_t> position(const PolledBlock& block) const;

  std::shared_ptr<const RegisterMap> map_;
  std::uint64_t number_;
  Plan plan_;
  std::vector<PolledBlockPtr> blocks_;  // beside plan_.blocks()
  polling::BackOff back_off_;
  bool heard_of_ = false;
  std::uint64_t skipped_by_old_blocks_ = 0;
};

}  // namespace iw::modbus

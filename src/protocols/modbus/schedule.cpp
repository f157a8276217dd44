#include "protocols/modbus/schedule.hpp"

#include <algorithm>

namespace iw::modbus {
namespace {

constexpr Duration retry_after = 1s;  // after silence
constexpr Duration first_within = 1s;
constexpr Duration postpone_by = 100ms;  // after "busy": the least that section 7 of the standard asks for

}  // namespace

PolledBlock::PolledBlock(const RegisterMap& map, Block b)
    : block(std::move(b)),
      reader(map, block),
      keeps_reply(std::ranges::any_of(
          block.points, [&](std::uint16_t index) { return map.points[index].point.writable; })) {}

Request PolledBlock::request() const {
  if (block.table == Table::coils || block.table == Table::discrete_inputs) {
    return ReadBits{.table = block.table, .address = block.address, .count = block.count};
  }
  return ReadRegisters{.table = block.table, .address = block.address, .count = block.count};
}

Schedule::Schedule(std::shared_ptr<const RegisterMap> map, std::vector<Duration> periods,
                   std::uint64_t number, polling::BackOffSettings back_off, Instant now)
    : map_(std::move(map)), number_(number), plan_(*map_, periods), back_off_(back_off) {
  rebuild(now);
}

// Blocks that stayed the same keep their place in time; new ones are due at once, each at its phase of a
// short spread.
void Schedule::rebuild(Instant now) {
  const std::vector<PolledBlockPtr> old = std::exchange(blocks_, {});
  for (const PolledBlockPtr& block : old)
    skipped_by_old_blocks_ += block->cadence.skipped();
  for (const Block& block : plan_.blocks()) {
    const auto same = std::ranges::find_if(old, [&](const PolledBlockPtr& p) { return p->block == block; });
    if (same != old.end()) {
      blocks_.push_back(*same);
      skipped_by_old_blocks_ -= (*same)->cadence.skipped();
      continue;
    }
    auto polled = std::make_shared<PolledBlock>(*map_, block);
    polled->cadence = polling::Cadence(now + polling::phase_of(number_, block.period), block.period);
    // The first read does not wait for a slow rate to come round; after a change of the plan it does not wait
    // at all.
    polled->retry =
        old.empty() ? now + polling::phase_of(number_, std::min(block.period, first_within)) : now;
    blocks_.push_back(std::move(polled));
  }
}

const PolledBlockPtr* Schedule::smallest() const {
  const auto smallest =
      std::ranges::min_element(blocks_, {}, [](const PolledBlockPtr& polled) { return polled->block.count; });
  return smallest != blocks_.end() ? &*smallest : nullptr;
}

PolledBlockPtr Schedule::next(Instant now) const {
  if (back_off_.given_up()) {
    const bool probing =
        std::ranges::any_of(blocks_, [](const PolledBlockPtr& polled) { return polled->in_flight; });
    const PolledBlockPtr* probe = smallest();
    return probing || probe == nullptr || now < back_off_.retry_at() ? nullptr : *probe;
  }
  const PolledBlockPtr* first = nullptr;
  for (const PolledBlockPtr& polled : blocks_) {
    if (polled->in_flight || polled->due() > now) continue;
    if (first == nullptr || polled->due() < (*first)->due()) first = &polled;
  }
  return first != nullptr ? *first : nullptr;
}

Instant Schedule::next_due() const {
  if (back_off_.given_up()) {
    const bool probing =
        std::ranges::any_of(blocks_, [](const PolledBlockPtr& polled) { return polled->in_flight; });
    return probing || blocks_.empty() ? never : back_off_.retry_at();
  }
  Instant earliest = never;
  for (const PolledBlockPtr& polled : blocks_) {
    if (!polled->in_flight) earliest = std::min(earliest, polled->due());
  }
  return earliest;
}

void Schedule::sent(PolledBlock& block, Instant now) {
  block.in_flight = true;
  block.retry.reset();
  block.cadence.served(now);
}

void Schedule::heard(const PolledBlock& block, Instant now) {
  if (back_off_.given_up()) {
    for (const PolledBlockPtr& polled : blocks_) {
      if (polled.get() != &block && !polled->in_flight) polled->retry = now;
    }
  }
  back_off_.succeeded();
  heard_of_ = true;
}

std::optional<std::size_t> Schedule::position(const PolledBlock& block) const {
  const auto at =
      std::ranges::find_if(blocks_, [&](const PolledBlockPtr& polled) { return polled.get() == &block; });
  if (at == blocks_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - blocks_.begin());
}

void Schedule::answered(PolledBlock& block, Instant now) {
  block.in_flight = false;
  block.put_off.succeeded();
  if (const auto at = position(block); at && plan_.accepted(*at)) rebuild(now);
  heard(block, now);
}

void Schedule::refused(PolledBlock& block, Instant now) {
  block.in_flight = false;
  if (const auto at = position(block); at && plan_.refused(*at)) rebuild(now);
  heard(block, now);
}

void Schedule::postponed(PolledBlock& block, Instant now, bool busy, double chance) {
  const bool first = block.put_off.failures() == 0;
  put_off(block, now, chance);
  if (busy && first) block.retry = now + postpone_by;
  heard(block, now);
}

void Schedule::put_off(PolledBlock& block, Instant now, double chance) {
  block.in_flight = false;
  block.put_off.failed(now, chance);
  block.retry = block.put_off.retry_at();
}

bool Schedule::silent(PolledBlock& block, Instant now, double chance) {
  const bool was_given_up = back_off_.given_up();
  block.in_flight = false;
  block.retry = now + retry_after;
  for (const PolledBlockPtr& polled : blocks_) {
    if (polled.get() == &block || polled->in_flight || polled->due() > now) continue;
    polled->cadence.served(now);
    polled->retry = now;
  }
  back_off_.failed(now, chance);
  return back_off_.given_up() && !was_given_up;
}

void Schedule::lost(PolledBlock& block, Instant now) {
  block.in_flight = false;
  block.retry = now;
}

void Schedule::lost_all(Instant now) {
  for (const PolledBlockPtr& polled : blocks_)
    lost(*polled, now);
}

std::uint64_t Schedule::skipped() const {
  std::uint64_t sum = skipped_by_old_blocks_;
  for (const PolledBlockPtr& block : blocks_)
    sum += block->cadence.skipped();
  return sum;
}

}  // namespace iw::modbus

#include "protocols/bacnet/request_book.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

using driver::RequestOutcome;

RequestOutcome in_short(const Outcome& outcome) {
  return std::visit(
      overloaded{[](const Acknowledged&) { return RequestOutcome::answered; },
                 [](NoAnswer) { return RequestOutcome::timeout; },
                 [](const Error&) { return RequestOutcome::lost; },  // no way to it, or the line was stopped
                 [](const auto&) { return RequestOutcome::refused; }},
      outcome);
}

}  // namespace

void RequestBook::asked(Ticket ticket, model::DeviceId device, const Address& peer, ConfirmedService service,
                        Instant now, WallTime wall) {
  const auto entry = log_.sent(device, {.function = static_cast<std::uint8_t>(service)}, {}, wall);
  peers_[device][entry.place] = {.number = entry.number, .address = peer};
  under_way_[ticket] = {.entry = entry, .since = now};
}

void RequestBook::sent(Ticket ticket, Bytes frame) {
  const auto found = under_way_.find(ticket);
  if (found == under_way_.end() || std::exchange(found->second.sent, true)) return;
  log_.framed(found->second.entry, frame);
}

void RequestBook::ended(Ticket ticket, const Outcome& outcome, Bytes frame, Instant now) {
  const auto found = under_way_.find(ticket);
  if (found == under_way_.end()) return;
  log_.ended(found->second.entry, in_short(outcome), now - found->second.since, frame);
  under_way_.erase(found);
}

void RequestBook::forget(model::DeviceId device) {
  log_.forget(device);
  peers_.erase(device);
}

std::vector<driver::RequestRecord> RequestBook::recent() const {
  std::vector<driver::RequestRecord> records = log_.recent();
  for (driver::RequestRecord& record : records) {
    record.function = to_string(static_cast<ConfirmedService>(record.asked.function));
    record.answer_is_frame = true;
    const auto& peers = peers_.at(record.device);
    const auto peer = std::ranges::find(peers, record.number, &Peer::number);
    if (peer != peers.end()) record.peer = to_string(peer->address);
  }
  return records;
}

}  // namespace iw::bacnet

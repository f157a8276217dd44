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
                        Instant now) {
  under_way_[ticket] = {
      .request = log_.sent(device, {.function = static_cast<std::uint8_t>(service)}, {}, now), .peer = peer};
}

// The first frame tells what it is: others repeat it, or are its further segments.
void RequestBook::sent(Ticket ticket, Bytes frame) {
  const auto found = under_way_.find(ticket);
  if (found != under_way_.end() && found->second.request.frame.size == 0)
    found->second.request.frame.set(frame);
}

void RequestBook::ended(Ticket ticket, const Outcome& outcome, Bytes frame, Instant now) {
  const auto found = under_way_.find(ticket);
  if (found == under_way_.end()) return;
  const auto& [request, peer] = found->second;
  log_.ended(request, in_short(outcome), now, frame);
  Peers& peers = peers_[request.device];
  peers.ring[std::exchange(peers.next, (peers.next + 1) % peers.ring.size())] = {.number = request.number,
                                                                                 .address = peer};
  under_way_.erase(found);
}

void RequestBook::forget(model::DeviceId device) {
  log_.forget(device);
  peers_.erase(device);
  std::erase_if(under_way_, [device](const auto& one) { return one.second.request.device == device; });
}

const Address* RequestBook::peer_of(const driver::RequestRecord& record) const {
  for (const auto& [ticket, one] : under_way_)
    if (one.request.number == record.number) return &one.peer;
  const auto& ring = peers_.at(record.device).ring;
  const auto peer = std::ranges::find(ring, record.number, &Peers::Peer::number);
  return peer != ring.end() ? &peer->address : nullptr;
}

std::vector<driver::RequestRecord> RequestBook::recent(const io::Clock& clock) const {
  std::vector<driver::SentRequest> under_way;
  for (const auto& [ticket, one] : under_way_)
    under_way.push_back(one.request);
  std::vector<driver::RequestRecord> records = log_.recent(clock, under_way);
  for (driver::RequestRecord& record : records) {
    record.function = to_string(static_cast<ConfirmedService>(record.asked.function));
    record.answer_is_frame = true;
    if (const Address* peer = peer_of(record)) record.peer = to_string(*peer);
  }
  return records;
}

}  // namespace iw::bacnet

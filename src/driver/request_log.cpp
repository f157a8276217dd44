#include "driver/request_log.hpp"

#include <functional>
#include <numeric>
#include <utility>

namespace iw::driver {

std::string_view to_string(RequestOutcome outcome) {
  switch (outcome) {
    case RequestOutcome::under_way: return "under way";
    case RequestOutcome::answered: return "answered";
    case RequestOutcome::refused: return "refused";
    case RequestOutcome::timeout: return "timeout";
    case RequestOutcome::spoiled: return "spoiled";
    case RequestOutcome::lost: return "lost";
  }
  return "lost";
}

void Latency::add(Duration took) {
  const auto bucket = std::ranges::lower_bound(bounds, took);
  ++counts[static_cast<std::size_t>(bucket - bounds.begin())];
  sum += took;
}

void Latency::add(const Latency& other) {
  for (std::size_t i = 0; i < counts.size(); ++i)
    counts[i] += other.counts[i];
  sum += other.sum;
}

std::uint64_t Latency::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

SentRequest RequestLog::sent(model::DeviceId device, Asked asked, Bytes frame, Instant now) {
  SentRequest request{.number = ++numbers_, .device = device, .asked = asked, .at = now};
  request.frame.set(frame);
  return request;
}

void RequestLog::ended(const SentRequest& request, RequestOutcome outcome, Instant now, Bytes answer) {
  OfDevice& of = devices_[request.device];
  Kept& one = (*of.ring)[std::exchange(of.next, (of.next + 1) % kept)];
  one.number = request.number;
  one.at = request.at;
  one.took = now - request.at;
  one.asked = request.asked;
  one.outcome = outcome;
  one.request = request.frame;
  one.answer.set(answer);
  if (outcome == RequestOutcome::answered || outcome == RequestOutcome::refused) of.latency.add(one.took);
}

std::vector<RequestRecord> RequestLog::recent(const io::Clock& clock,
                                              std::span<const SentRequest> under_way) const {
  const Instant now = clock.now();
  const WallTime wall_now = clock.wall_now();
  std::vector<RequestRecord> all;
  for (const SentRequest& one : under_way) {
    if (one.number == 0) continue;
    all.push_back({.number = one.number,
                   .device = one.device,
                   .asked = one.asked,
                   .sent = wall_now - (now - one.at),
                   .request = one.frame});
  }
  for (const auto& [device, of] : devices_) {
    for (const Kept& one : *of.ring) {
      if (one.number == 0) continue;
      all.push_back({.number = one.number,
                     .device = device,
                     .asked = one.asked,
                     .sent = wall_now - (now - one.at),
                     .took = one.took,
                     .outcome = one.outcome,
                     .request = one.request,
                     .answer = one.answer});
    }
  }
  std::ranges::sort(all, std::greater(), &RequestRecord::number);
  return all;
}

std::map<model::DeviceId, Latency> RequestLog::latency() const {
  std::map<model::DeviceId, Latency> all;
  for (const auto& [device, of] : devices_) {
    if (of.latency.count() > 0) all.emplace(device, of.latency);
  }
  return all;
}

}  // namespace iw::driver

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

RequestLog::Entry RequestLog::sent(model::DeviceId device, Asked asked, Bytes request, WallTime now) {
  OfDevice& of = devices_[device];
  const std::size_t place = std::exchange(of.next, (of.next + 1) % kept);
  Kept& one = of.ring[place];
  one.number = ++numbers_;
  one.sent = now;
  one.took = {};
  one.asked = asked;
  one.outcome = RequestOutcome::under_way;
  one.request.set(request);
  one.answer.size = 0;
  return {.device = device, .place = place, .number = one.number};
}

RequestLog::Kept* RequestLog::find(Entry entry) {
  const auto of = devices_.find(entry.device);
  if (of == devices_.end()) return nullptr;
  Kept& one = of->second.ring[entry.place];
  return one.number == entry.number ? &one : nullptr;
}

void RequestLog::framed(Entry entry, Bytes request) {
  if (Kept* one = find(entry)) one->request.set(request);
}

void RequestLog::ended(Entry entry, RequestOutcome outcome, Duration took, Bytes answer) {
  Kept* one = find(entry);
  if (one == nullptr) return;
  one->outcome = outcome;
  one->took = took;
  one->answer.set(answer);
  if (outcome == RequestOutcome::answered || outcome == RequestOutcome::refused)
    devices_.at(entry.device).latency.add(took);
}

std::vector<RequestRecord> RequestLog::recent() const {
  std::vector<RequestRecord> all;
  for (const auto& [device, of] : devices_) {
    for (const Kept& one : of.ring) {
      if (one.number == 0) continue;
      all.push_back({.number = one.number,
                     .device = device,
                     .asked = one.asked,
                     .sent = one.sent,
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

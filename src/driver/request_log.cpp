#include "driver/request_log.hpp"

#include <numeric>

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

std::uint64_t RequestLog::sent(model::DeviceId device, Asked asked, Bytes request, WallTime now) {
  if (ring_.empty()) ring_.resize(kept);
  RequestRecord& record = ring_[next_ % kept];
  record.number = next_;
  record.device = device;
  record.asked = asked;
  record.sent = now;
  record.took = {};
  record.outcome = RequestOutcome::under_way;
  record.request.set(request);
  record.answer.size = 0;
  return next_++;
}

void RequestLog::ended(std::uint64_t number, RequestOutcome outcome, Duration took, Bytes answer) {
  if (ring_.empty()) return;
  RequestRecord& record = ring_[number % kept];
  if (record.number != number) return;
  record.outcome = outcome;
  record.took = took;
  record.answer.set(answer);
  if (outcome == RequestOutcome::answered || outcome == RequestOutcome::refused)
    latency_[record.device].add(took);
}

std::vector<RequestRecord> RequestLog::recent() const {
  std::vector<RequestRecord> all;
  for (std::uint64_t number = next_ - 1; number > 0 && next_ - number <= kept; --number)
    all.push_back(ring_[number % kept]);
  return all;
}

}  // namespace iw::driver

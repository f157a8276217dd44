#include "bms/troubles.hpp"

#include <algorithm>

namespace iw::bms {
const events::Limits* Troubles::limits_of(std::string_view path) const {
  const auto found = limits.find(path);
  return found != limits.end() ? &found->second : nullptr;
}

std::vector<SiteAlarm> alarms_of(const events::Alarms& alarms) {
  std::vector<SiteAlarm> all;
  alarms.for_each_active([&](const events::Event& event) {
    if (event.severity == events::Severity::info || event.source.device.empty()) return;
    SiteAlarm alarm{
        .id = event.id, .device = event.source.device, .path = event.source.path, .message = event.message};
    if (event.kind == events::Kind::limit_violated && event.value && event.limit)
      alarm.above = *event.value > *event.limit;
    if (event.acknowledged) alarm.seen_by = event.acknowledged->by;
    all.push_back(std::move(alarm));
  });
  std::ranges::sort(all, {}, &SiteAlarm::id);
  return all;
}

}  // namespace iw::bms

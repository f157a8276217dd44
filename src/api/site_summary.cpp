#include "api/site_summary.hpp"

#include <map>

#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

bus::DeviceState state_of(const gateway::Gateway& gateway, model::DeviceId device) {
  const bus::DeviceEvent* event = gateway.live().state(device);
  return event != nullptr ? event->state : bus::DeviceState::starting;
}

}  // namespace

Json device_counts(const gateway::Gateway& gateway) {
  std::map<std::string, std::size_t> counts{
      {"disabled", 0}, {"offline", 0}, {"online", 0}, {"starting", 0}, {"total", 0}};
  for (const gateway::DeviceSection& section : gateway.config().site.devices) {
    ++counts["total"];
    if (!section.enabled) ++counts["disabled"];
  }
  for (const model::SiteModel::Device& device : gateway.site().devices()) {
    const bus::DeviceState state = state_of(gateway, device.id);
    if (state == bus::DeviceState::online) ++counts["online"];
    if (state == bus::DeviceState::offline) ++counts["offline"];
  }
  counts["starting"] = counts["total"] - counts["disabled"] - counts["online"] - counts["offline"];
  return counts;
}

Json alarm_counts(const gateway::Gateway& gateway) {
  std::map<std::string, std::size_t> counts{{"active", 0}, {"alarm", 0},   {"critical", 0},
                                            {"info", 0},   {"shelved", 0}, {"unacknowledged", 0},
                                            {"warning", 0}};
  if (gateway.events() == nullptr) return counts;
  gateway.events()->alarms().for_each_active([&](const events::Event& event) {
    if (gateway.events()->is_shelved(event)) {
      ++counts["shelved"];
      return;
    }
    ++counts["active"];
    ++counts[std::string(events::to_string(event.severity))];
    if (events::state_of(event) == events::AlarmState::unacknowledged) ++counts["unacknowledged"];
  });
  return counts;
}

Json device_state_json(const gateway::Gateway& gateway, const gateway::DeviceSection& section,
                       const model::SiteModel::Device* device) {
  Json shown{{"name", section.name},
             {"state", section.enabled ? "starting" : "disabled"},
             {"since", nullptr},
             {"reason", ""},
             {"remedy", ""}};
  const bus::DeviceEvent* event = device != nullptr ? gateway.live().state(device->id) : nullptr;
  if (!section.enabled || event == nullptr) return shown;
  shown["state"] = bus::to_string(event->state);
  shown["since"] = gateway::format_time(event->time);
  shown["reason"] = event->reason;
  shown["remedy"] = event->remedy;
  return shown;
}

}  // namespace iw::api

#include "bms/site_device.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "bms/audit_trail.hpp"

namespace iw::bms {

using bacnet::ObjectId;
using bacnet::PropertyId;
using bacnet::server::Object;

SiteDevice::SiteDevice(io::Network& network, Log& log, const bacnet::server::DeviceSettings& device,
                       bacnet::server::ServerSettings server, std::vector<Load> loads, Memory memory,
                       Hooks hooks)
    : log_(log),
      device_(device, server.session),
      server_(device_, *this, std::move(server), network),
      instances_(std::move(memory.instances)),
      hooks_(std::move(hooks)),
      loads_(std::move(loads)),
      alarms_(std::move(memory.alarms)),
      clock_(network.executor().clock()) {}

Result<io::Endpoint> SiteDevice::open() {
  auto at = server_.open();
  if (!at) return at;
  const auto ip = bacnet::parse_ip(at->host, at->port);
  bacnet::server::PortTraits port{.port = at->port};
  if (ip) port.ip = ip->host;
  (void)device_.add(network_port_object(port));
  return at;
}

// ---- Which objects there are

void SiteDevice::take(const formats::Catalog& catalog) {
  catalog_ = catalog.points;
  place_points();
}

void SiteDevice::take(const std::vector<Standing>& standings) {
  const auto commanded = [](const std::vector<Standing>& all) {
    std::map<std::string, control::Rules> rules;
    for (const Standing& one : all)
      rules.emplace(one.path, one.rules);
    return rules;
  };
  const bool others = commanded(standings) != commanded(standings_);
  standings_ = standings;
  if (others) return place_points();
  for (const Standing& one : standings_) {
    Shown* shown = find(one.path);
    if (shown == nullptr || !shown->rules) continue;
    Object& object = *device_.find(shown->id);
    shown->overridden = !one.by_bacnet;
    shown->failing = one.failing;
    object.override_with(one.by_bacnet ? std::nullopt : bms::shown(shown->point, shown->id.type, one.value));
    show_condition(*shown, object);
    server_.changed(object);
  }
  keep_alarms();
}

ObjectId SiteDevice::object_id(const model::Mrid& point, bacnet::ObjectType type) {
  const std::size_t before = instances_.size();
  const ObjectId id = instances_.of(point, type);
  if (instances_.size() != before) hooks_.keep(instances_.save());
  return id;
}

void SiteDevice::place_points() {
  std::map<std::string, control::Rules, std::less<>> rules;
  for (const Standing& one : standings_)
    rules.emplace(one.path, one.rules);
  std::vector<Shown> next;
  for (const formats::CatalogPoint& point : catalog_) {
    Shown shown{.point = point};
    shown.point.alias = 0;  // no part of what it is
    if (const auto found = rules.find(point.path); found != rules.end() && point.writable)
      shown.rules = found->second;
    shown.id = object_id(point.mrid, type_of(point, shown.rules.has_value()));
    const auto same = by_object_.find(shown.id);
    // What is known of an object that stays is known of it still.
    if (same != by_object_.end() && shown_[same->second].is_as(shown)) shown = shown_[same->second];
    next.push_back(std::move(shown));
  }
  const std::map<ObjectId, std::size_t> before = std::exchange(by_object_, {});
  std::set<ObjectId> staying;
  for (const Shown& shown : next) {
    const auto same = before.find(shown.id);
    if (same != before.end() && shown_[same->second].is_as(shown)) staying.insert(shown.id);
  }
  for (const auto& [id, index] : before) {
    if (staying.contains(id)) continue;
    device_.remove(id);
    server_.removed(id);
    if (server_.reporting() != nullptr) server_.reporting()->removed(id);
  }
  by_path_.clear();
  for (std::size_t i = 0; i < next.size(); ++i) {
    by_path_.emplace(next[i].point.path, i);
    by_object_.emplace(next[i].id, i);
    if (staying.contains(next[i].id)) continue;
    auto added = device_.add(object_of(next[i].point, next[i].id, next[i].rules));
    if (!added) {
      log_.warning("BACnet: {}: {}", next[i].point.path, added.error().message);
    } else {
      enroll(next[i], **added);
    }
  }
  shown_ = std::move(next);
  place_trends();
  place_loads();
  place_devices();
  for (Shown& shown : shown_)
    if (shown.limited) show_point(shown);
  for (const auto& [device, id] : devices_)
    show_device(device, id);
  take(std::vector<Slot>(slots_));
  if (!standings_.empty()) take(std::vector<Standing>(standings_));
  keep_alarms();
}

// ---- Trend Logs

void SiteDevice::place_trends() {
  std::map<ObjectId, Trend> wanted;
  for (const Shown& shown : shown_) {
    const bool logs =
        shown.id.type != bacnet::ObjectType::characterstring_value && hooks_.has_trend(shown.point.path);
    if (logs)
      wanted.emplace(object_id(shown.point.mrid, bacnet::ObjectType::trend_log),
                     Trend{.point = shown.point.mrid, .logged = shown.id});
  }
  for (const auto& [id, trend] : trends_) {
    const auto same = wanted.find(id);
    if (same == wanted.end() || same->second.logged != trend.logged) device_.remove(id);
  }
  trends_ = std::move(wanted);
  for (const auto& [id, trend] : trends_) {
    if (device_.find(id) != nullptr) continue;
    const std::string name = fmt::format("{} trend", shown_[by_object_.at(trend.logged)].point.path);
    auto added = device_.add(trend_log_object(id.instance, name, {.object = trend.logged}, trend_traits,
                                              [this] { return bounds(); }));
    if (!added) log_.warning("BACnet: {}: {}", name, added.error().message);
  }
}

bacnet::server::LogBounds SiteDevice::bounds() const {
  return bounds_of(trend_traits, hooks_.since, clock_.wall_now());
}

std::optional<bacnet::server::Plant::LogState> SiteDevice::log_state(ObjectId id) const {
  if (!trends_.contains(id)) return std::nullopt;
  return LogState{.traits = trend_traits, .records = bounds()};
}

void SiteDevice::read_log(ObjectId id, const bacnet::server::LogBounds& records, Logged done) {
  const auto found = trends_.find(id);
  if (found == trends_.end()) return done({});
  hooks_.read_log(found->second.point, records, while_alive(std::move(done)));
}

// ---- Loads

// Each as soon as its point is known.
void SiteDevice::place_loads() {
  for (const Load& load : loads_) {
    const Shown* shown = find(load.path);
    if (shown == nullptr) continue;
    const ObjectId id = object_id(shown->point.mrid, bacnet::ObjectType::load_control);
    if (shedding_.contains(id)) continue;
    Shedding shedding{.path = load.path, .control = bacnet::server::LoadControl(load.traits)};
    const std::string name = fmt::format("{} load control", load.path);
    auto added = device_.add(shedding.control.object(
        {.instance = id.instance, .name = name, .description = fmt::format("sheds by {}", load.path)}));
    if (!added) {
      log_.warning("BACnet: {}: {}", name, added.error().message);
    } else {
      shedding_.emplace(id, std::move(shedding));
    }
  }
}

void SiteDevice::write(ObjectId id, const bacnet::PropertyReference& property, Bytes value,
                       const bacnet::Address& by, Done done) {
  const auto found = shedding_.find(id);
  if (found == shedding_.end())
    return done(bacnet::BacnetError{bacnet::ErrorClass::property, bacnet::ErrorCode::write_access_denied});
  Shedding& shedding = found->second;
  const auto before = shedding.control.request();
  if (const auto taken = shedding.control.write(property, value); !taken) return done(taken.error());
  tick();
  const auto asked = shedding.control.request();
  if (asked == before) return done(std::nullopt);
  std::optional<Commander::Shed> wanted;
  if (asked) {
    const WallTime now = clock_.wall_now();
    const WallTime start = std::max(now, asked->start);
    wanted = Commander::Shed{.path = shedding.path,
                             .limit = asked->limit_w,
                             .starts_in = start - now,
                             .life = asked->end() - start,
                             .by = to_string(by)};
  }
  hooks_.shed(shedding.path, std::move(wanted), while_alive(std::move(done)));
}

bool SiteDevice::is_within(const std::string& path, double limit) const {
  const auto found = std::ranges::find(standings_, path, &Standing::path);
  return found != standings_.end() && !found->failing && found->value <= limit;
}

void SiteDevice::tick() {
  for (auto& [id, shedding] : shedding_) {
    const auto asked = shedding.control.request();
    shedding.control.step(clock_.wall_now(), asked && is_within(shedding.path, asked->limit_w));
    Object* object = device_.find(id);
    if (object != nullptr && shedding.control.show(*object)) server_.changed(*object);
  }
}

SiteDevice::Shown* SiteDevice::find(std::string_view path) {
  const auto found = by_path_.find(path);
  return found != by_path_.end() ? &shown_[found->second] : nullptr;
}

// ---- What they show

void SiteDevice::take(const formats::Batch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.alias[i] >= shown_.size()) continue;
    Shown& shown = shown_[batch.alias[i]];
    Object* object = device_.find(shown.id);
    if (object == nullptr) continue;
    shown.reliability = reliability_of(batch.quality[i]);
    // A command shows in Present_Value what is commanded. What can not be shown leaves what was.
    const bool tells = shown.reliability == no_fault_detected && !shown.rules;
    if (const auto value = tells ? bms::shown(shown.point, shown.id.type, batch.value[i]) : std::nullopt)
      object->set(PropertyId::present_value, *value);
    show_condition(shown, *object);
    server_.changed(*object);
  }
  for (const formats::TextValue& text : batch.texts) {
    if (text.alias >= shown_.size()) continue;
    Shown& shown = shown_[text.alias];
    Object* object = device_.find(shown.id);
    if (object == nullptr || shown.id.type != bacnet::ObjectType::characterstring_value) continue;
    shown.reliability = reliability_of(text.quality);
    if (shown.reliability == no_fault_detected)
      object->set(PropertyId::present_value, bacnet::CharacterString::utf8(text.text));
    show_condition(shown, *object);
    server_.changed(*object);
  }
  keep_alarms();
}

void SiteDevice::show_condition(Shown& shown, Object& object) {
  bacnet::server::Condition condition{
      .reliability = shown.reliability, .event = shown.event, .overridden = shown.overridden};
  shown.was_good = shown.was_good || shown.reliability == no_fault_detected;
  if (condition.reliability == no_fault_detected && shown.failing) condition.reliability = unreliable_other;
  if (condition == shown.condition) return;
  shown.condition = condition;
  object.set_condition(condition);
  if (shown.limited) show_point(shown);
}

// ---- Commands

void SiteDevice::take(const std::vector<Slot>& slots) {
  slots_ = slots;
  for (const Shown& shown : shown_) {
    Object* object = shown.rules ? device_.find(shown.id) : nullptr;
    if (object == nullptr || !object->commandable()) continue;
    for (std::uint8_t priority = 1; priority <= bacnet::server::priorities; ++priority) {
      const auto slot = std::ranges::find_if(
          slots_, [&](const Slot& one) { return one.path == shown.point.path && one.priority == priority; });
      const auto value =
          slot != slots_.end() ? bms::shown(shown.point, shown.id.type, slot->value) : std::nullopt;
      if (object->commandable()->slot(priority) != value) object->command(priority, value);
    }
    server_.changed(*object);
  }
}

void SiteDevice::command(const bacnet::server::Command& command, Done done) {
  const auto found = by_object_.find(command.object);
  if (found == by_object_.end())
    return done(bacnet::BacnetError{bacnet::ErrorClass::object, bacnet::ErrorCode::unknown_object});
  const Shown& shown = shown_[found->second];
  Commander::Order order{.path = shown.point.path, .priority = command.priority, .by = to_string(command.by)};
  if (command.value) {
    order.value = meant(shown.point, shown.id.type, *command.value);
    if (!order.value)
      return done(bacnet::BacnetError{bacnet::ErrorClass::property, bacnet::ErrorCode::value_out_of_range});
  }
  hooks_.command(std::move(order), while_alive(std::move(done)));
}

void SiteDevice::record(const Deed& deed, Done done) {
  const Object* object = deed.object ? device_.find(*deed.object) : nullptr;
  std::string subject = object != nullptr ? object->name() : deed.object ? to_string(*deed.object) : "device";
  hooks_.record(audit_entry(deed, std::move(subject), clock_.wall_now()), while_alive(std::move(done)));
}

}  // namespace iw::bms

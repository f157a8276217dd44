#include "bms/service.hpp"

#include <cmath>

#include <fmt/chrono.h>

#include "bms/settings.hpp"
#include "events/event_store.hpp"
#include "gateway/event_keeper.hpp"
#include "gateway/point_patterns.hpp"

namespace iw::bms {
namespace {

using bacnet::BacnetError;
using bacnet::ErrorClass;
using bacnet::ErrorCode;
using gateway::BacnetServerSection;

constexpr Duration look_every = 500ms;
constexpr std::string_view instances_name = "bacnet.objects";
constexpr std::string_view slots_name = "bacnet.slots";
constexpr std::string_view recipients_name = "bacnet.recipients";
constexpr std::string_view alarms_name = "bacnet.alarms";
// A clock that somebody says is so far from his is a warning; that he said the time is noted so often.
constexpr Duration clocks_agree = 5s;
constexpr Duration note_time_every = 1h;
constexpr std::size_t most_noted = 100;

// What control says, in the words of the standard.
BacnetError error_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::denied: return {ErrorClass::property, ErrorCode::write_access_denied};
    case ErrorKind::invalid_argument: return {ErrorClass::property, ErrorCode::value_out_of_range};
    case ErrorKind::exhausted: return {ErrorClass::resources, ErrorCode::no_space_to_write_property};
    case ErrorKind::busy: return {ErrorClass::device, ErrorCode::device_busy};
    default: return {ErrorClass::device, ErrorCode::operational_problem};
  }
}

bool is_failing(const gateway::ControlDesk::View& view) {
  using model::WriteState;
  if (!view.trouble.empty()) return true;
  const WriteState state = view.actuator.status().state;
  return state == WriteState::refused || state == WriteState::not_followed || state == WriteState::unknown;
}

}  // namespace

// One device, with what belongs to it on the core.
struct Service::Running {
  BacnetServerSection section;                // without its place
  std::shared_ptr<SiteDevice> device;         // goes where it lives
  std::unique_ptr<Commander> commander = {};  // none: nothing can be controlled
  std::unique_ptr<gateway::Telemetry> telemetry = {};
  std::vector<Standing> standings = {};  // as told last
  Troubles troubles = {};
};

Service::Service(Around around)
    : around_(std::move(around)),
      there_(around_.network.executor()),
      data_folder_(around_.gateway.config().data_folder),
      state_({.core = around_.core, .blocking = around_.blocking}, around_.files, data_folder_, around_.log),
      tasks_(there_) {
  around_.gateway.bus().watch([this, alive = std::weak_ptr(alive_)](const model::SampleBatch& batch) {
    if (!alive.expired() && running_) running_->telemetry->take(batch);
  });
}

Service::~Service() = default;

void Service::apply(const std::optional<BacnetServerSection>& section) {
  std::optional<BacnetServerSection> wanted = section;
  if (wanted) {
    wanted->place = nullptr;
    for (gateway::BacnetLoad& load : wanted->loads)
      load.place = nullptr;
    if (wanted->alarms) wanted->alarms->place = nullptr;
  }
  if (running_ && wanted && running_->section == *wanted) return;
  if (running_) end(std::move(running_));
  if (wanted) running_ = start(*wanted);
  if (running_) around_.core.arm(*this, around_.core.now());
}

std::unique_ptr<Service::Running> Service::start(const BacnetServerSection& section) {
  const auto none = [this](const Error& error) {
    around_.log.error("no BACnet device: {}; {}", error.message, error.remedy);
    return nullptr;
  };
  if (!audit_) {
    auto opened = AuditTrail::open({.core = around_.core, .blocking = around_.blocking}, around_.files,
                                   data_folder_, around_.log);
    if (!opened) return none(opened.error());
    audit_ = std::move(*opened);
  }
  const auto text = state_.read(std::string(instances_name));
  if (!text && text.error().kind != ErrorKind::not_found) return none(text.error());
  auto instances = Instances::parse(text ? *text : std::string());
  if (!instances) return none(std::move(instances).error().in(state_.path(std::string(instances_name))));
  return make(section, {.instances = std::move(*instances),
                        .alarms = parse_alarm_memories(state_.read(std::string(alarms_name)).value_or(""))});
}

std::unique_ptr<Service::Running> Service::make(const BacnetServerSection& section,
                                                SiteDevice::Memory memory) {
  const std::string& site = around_.gateway.config().site.site.name;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(around_.core.clock().wall_now());
  const bacnet::server::DeviceSettings device =
      device_settings(section, site, around_.version,
                      // What was there before a restart is not known: another revision says so.
                      static_cast<std::uint32_t>(seconds.time_since_epoch().count()));
  bacnet::server::ServerSettings settings =
      server_settings(section, state_.read(std::string(recipients_name)).value_or(""));
  auto served = std::make_shared<SiteDevice>(around_.network, around_.log, device, std::move(settings),
                                             loads_of(section), std::move(memory), hooks(section));
  auto running = std::make_unique<Running>(Running{.section = section, .device = std::move(served)});
  running->telemetry = std::make_unique<gateway::Telemetry>(
      around_.core, around_.gateway.site(),
      gateway::Telemetry::Settings{
          .site_name = site,
          .wanted = [points =
                         section.points](std::string_view name) { return gateway::wanted(points, name); }},
      gateway::Telemetry::Receiver{
          .on_catalog = [this, to = running->device.get()](
                            const auto& catalog) { there_.post([to, catalog] { to->take(*catalog); }); },
          .on_batch =
              [this, to = running->device.get()](formats::Batch batch) {
                there_.post([to, batch = std::move(batch)] { to->take(batch); });
              }});
  if (gateway::ControlDesk* desk = around_.gateway.control(); desk != nullptr && !section.write.empty()) {
    running->commander = std::make_unique<Commander>(
        Commander::Around{.core = around_.core,
                          .desk = *desk,
                          .log = around_.log,
                          .changed =
                              [this] {
                                if (!running_) return;
                                hand_over_slots();
                                state_.keep(std::string(slots_name), running_->commander->text());
                              }},
        Commander::Settings{.owner = section.owner, .life = section.command_life});
    running->commander->restore(state_.read(std::string(slots_name)).value_or(""));
  }
  there_.post([this, device = running->device, instance = section.device] {
    const auto at = device->open();
    if (!at) return around_.log.error("no BACnet device: {}; {}", at.error().message, at.error().remedy);
    around_.log.info("BACnet device {} at {}", instance, io::to_string(*at));
    auto run = [](std::shared_ptr<SiteDevice> self) -> io::Task<void> { co_await self->run(); };
    tasks_.spawn(run(device));
  });
  return running;
}

// Called on the device's thread, carried out on the core.
SiteDevice::Hooks Service::hooks(const BacnetServerSection& section) {
  return {
      .command =
          [this](Commander::Order order, auto done) {
            around_.core.post([this, order = std::move(order), done = std::move(done)]() mutable {
              command(std::move(order), std::move(done));
            });
          },
      .shed =
          [this](const std::string& of, std::optional<Commander::Shed> wanted, auto done) {
            around_.core.post([this, of, wanted = std::move(wanted), done = std::move(done)]() mutable {
              shed(of, std::move(wanted), std::move(done));
            });
          },
      .keep = keeper(instances_name),
      .read_log = [this](const model::Mrid& point, const bacnet::server::LogBounds& minutes,
                         auto done) { read_log(point, minutes, std::move(done)); },
      .acknowledge =
          [this](std::vector<events::EventId> events, const bacnet::server::Plant::Seen& by) {
            around_.core.post([this, events = std::move(events), by] { acknowledge(events, by); });
          },
      .keep_recipients = keeper(recipients_name),
      .keep_alarms = keeper(alarms_name),
      .record =
          [this](security::AuditEntry entry, auto done) {
            around_.core.post([this, entry = std::move(entry), done = std::move(done)]() mutable {
              record(std::move(entry), std::move(done));
            });
          },
      .told_time_by =
          [this](const bacnet::server::Plant::TimeTold& told) {
            around_.core.post([this, told] { told_time(told); });
          },
      .has_trend = [trends = trends_of(section)](
                       std::string_view name) { return !trends.empty() && gateway::wanted(trends, name); },
      .since = since()};
}

std::function<void(std::string)> Service::keeper(std::string_view name) {
  return [this, name = std::string(name)](std::string text) {
    around_.core.post([this, name, text = std::move(text)]() mutable { state_.keep(name, std::move(text)); });
  };
}

void Service::end(std::unique_ptr<Running> running) {
  running->telemetry.reset();
  running->commander.reset();
  there_.post([device = std::move(running->device)] { device->close(); });
}

void Service::stop(std::move_only_function<void()> stopped) {
  disarm();
  if (running_) end(std::move(running_));
  there_.post([this, stopped = std::move(stopped)]() mutable {
    auto main = [](Service& self, std::move_only_function<void()> then) -> io::Task<void> {
      co_await self.tasks_.join();
      self.around_.core.post(std::move(then));
    };
    // Joined from a group of its own: a task can not await the group that it is in.
    ending_.emplace(there_);
    ending_->spawn(main(*this, std::move(stopped)));
  });
}

// ---- The past

// Without a history there are no Trend Logs.
std::vector<std::string> Service::trends_of(const BacnetServerSection& section) const {
  return around_.gateway.recorder() != nullptr ? section.trends : std::vector<std::string>();
}

WallTime Service::since() const {
  const WallTime now = around_.core.clock().wall_now();
  if (around_.gateway.recorder() == nullptr) return now;
  const auto since = history_since(around_.files, gateway::history_folder(data_folder_));
  return since ? since->value_or(now) : now;
}

void Service::read_log(const model::Mrid& point, const bacnet::server::LogBounds& minutes,
                       std::move_only_function<void(std::vector<bacnet::server::LogItem>)> done) {
  auto read = [this, minutes, done = std::move(done)](historian::Excerpt history) mutable {
    around_.blocking.post([this, minutes, done = std::move(done), history = std::move(history)]() mutable {
      auto items = trend_of(history, minutes);
      if (!items) around_.log.warning("BACnet: a Trend Log can not be read: {}", items.error().message);
      there_.post(
          [done = std::move(done), items = items.value_or(std::vector<bacnet::server::LogItem>())]() mutable {
            done(std::move(items));
          });
    });
  };
  around_.core.post([this, point, read = std::move(read)]() mutable {
    around_.gateway.recorder()->excerpt(
        [point](const historian::SeriesInfo& series) { return series.mrid == point; }, std::move(read));
  });
}

// ---- Control

std::move_only_function<void(Result<void>)> Service::answer_there(Done done) {
  return [this, done = std::move(done)](const Result<void>& result) mutable {
    there_.post(
        [done = std::move(done),
         why = result ? std::nullopt : std::optional(error_of(result.error()))]() mutable { done(why); });
  };
}

void Service::command(Commander::Order order, Done done) {
  auto answer = answer_there(std::move(done));
  if (!running_ || !running_->commander) return answer(fail(ErrorKind::denied, "nothing can be controlled"));
  running_->commander->command(std::move(order), std::move(answer));
}

void Service::shed(const std::string& path, std::optional<Commander::Shed> wanted, Done done) {
  auto answer = answer_there(std::move(done));
  if (!running_ || !running_->commander) return answer(fail(ErrorKind::denied, "nothing can be controlled"));
  running_->commander->shed(path, std::move(wanted), std::move(answer));
}

void Service::hand_over_slots() {
  there_.post([to = running_->device.get(), slots = running_->commander->slots()] { to->take(slots); });
}

std::vector<Standing> Service::standings() const {
  std::vector<Standing> all;
  if (!running_->commander) return all;
  for (const gateway::ControlDesk::View& view : around_.gateway.control()->view()) {
    const control::Ruling& ruling = view.point.ruling;
    const bool ours = !ruling.winner || view.point.claims[*ruling.winner].owner == running_->section.owner;
    all.push_back({.path = view.point.path,
                   .rules = view.point.rules,
                   .value = ruling.value,
                   .by_bacnet = ours && ruling.value == ruling.wanted,
                   .failing = is_failing(view)});
  }
  return all;
}

// ---- Alarms and the time

Troubles Service::troubles() const {
  Troubles troubles;
  if (!running_->section.alarms || around_.gateway.events() == nullptr) return troubles;
  const gateway::SiteConfig& site = around_.gateway.config().site;
  for (const model::SiteModel::Device& device : around_.gateway.site().devices())
    troubles.devices.push_back(device.name);
  troubles.limits.insert(site.limits.begin(), site.limits.end());
  troubles.alarms = alarms_of(around_.gateway.events()->alarms());
  return troubles;
}

// In the file that all share: the gateway notices within a second, as when somebody else does.
void Service::acknowledge(const std::vector<events::EventId>& ids, const bacnet::server::Plant::Seen& by) {
  const events::Acknowledgement seen{
      .time = around_.core.clock().wall_now(),
      .by = by.who.empty() ? "BACnet" : by.who,
      .comment = fmt::format("by BACnet from {}, process {}", to_string(by.by), by.process)};
  around_.blocking.post([this, ids, seen, path = gateway::events_path(data_folder_)] {
    auto store = events::EventStore::open(path, sqlite::Mode::write);
    for (const events::EventId id : ids) {
      const auto done = store ? store->acknowledge(id, seen) : fail(store.error());
      if (!done)
        around_.log.warning("BACnet: event {} is not acknowledged: {}", id.value(), done.error().message);
    }
  });
}

void Service::record(security::AuditEntry entry, Done done) {
  audit_->record(std::move(entry), [answer = answer_there(std::move(done))](
                                       const Result<void>& kept) mutable { answer(kept); });
}

// Our clock is the system's, which is kept by better means than a broadcast; but that two clocks of the site
// differ is something that somebody has to know.
void Service::told_time(const bacnet::server::Plant::TimeTold& told) {
  const std::string by = to_string(told.by);
  const WallTime now = around_.core.clock().wall_now();
  const auto seconds = std::chrono::duration<double>(told.ahead).count();
  const std::string words =
      fmt::format("{} says by BACnet that it is {:%F %T} {}: {:.1f} s {} our clock", by,
                  std::chrono::floor<std::chrono::seconds>(told.time), told.utc ? "UTC" : "local time",
                  std::abs(seconds), seconds < 0 ? "behind" : "ahead of");
  const events::Source source{.path = "BACnet"};
  if (std::chrono::abs(told.ahead) > clocks_agree) {
    around_.gateway.raise(events::Kind::clock_not_synchronized, source,
                          {.message = words, .remedy = "find out which of the two clocks is right"});
  } else {
    around_.gateway.clear(events::Kind::clock_not_synchronized, source);
  }
  const auto [noted, is_new] = told_.try_emplace(by, now);
  if (!is_new && now - noted->second < note_time_every) return;
  noted->second = now;
  if (told_.size() > most_noted) told_.erase(told_.begin());
  around_.log.info("{}; it is not set by that", words);
}

void Service::on_timer() {
  if (!running_) return;
  if (Troubles trouble = troubles(); trouble != running_->troubles) {
    running_->troubles = trouble;
    there_.post([to = running_->device.get(), trouble = std::move(trouble)] { to->take(trouble); });
  }
  std::vector<Standing> now = standings();
  if (now != running_->standings) {
    running_->standings = now;
    there_.post([to = running_->device.get(), now = std::move(now)] { to->take(now); });
    if (running_->commander) hand_over_slots();
  }
  if (!running_->section.loads.empty()) there_.post([to = running_->device.get()] { to->tick(); });
  around_.core.arm(*this, around_.core.now() + look_every);
}

}  // namespace iw::bms

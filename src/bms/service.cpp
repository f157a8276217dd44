#include "bms/service.hpp"

#include <cmath>

#include <fmt/chrono.h>

#include "base/hex.hpp"
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

// As the configuration wants it, until a client wrote another list.
bacnet::server::ReportingSettings reporting_settings(const gateway::BacnetAlarms& alarms,
                                                     std::string_view kept) {
  bacnet::server::ReportingSettings settings{.notification_class =
                                                 static_cast<std::uint32_t>(alarms.notification_class)};
  for (const bacnet::IpAddress& at : alarms.recipients) {
    settings.recipients.push_back({.recipient = bacnet::Address{.mac = to_mac(at)},
                                   .process = static_cast<std::uint32_t>(alarms.process),
                                   .confirmed = alarms.confirmed});
  }
  if (const auto bytes = parse_hex(kept); bytes && !kept.empty()) {
    if (auto written = bacnet::decode_destinations(*bytes)) settings.recipients = std::move(*written);
  }
  return settings;
}

bacnet::server::ServerSettings server_settings(const BacnetServerSection& section) {
  bacnet::server::ServerSettings settings{
      .listen = section.listen,
      .link = {.broadcast = section.broadcast, .foreign = {}},
      .services = {.password = section.password,
                   .subscriptions = {.most = section.subscriptions, .period = section.notify_period}},
      .allow = section.allow,
      .write = section.write};
  if (section.bbmd)
    settings.link.foreign =
        bacnet::ForeignDevice{.bbmd = *section.bbmd, .time_to_live = section.time_to_live};
  return settings;
}

std::vector<SiteDevice::Load> loads_of(const BacnetServerSection& section) {
  std::vector<SiteDevice::Load> loads;
  for (const gateway::BacnetLoad& load : section.loads) {
    loads.push_back(
        {.path = load.point,
         .traits = {.baseline_w = load.baseline_w, .levels = {load.levels.begin(), load.levels.end()}}});
  }
  return loads;
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
      tasks_(there_) {
  around_.gateway.bus().watch([this, alive = std::weak_ptr(alive_)](const model::SampleBatch& batch) {
    if (!alive.expired() && running_) running_->telemetry->take(batch);
  });
}

Service::~Service() = default;

std::string Service::path(const std::string& name) const { return fmt::format("{}/{}", data_folder_, name); }

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
  const std::string objects = path(std::string(instances_name));
  const auto text = around_.files.read(objects);
  if (!text && text.error().kind != ErrorKind::not_found) {
    around_.log.error("no BACnet device: {}", text.error().message);
    return nullptr;
  }
  auto instances = Instances::parse(text ? *text : std::string());
  if (!instances) {
    around_.log.error("no BACnet device: {}: {}; {}", objects, instances.error().message,
                      instances.error().remedy);
    return nullptr;
  }
  return make(section, std::move(*instances));
}

std::unique_ptr<Service::Running> Service::make(const BacnetServerSection& section, Instances instances) {
  const std::string& site = around_.gateway.config().site.site.name;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(around_.core.clock().wall_now());
  const bacnet::server::DeviceSettings device{
      .instance = section.device,
      .name = section.name.empty() ? site : section.name,
      .description = fmt::format("Interwatt gateway of {}", site),
      .location = section.location,
      .vendor = section.vendor,
      .vendor_name = "Interwatt",
      .model = "Interwatt gateway",
      .version = around_.version,
      // What was there before a restart is not known: another revision says so.
      .database_revision = static_cast<std::uint32_t>(seconds.time_since_epoch().count()),
      .writable = !section.write.empty(),
      .controllable = !section.password.empty(),
      .reports = section.alarms.has_value()};
  bacnet::server::ServerSettings settings = server_settings(section);
  if (section.alarms) {
    settings.services.reporting = reporting_settings(
        *section.alarms, around_.files.read(path(std::string(recipients_name))).value_or(std::string()));
  }
  auto served = std::make_shared<SiteDevice>(
      around_.network, around_.log, device, std::move(settings), loads_of(section), std::move(instances),
      SiteDevice::Hooks{
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
          .keep = [this](std::string text) { keep(std::string(instances_name), std::move(text)); },
          .read_log = [this](const model::Mrid& point, const bacnet::server::LogBounds& minutes,
                             auto done) { read_log(point, minutes, std::move(done)); },
          .acknowledge =
              [this](std::vector<events::EventId> events, const std::string& by) {
                around_.core.post([this, events = std::move(events), by] { acknowledge(events, by); });
              },
          .keep_recipients =
              [this](std::string text) { keep(std::string(recipients_name), std::move(text)); },
          .told_time_by =
              [this](const bacnet::server::Plant::TimeTold& told) {
                around_.core.post([this, told] { told_time(told); });
              },
          .has_trend =
              [trends = trends_of(section)](std::string_view name) {
                return !trends.empty() && gateway::wanted(trends, name);
              },
          .since = since()});
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
                                keep(std::string(slots_name), running_->commander->text());
                              }},
        Commander::Settings{.owner = section.owner, .life = section.command_life});
    running->commander->restore(around_.files.read(path(std::string(slots_name))).value_or(std::string()));
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
  around_.blocking.post([this, point, minutes, done = std::move(done),
                         folder = gateway::history_folder(data_folder_)]() mutable {
    auto items = trend_of(around_.files, folder, point, minutes);
    if (!items) around_.log.warning("BACnet: a Trend Log can not be read: {}", items.error().message);
    there_.post(
        [done = std::move(done), items = items.value_or(std::vector<bacnet::server::LogItem>())]() mutable {
          done(std::move(items));
        });
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
void Service::acknowledge(const std::vector<events::EventId>& ids, const std::string& by) {
  const events::Acknowledgement seen{
      .time = around_.core.clock().wall_now(), .by = by.empty() ? "BACnet" : by, .comment = "by BACnet"};
  around_.blocking.post([this, ids, seen, path = gateway::events_path(data_folder_)] {
    auto store = events::EventStore::open(path, sqlite::Mode::write);
    for (const events::EventId id : ids) {
      const auto done = store ? store->acknowledge(id, seen) : fail(store.error());
      if (!done)
        around_.log.warning("BACnet: event {} is not acknowledged: {}", id.value(), done.error().message);
    }
  });
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

void Service::keep(const std::string& name, std::string text) {
  around_.blocking.post([this, path = path(name), text = std::move(text)] {
    if (auto kept = around_.files.replace(path, text, 0644); !kept)
      around_.log.warning("{} is not kept: {}", path, kept.error().message);
  });
}

}  // namespace iw::bms

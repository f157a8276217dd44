#include "life.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <fmt/ranges.h>

#include "gateway/control_keeper.hpp"
#include "json/json.hpp"

namespace iw::life {
namespace {

using io::world::Death;
using io::world::FaultKind;

constexpr std::string_view relay_profile = R"(profile: life/relay
manufacturer: Life
models: [Relay]
description: A register that remembers what it was told last.
assets: [{kind: load}]
address_base: pdu
connection: {unit: 1, timeout: 1s}
defaults: {table: holding, type: u16}
points:
  - {name: LoadShedLevel, address: 0, writable: true, min: 0, max: 60000}
)";

constexpr std::array<std::string_view, devices> profiles{"schneider/iem3000", "eastron/sdm630", "sunspec",
                                                         "huawei/sun2000",    "sunspec",        "life/relay"};

std::string in_ms(Duration d) {
  return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

bool touches_a_road(FaultKind kind) {
  switch (kind) {
    case FaultKind::wall_clock_step:
    case FaultKind::clock_drift:
    case FaultKind::disk_full:
    case FaultKind::disk_error: return false;
    default: return true;
  }
}

Plan completed(Plan plan) {
  io::world::SeededRandom random(plan.seed, "plan");
  constexpr std::array paces{1s, 10s, 60s};
  if (plan.poll == 0ns) plan.poll = paces[random.below(paces.size())];
  if (plan.length == 0ns) plan.length = 1200 * plan.poll;
  return plan;
}

}  // namespace

// What the gateway says is a part of the trace.
class Life::TraceLog final : public Log {
 public:
  explicit TraceLog(io::world::World& world) : world_(world) {}

 protected:
  void write(LogLevel level, std::string_view message) override {
    world_.trace("gateway says", "{}: {}", to_string(level), message);
  }

 private:
  io::world::World& world_;
};

Life::Life(const Plan& plan)
    : plan_(completed(plan)),
      world_(plan_.seed),
      random_(world_.random("life")),
      connectors_random_(world_.random("connectors")),
      log_(std::make_unique<TraceLog>(world_)),
      premises_(world_, site_node_, *log_, std::max<Duration>(250ms, plan_.poll / 4), plan_.mutation),
      owners_(gateway_node_, plan_),
      hub_(hub_node_, *log_) {
  if (!plan_.hub) hub_.kill();
  for (const InvariantRow& row : invariant_table()) {
    invariants_.push_back(row.make());
    invariants_.back()->number = row.number;
  }
  premises_.on_write = [this](Settable point) {
    note_write(point);
    for (const auto& invariant : invariants_)
      invariant->write(*this, point);
    // A gateway that ends in the middle of a command.
    if (!calm_ && random_.chance(0.02)) {
      ++faults_;
      world_.at(now() + random_.between(0ns, 30ms), [this] { gateway_node_.kill(Death::crash); });
      world_.at(now() + random_.between(1s, 20s), [this] { reboot_gateway(); });
    }
  };
  premises_.on_step = [this] {
    for (const auto& invariant : invariants_)
      invariant->step(*this);
  };
}

Life::~Life() { bury_gateway(); }

void Life::note_write(Settable point) {
  const auto mix = [this](std::uint64_t word) { writes_hash_ = (writes_hash_ ^ word) * 0x100000001b3; };
  world_.trace("life", "{} is told {}", envelopes[point].path, premises_.held(point));
  mix(static_cast<std::uint64_t>(now().time_since_epoch().count()));
  mix(point);
  mix(std::bit_cast<std::uint64_t>(premises_.held(point)));
}

void Life::trace_to(io::world::World::TraceSink sink) { world_.trace_to(std::move(sink)); }

bool Life::has_broken(int number) const {
  return std::ranges::find(broken_, number, &Broken::number) != broken_.end();
}

void Life::note_broken(int number, std::string what) {
  if (has_broken(number)) return;  // the first tells most
  world_.trace("life", "I{} is broken: {}", number, what);
  broken_.push_back({number, now(), std::move(what)});
}

Instant Life::calm_since(std::size_t device) const {
  if (!gateway_) return never;
  Instant since = since_;
  for (const Trouble& trouble : troubles_) {
    if (trouble.device != device && trouble.device != devices) continue;
    if (trouble.from > now()) continue;
    if (trouble.until > now()) return never;
    since = std::max(since, trouble.until);
  }
  return since;
}

// ---- the gateway

Envelope Life::envelope_of(std::size_t point, bool variant) {
  Envelope e = envelopes[point];
  if (variant && !e.once) {
    e.minimum *= 0.8;
    e.maximum *= 0.8;
    e.fallback *= 0.8;
  }
  return e;
}

std::string Life::configuration() const {
  const Mutation m = plan_.mutation;
  std::string points;
  for (std::size_t i = 0; i < settables; ++i) {
    Envelope e = envelope_of(i, m == Mutation::mixed_configuration ? variant_ && i == 0 : variant_);
    if (m == Mutation::wide_range && !e.once) e.minimum *= 1.5, e.maximum *= 1.5;
    if (m == Mutation::other_default && i == carport_limit) e.fallback = 0;
    points += fmt::format("    {}: {{min: {}, max: {}, default: {}, fail_safe: {}, off: 0, among: {}", e.path,
                          e.minimum, e.maximum, e.fallback, e.fail_safe,
                          m == Mutation::among_the_least ? "least" : "newest");
    if (std::isfinite(e.ramp) && m != Mutation::steep_ramp) points += fmt::format(", ramp: {}", e.ramp);
    if (e.once && m != Mutation::writes_again) points += ", once: true";
    if (i == inverter_limit || i == carport_limit)
      points += fmt::format(", needs: {{grid/ActivePower: {}}}", in_ms(3 * plan_.poll));
    points += "}\n";
  }
  std::string rights;
  for (const Owner& owner : owner_table) {
    const auto right = m == Mutation::right_for_anybody ? std::optional(owner.claims_at) : owner.right;
    if (right)
      rights +=
          fmt::format("    - {{owner: {}, level: {}, points: [\"*\"]}}\n", owner.name, to_string(*right));
  }
  const Duration poll = m == Mutation::rare_polls ? 30 * plan_.poll : plan_.poll;
  const std::string rare = fmt::format(", rates: {{fast: {0}, normal: {0}}}", in_ms(60 * plan_.poll));
  std::string lines;
  std::string devices_text;
  for (std::size_t i = 0; i < devices; ++i) {
    lines +=
        fmt::format("  - {{connect: \"modbus://{}\", timeout: 1s}}\n", io::to_string(premises_.endpoint(i)));
    devices_text += fmt::format("  - {{name: {}, connect: \"modbus://{}?unit=1\", profile: {}{}}}\n",
                                device_names[i], io::to_string(premises_.endpoint(i)), profiles[i],
                                m == Mutation::patient_controllers && i == 0 ? rare : "");
  }
  const Duration oldest =
      m == Mutation::patient_controllers ? Duration(10min) : std::min<Duration>(need_age(), 10min);
  const std::string period = in_ms(std::min<Duration>(plan_.poll, 1min));
  const double limit = m == Mutation::higher_limit ? 3 * export_limit_w : export_limit_w;
  const std::string batteries =
      "[{asset: battery, max_charge_w: 4000, max_discharge_w: 4000, capacity_wh: 20000}]";
  return fmt::format(
      "site: {{name: life}}\nprofiles: profiles\ndata: data\n"
      "rates: {{fast: {0}, normal: {0}, slow: {1}, thermal: {0}, constant: {1}}}\n"
      "control:\n  enabled: true\n  settle: {2}\n  points:\n{3}  rights:\n{4}"
      "controllers:\n"
      "  - name: feed-in\n    mode: act\n    level: protection\n    export_limit: {{grid: grid/ActivePower, "
      "limit_w: {5}, margin_w: "
      "100, "
      "oldest: {6}, period: {7}, moves: [{{point: inverter/ActivePowerLimit, max_w: 8000}}, "
      "{{point: carport/ActivePowerLimit, max_w: 5000}}, {{point: battery/ActivePowerSetpoint, max_w: "
      "5000}}]}}\n"
      "  - name: own use\n    mode: act\n    self_consumption: {{grid: grid/ActivePower, oldest: {6}, "
      "period: {7}, "
      "batteries: {8}}}\n"
      "  - name: droop\n    mode: {9}\n    frequency_response: {{frequency: grid/Frequency, deadband_hz: "
      "0.02, "
      "oldest: 3s, batteries: {8}}}\n"
      "outputs: [{{influx: {{url: \"http://{12}\", database: life}}, points: [\"*/ActivePower\"], every: "
      "{0}}}]\n"
      "lines:\n{10}devices:\n{11}",
      in_ms(poll), in_ms(10 * poll), in_ms(10s + 2 * plan_.poll), points, rights, limit, in_ms(oldest),
      period, batteries, plan_.poll <= 1s ? "act" : "observe", lines, devices_text,
      io::to_string(hub_.endpoint()));
}

std::unique_ptr<gateway::LoadedConfig> Life::load() {
  config::Findings findings;
  auto loaded = gateway::load_config("site.yaml", configuration(), files(), findings);
  if (!loaded) log_->error("{}", config::to_string(findings));
  return loaded;
}

void Life::install() {
  for (const char* folder : {"data", "profiles", "profiles/life", "/proc", "/proc/sys", "/proc/sys/kernel",
                             "/proc/sys/kernel/random"})
    static_cast<void>(files().make_folder(folder));
  static_cast<void>(files().replace("profiles/life/relay.yaml", relay_profile));
}

void Life::boot() {
  ++boots_;
  auto keeper = gateway::ControlKeeper::open({.core = gateway_node_.executor(), .storage = storage_}, files(),
                                             "data", 400, *log_);
  auto config = keeper ? load() : nullptr;
  if (!config) {  // the disk: somebody starts it again
    world_.at(now() + 10s, [this] {
      if (!gateway_ && gateway_node_.alive()) boot();
    });
    return;
  }
  note_lost_time(files().read(gateway::claims_path("data")).value_or(""), (*keeper)->boot());
  owners_.restarted();
  gateway_ = std::make_unique<gateway::Gateway>(
      std::move(config), gateway::Gateway::Surroundings{
                             .core = gateway_node_.executor(),
                             .field_network = field_.network(),
                             .random = gateway_node_.random(),
                             .files = files(),
                             .log = *log_,
                             .controller_states = files().read("data/controllers.state").value_or(""),
                             .keep_controller_states =
                                 [this](std::string states) {
                                   storage_.post([this, states = std::move(states)] {
                                     static_cast<void>(files().replace("data/controllers.state", states));
                                   });
                                 },
                             .control = std::move(*keeper)});
  gateway_->raw_bus().watch([this](const model::SampleBatch& batch) {
    for (const auto& invariant : invariants_)
      invariant->take(*this, batch);
  });
  since_ = configured_at_ = now();
  gateway_->start();
  start_outputs();
  for (const auto& invariant : invariants_)
    invariant->started(*this);
}

void Life::start_outputs() {
  outputs_ = std::make_unique<gateway::Outputs>(
      gateway::Outputs::Surroundings{
          .core = gateway_node_.executor(),
          .network = connectors_.network(),
          .random = connectors_random_,
          .log = *log_,
          .on_lost = [](const std::string&, std::uint64_t) {},
          .on_trouble =
              [this](const std::string& output, const std::optional<Error>& trouble) {
                log_->info("{}: {}", output, trouble ? trouble->message : "is there");
                if (trouble && plan_.mutation == Mutation::leans_on_hub)
                  gateway_->control()->stop_all("anna", 1min, "the hub is away", [](const auto&) {});
              }},
      gateway_->site(), gateway_->bus(), gateway_->report_bus());
  outputs_->apply(gateway_->config().site.site.name, gateway_->config().outputs);
}

// After its machine has ended.
void Life::bury_gateway() {
  if (gateway_node_.alive()) gateway_node_.kill(Death::crash);
  if (!gateway_) return;
  ended_at_ = now();
  if (!stopping_) gateway_->stop([] {});
  outputs_->stop([] {});
  gateway_node_.bury();
  outputs_.reset();
  gateway_.reset();
  stopping_ = false;
}

void Life::reboot_gateway() {
  if (gateway_node_.alive()) return;
  const bool power_was_cut = !gateway_node_.powered();
  bury_gateway();
  gateway_node_.restart();
  if (power_was_cut || boots_ == 0) {
    const std::string folder = "/proc/sys/kernel/random";
    static_cast<void>(files().make_folder(folder));
    static_cast<void>(files().replace(folder + "/boot_id", fmt::format("boot {}\n", boots_)));
  }
  if (plan_.mutation == Mutation::claims_made_younger) make_claims_younger();
  if (plan_.mutation == Mutation::claims_forgotten) forget_claims();
  boot();
}

// As if the file had been written by somebody who wants his claims to live on.
void Life::make_claims_younger() {
  change_claims([](nlohmann::ordered_json& claims) {
    for (auto& claim : claims)
      claim["ends_in_ns"] = claim["ends_in_ns"].get<std::int64_t>() + std::chrono::nanoseconds(1h).count();
  });
}

void Life::forget_claims() {
  change_claims([](nlohmann::ordered_json& claims) { claims = nlohmann::ordered_json::array(); });
}

void Life::change_claims(const std::function<void(nlohmann::ordered_json&)>& change) {
  const auto text = files().read(gateway::claims_path("data"));
  if (!text) return;
  auto json = nlohmann::ordered_json::parse(*text);
  change(json.at("claims"));
  static_cast<void>(files().replace(gateway::claims_path("data"), json.dump()));
}

// After a power cut the wall clock alone says how long the gateway was off. What that has lost since the
// claims were written, nobody can know: they live on for so long. By what it has gained they end early.
void Life::note_lost_time(const std::string& claims, std::string_view boot) {
  if (claims.empty()) return;
  const auto json = nlohmann::ordered_json::parse(claims);
  if (json.at("boot") == boot) return;
  const io::Clock& clock = gateway_node_.clock();
  const Duration was_ahead(json.at("written_wall_ns").get<std::int64_t>() -
                           json.at("written_instant_ns").get<std::int64_t>());
  const Duration is_ahead = clock.wall_now().time_since_epoch() - clock.now().time_since_epoch();
  if (was_ahead > is_ahead) owners_.lose(was_ahead - is_ahead);
}

// An orderly end, and a start after a while.
void Life::stop_gateway() {
  if (!gateway_ || stopping_ || !gateway_node_.alive()) return;
  stopping_ = true;
  gateway_->stop([this] {
    if (!gateway_node_.alive()) return;
    world_.at(now() + 1ms, [this] { gateway_node_.kill(Death::crash); });
    world_.at(now() + 5s, [this] { reboot_gateway(); });
  });
}

void Life::reload() {
  if (!gateway_ || stopping_ || !gateway_node_.alive()) return;
  variant_ = !variant_;
  auto config = load();
  if (!config) {  // its files can not be read now
    variant_ = !variant_;
    return;
  }
  configured_at_ = now();
  for (const auto& invariant : invariants_)
    invariant->reloading(*this);
  gateway_->reload(std::move(config));
  outputs_->apply(gateway_->config().site.site.name, gateway_->config().outputs);
}

// ---- troubles

void Life::plan_episode(Instant end) {
  // Of the hub apart: what becomes of it is no trouble of a device.
  constexpr std::size_t site_and_gateway = 2;
  const auto faults =
      io::world::FaultPlan::draw(world_, end, fmt::format("faults {}", ++episodes_), site_and_gateway);
  clock_may_step_ =
      clock_may_step_ || faults.has(FaultKind::wall_clock_step) || faults.has(FaultKind::clock_drift);
  disk_may_fail_ = disk_may_fail_ || faults.has(FaultKind::disk_full) || faults.has(FaultKind::disk_error);
  for (const io::world::Fault& fault : faults.faults()) {
    if (touches_a_road(fault.kind)) troubles_.push_back({fault.from, fault.until, devices});
  }
  faults_ += faults.faults().size();
  world_.trace("life", "episode {}\n{}", episodes_, faults.describe(world_));
  faults.start(world_, [this](io::world::Node& node) {
    if (&node == &gateway_node_) return reboot_gateway();
    premises_.kill();
    node.restart();
    premises_.start();
  });
  plan_device_faults(end);
  plan_hub_faults(end);
  plan_gateway_ends(end);
}

void Life::plan_device_faults(Instant end) {
  struct Kind {
    std::string_view name;
    void (*begin)(sim::Faults&);
  };
  static constexpr std::array<Kind, 7> kinds{{
      {"is silent", [](sim::Faults& f) { f.silent = true; }},
      {"is busy", [](sim::Faults& f) { f.busy = true; }},
      {"is slow", [](sim::Faults& f) { f.delay = 800ms; }},
      {"is late", [](sim::Faults& f) { f.late_rate = 0.3; }},
      {"gives another transaction", [](sim::Faults& f) { f.wrong_transaction = true; }},
      {"gives another unit", [](sim::Faults& f) { f.wrong_unit = true; }},
      {"hangs up", [](sim::Faults& f) { f.reset_every = 7; }},
  }};
  const std::uint64_t times = random_.below(8);
  faults_ += times;
  for (std::uint64_t i = 0; i < times; ++i) {
    const std::size_t device = random_.below(devices);
    const std::size_t kind = random_.below(kinds.size() + 1);
    const Instant from = now() + random_.between(0ns, end - now());
    const Instant until = from + random_.between(1s, std::min<Duration>(end - from, 20 * plan_.poll + 1s));
    troubles_.push_back({from, until, device});
    if (kind == kinds.size()) {
      world_.at(from, [this, device, until] { premises_.restart_device(device, until - now()); });
      continue;
    }
    world_.at(from, [this, device, kind] {
      world_.trace("life", "{} {}", device_names[device], kinds[kind].name);
      kinds[kind].begin(premises_.faults(device));
    });
    world_.at(until, [this, device] { premises_.faults(device) = {}; });
  }
}

// Its machine is off for a while, or the road to it leads nowhere, or slowly.
void Life::plan_hub_faults(Instant end) {
  io::world::SeededRandom random = world_.random(fmt::format("hub {}", episodes_));
  const std::uint64_t times = random.below(4);
  faults_ += times;
  for (std::uint64_t i = 0; i < times; ++i) {
    const Instant from = now() + random.between(0ns, end - now());
    const Instant until = from + random.between(1s, end - from + 1s);
    io::world::LinkSettings& road = world_.link(gateway_node_, hub_node_);
    switch (random.below(3)) {
      case 0:
        world_.at(from, [this] { hub_.kill(); });
        world_.at(until, [this] { start_hub(); });
        break;
      case 1:
        world_.at(from, [this] { world_.partition(gateway_node_, hub_node_); });
        world_.at(until, [this] { world_.heal(gateway_node_, hub_node_); });
        break;
      default:
        world_.at(from, [&road] { road.latency_max = 5s; });
        world_.at(until, [&road, this] { road.latency_max = world_.link_default.latency_max; });
    }
  }
}

void Life::start_hub() {
  if (!plan_.hub || hub_node_.alive()) return;
  hub_node_.restart();
  hub_.start();
}

void Life::plan_gateway_ends(Instant end) {
  const std::uint64_t times = random_.below(4);
  faults_ += times;
  for (std::uint64_t i = 0; i < times; ++i) {
    const Instant at = now() + random_.between(0ns, end - now());
    switch (random_.below(3)) {
      case 0: world_.at(at, [this] { stop_gateway(); }); break;
      case 1: world_.at(at, [this] { reload(); }); break;
      default:
        world_.at(at, [this] { gateway_node_.kill(Death::crash); });
        world_.at(std::min(end, at + random_.between(0ns, 2 * plan_.poll + 20s)),
                  [this] { reboot_gateway(); });
    }
  }
}

void Life::act() {
  if (gateway_ && gateway_node_.alive() && !stopping_) {
    owners_.act(*gateway_->control(), now());
    if (plan_.mutation == Mutation::writes_past_claims && random_.chance(0.1))
      premises_.somebody_sets_battery(1234);
  }
  owners_.forget_before(now() - 1h);
  world_.at(now() + owners_.pause(), [this] { act(); });
}

// ---- the run of a life

void Life::live(std::optional<int> until_broken) {
  until_broken_ = until_broken;
  install();
  gateway_node_.kill(Death::power_cut);
  reboot_gateway();
  world_.at(now() + owners_.pause(), [this] { act(); });
  const Instant end = now() + plan_.length;
  bool going = run_until(now() + recovery());
  while (going && now() < end) {
    troubles_.clear();
    calm_ = false;
    const Instant trouble_end = now() + 100 * plan_.poll + 1min;
    plan_episode(trouble_end);
    going = run_until(trouble_end);
    if (plan_.mutation == Mutation::device_stays_dead) premises_.faults(4).silent = true;
    calm_ = true;
    going = going && run_until(now() + recovery());
    if (plan_.mutation == Mutation::slow_neighbours) premises_.faults(1).silent = true;
    going = going && run_until(now() + 30s + 10 * plan_.poll);
    if (plan_.mutation == Mutation::slow_neighbours) premises_.faults(1).silent = false;
    converge();
  }
  if (going) balance();
  for (const auto& invariant : invariants_)
    invariant->end(*this);
}

// False: it need not go on.
bool Life::run_until(Instant end) {
  world_.run_until_holds(
      [this] {
        look();
        return until_broken_ && has_broken(*until_broken_);
      },
      end - now());
  return !until_broken_ || !has_broken(*until_broken_);
}

void Life::look() {
  if (gateway_ && !gateway_node_.alive()) bury_gateway();
  if (!site_node_.alive()) premises_.kill();
  premises_.look();
  for (const auto& invariant : invariants_)
    invariant->look(*this);
}

// What is not well at the end of a calm.
void Life::converge() {
  const std::string trouble = gateway_ ? trouble_of_devices() : "the gateway does not run";
  for (const auto& invariant : invariants_)
    invariant->converged(*this, trouble);
}

std::string Life::trouble_of_devices() const {
  for (const model::SiteModel::Device& device : gateway_->site().devices()) {
    const bus::DeviceEvent* event = gateway_->live().state(device.id);
    if (event == nullptr || event->state != bus::DeviceState::online)
      return fmt::format("{} is not online", device.name);
    if (device.points.empty()) return fmt::format("{} is not described", device.name);
    for (const model::SiteModel::PlacedPoint& placed : device.points) {
      const auto live = gateway_->raw_live().value(placed.id);
      if (live && (live->quality.good() || live->quality.has(model::Detail::bad_reference))) continue;
      return fmt::format("{} is {}", placed.path, live ? model::to_string(live->quality) : "never read");
    }
  }
  return {};
}

// The site stands still until everything was read, slow points too.
void Life::balance() {
  premises_.freeze();
  if (!run_until(now() + 25 * plan_.poll)) return;
  frozen_ = true;
}

}  // namespace iw::life

// A whole site in the seeded world: simulated devices on one machine, the gateway on another, faults between.
#include "gateway/testing/site_world.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;
using iw::gateway::testing::SiteWorld;

namespace {

// Watches a site for what must never be seen; keeps what was seen. Outlives the site.
class Watch {
 public:
  void begin(SiteWorld& site) {
    site_ = &site;
    site.gateway->bus().watch([this](const model::SampleBatch& batch) { judge(batch); });
    look_on();
  }

  void partition(Instant from, Instant until) {
    partition_ = from;
    site_->world.at(from, [this] { site_->world.partition(site_->site_node, site_->gateway_node); });
    site_->world.at(until, [this] {
      partition_ = never;
      site_->world.heal();
    });
  }

  [[nodiscard]] std::size_t judged() const { return judged_; }
  [[nodiscard]] std::string wrongs() const { return fmt::format("{}", fmt::join(wrongs_, "\n")); }

 private:
  struct Seen {
    Instant at;
    double grid_w;
  };

  // Twice in each step of the physics.
  void look_on() {
    see();
    if (partition_ != never && site_->world.now() > partition_ + 5s) nothing_is_good();
    site_->world.at(site_->world.now() + 125ms, [this] { look_on(); });
  }

  void see() {
    const Instant now = site_->world.now();
    seen_.push_back({now, site_->site.physics().state().grid.total_power()});
    while (seen_.front().at < now - 2s)
      seen_.pop_front();
  }

  void nothing_is_good() {
    for (const model::SiteModel::PlacedPoint& placed : site_->gateway->site().points()) {
      if (site_->is_good(placed.id)) wrong("{} is good without a connection", placed.path);
    }
  }

  void judge(const model::SampleBatch& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const model::PointId id{batch.device, batch.index[i]};
      if (site_->gateway->site().point(id) == nullptr) {
        wrong("a sample of the unknown point {} of device {}", id.index, id.device.value());
      } else if (batch.quality[i].good() && site_->gateway->site().path(id) == "grid meter/ActivePower") {
        judge_grid(batch.value[i]);
      }
    }
  }

  // What the gateway says is what was measured in the last two seconds.
  void judge_grid(double watts) {
    ++judged_;
    see();
    const auto [least, most] = std::ranges::minmax(seen_, {}, &Seen::grid_w);
    constexpr double rounding = 0.1;  // float32, kW
    if (watts < least.grid_w - rounding || watts > most.grid_w + rounding) {
      wrong("the grid meter is said to show {} W, it was between {} and {}", watts, least.grid_w,
            most.grid_w);
    }
  }

  template <class... Args>
  void wrong(fmt::format_string<Args...> text, Args&&... args) {
    if (wrongs_.size() == 10) return;  // more would not be read
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(site_->world.now().time_since_epoch());
    wrongs_.push_back(fmt::format("{} ms: ", ms.count()) + fmt::format(text, std::forward<Args>(args)...));
  }

  SiteWorld* site_ = nullptr;
  Instant partition_ = never;
  std::deque<Seen> seen_;
  std::size_t judged_ = 0;
  std::vector<std::string> wrongs_;
};

// The longest time without a good batch, for each device. Outlives the site.
class Gaps {
 public:
  void begin(SiteWorld& site) {
    site_ = &site;
    site.gateway->bus().watch([this](const model::SampleBatch& batch) {
      if (std::ranges::any_of(batch.quality, &model::Quality::good)) heard(batch.device, batch.received);
    });
  }

  // Up to now; none when there was never a batch.
  [[nodiscard]] std::optional<Duration> longest(model::DeviceId device) {
    if (!devices_.contains(device)) return std::nullopt;
    heard(device, site_->world.now());
    return devices_[device].longest;
  }

 private:
  struct Heard {
    Instant last;
    Duration longest{};
  };
  void heard(model::DeviceId device, Instant now) {
    Heard& heard = devices_.try_emplace(device, Heard{now}).first->second;
    heard.longest = std::max(heard.longest, now - heard.last);
    heard.last = now;
  }

  SiteWorld* site_ = nullptr;
  std::map<model::DeviceId, Heard> devices_;
};

}  // namespace

TEST_CASE("a site gives the same run for the same seed, and another for another") {
  struct Run {
    std::uint64_t hash;
    std::vector<std::string> values;
    bool operator==(const Run&) const = default;
  };
  const auto run = [](std::uint64_t seed) {
    SiteWorld s(seed);
    s.world.run_for(30s);
    return Run{s.world.event_hash(), s.values()};
  };
  const Run first = run(1);
  const Run other = run(2);
  CHECK(first.values.size() > 100);
  CHECK(first == run(1));
  CHECK(first.hash != other.hash);
  CHECK(first.values != other.values);
}

TEST_CASE("devices that live are well after 15 s, the dead one is offline and says why") {
  SiteWorld s(3);
  s.world.run_for(15s);
  for (const sim::DemoDevice& device : s.devices) {
    CAPTURE(device.name);
    const model::SiteModel::Device* known = s.device(device.name);
    REQUIRE(known != nullptr);
    if (device.name != "garage meter") {
      CHECK(s.trouble(device.name) == "");
      continue;
    }
    const bus::DeviceEvent* event = s.gateway->live().state(known->id);
    REQUIRE(event != nullptr);
    CHECK(event->state == bus::DeviceState::offline);
    CHECK_FALSE(event->reason.empty());
    for (const auto& placed : known->points)
      CHECK_FALSE(s.is_good(placed.id));
  }
}

TEST_CASE("on a bad network no value is old, wrong or nobody's, and all recovers") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    Watch watch;
    SiteWorld s(seed, {.latency_max = 20ms, .split = 0.3, .dribble = 0.1});
    watch.begin(s);
    auto random = s.world.random("faults");
    const auto reset = [&] { s.world.reset_connections(s.site_node, s.gateway_node); };
    s.world.at(Instant(random.between(5s, 12s)), reset);
    const Instant from(random.between(15s, 20s));
    watch.partition(from, from + 20s);
    s.world.run_until(from + 20s);
    CHECK(s.trouble("grid meter") == "grid meter is not online");
    CHECK_MESSAGE(s.recovers_within(40s), s.trouble());
    s.world.at(s.world.now() + random.between(0ns, 2s), reset);
    s.world.run_for(3s);
    CHECK_MESSAGE(s.recovers_within(10s), s.trouble());
    s.world.run_until(std::max(s.world.now(), Instant(60s)));
    CHECK(watch.judged() > 20);
    CHECK(watch.wrongs() == "");
  }
}

TEST_CASE("a device that was silent gives all its values again when it is back, slow ones too") {
  SiteWorld s(6);
  s.gateway->reload(s.config(SiteWorld::everyone, ", rates: {slow: 1h}"));
  s.world.run_for(15s);
  REQUIRE(s.trouble() == "");
  sim::Device& house_meter = *s.site.find("house meter");
  house_meter.faults.silent = true;
  s.world.run_for(10s);
  CHECK(s.trouble() == "house meter is not online");
  house_meter.faults.silent = false;
  CHECK_MESSAGE(s.recovers_within(10s), s.trouble());
}

TEST_CASE("a device goes and another comes while the others are polled on") {
  // Both are behind one gateway, on one bus.
  const auto before = [](const sim::DemoDevice& d) { return d.name != "battery meter"; };
  const auto after = [](const sim::DemoDevice& d) { return d.name != "roof meter"; };
  Gaps gaps;
  SiteWorld s(4, {}, before);
  s.world.run_for(10s);
  REQUIRE(s.trouble("roof meter") == "");
  const model::SiteModel::Device gone = *s.device("roof meter");
  gaps.begin(s);
  s.world.run_for(5s);
  std::size_t last_words = 0;
  s.gateway->bus().watch([&](const model::SampleBatch& batch) {
    CHECK(s.gateway->site().device(batch.device) != nullptr);
    if (batch.device == gone.id && !batch.quality.front().good()) ++last_words;
  });
  s.gateway->reload(s.config(after));
  s.world.run_for(10s);

  CHECK(s.device("roof meter") == nullptr);
  CHECK(last_words > 0);
  for (const auto& placed : gone.points)
    CHECK_FALSE(s.gateway->live().value(placed.id));
  CHECK(s.gateway->live().state(gone.id) == nullptr);
  CHECK(s.trouble("battery meter") == "");
  for (const sim::DemoDevice& device : s.devices) {
    if (!SiteWorld::healthy(device) || device.name == gone.name) continue;
    CAPTURE(device.name);
    const auto longest = gaps.longest(s.device(device.name)->id);
    REQUIRE(longest);
    CHECK(*longest <= 2500ms);
  }
}

TEST_CASE("a SunSpec device is of the kind that its models say") {
  SiteWorld s(8, {}, [](const sim::DemoDevice& d) { return d.profile == "sunspec"; });
  s.world.run_for(5s);
  CHECK(s.device("roof inverter")->assets.at("").kind == model::AssetKind::inverter);
  CHECK(s.device("battery")->assets.at("").kind == model::AssetKind::battery);
  CHECK(s.gateway->site().find("battery/StateOfCharge"));
}

TEST_CASE("a command to a SunSpec device is confirmed, and the device follows it") {
  SiteWorld s(7, {}, [](const sim::DemoDevice& d) { return d.profile == "sunspec"; }, R"(
control:
  enabled: true
  settle: 0s
  points:
    battery/ActivePowerSetpoint: {min: -5000, max: 5000, default: 0}
    roof inverter/ActivePowerLimit: {min: 0, max: 8000, default: 8000}
  rights: [{owner: test, level: operator, points: ["*"]}]
)");
  s.world.run_for(10s);
  const auto write = [&](std::string_view path, double value) {
    s.gateway->control()->claim({{.path = std::string(path),
                                  .owner = "test",
                                  .level = control::Level::people,
                                  .value = value,
                                  .life = 1h}},
                                [](const ControlDesk::Claimed& claimed) { REQUIRE(claimed.front()); });
    const auto is_held = [&] {
      const auto views = s.gateway->control()->view();
      const auto view =
          std::ranges::find_if(views, [&](const ControlDesk::View& v) { return v.point.path == path; });
      const control::Actuator::Status& status = view->actuator.status();
      return status.state == model::WriteState::confirmed && status.shown == value;
    };
    CHECK(s.world.run_until_holds(is_held, 5s));
    s.world.run_for(5s);
  };
  const sim::SiteState& site = s.site.physics().state();
  write("battery/ActivePowerSetpoint", 3000);
  CHECK(site.battery.ac.total_power() == doctest::Approx(3000).epsilon(0.01));
  write("battery/ActivePowerSetpoint", -1500);
  CHECK(site.battery.ac.total_power() == doctest::Approx(-1500).epsilon(0.01));

  const double rated = site.pv[0].rated_w;
  CHECK(-site.pv[0].ac.total_power() > rated / 4);
  write("roof inverter/ActivePowerLimit", rated / 10);
  CHECK(-site.pv[0].ac.total_power() <= rated / 10 * 1.01);
}

TEST_CASE("a device whose asset is renamed keeps its points, under the new name") {
  const auto only = [](const sim::DemoDevice& d) { return d.name == "grid meter"; };
  SiteWorld s(5, {}, only);
  s.world.run_for(5s);
  REQUIRE(s.trouble("grid meter") == "");
  s.gateway->reload(s.config(only, ", asset: main connection"));
  s.world.run_for(5s);
  CHECK(s.trouble("grid meter") == "");
  CHECK(s.gateway->site().find("main connection/ActivePower"));
}

TEST_CASE("a device that takes over the asset of another has its place") {
  const auto before = [](const sim::DemoDevice& d) { return d.name == "grid meter"; };
  const auto after = [](const sim::DemoDevice& d) { return d.name == "roof meter"; };
  SiteWorld s(6, {}, before);
  s.gateway->reload(s.config(before, ", asset: main"));
  s.world.run_for(5s);
  REQUIRE(s.trouble("grid meter") == "");
  s.gateway->reload(s.config(after, ", asset: main"));
  s.world.run_for(5s);
  CHECK(s.device("grid meter") == nullptr);
  CHECK(s.trouble("roof meter") == "");
  CHECK(s.gateway->site().find("main/ActivePower"));
}

TEST_CASE("a disabled device that goes needs no last word of a line") {
  const auto one = [](const sim::DemoDevice& d) { return d.name == "grid meter"; };
  const auto two = [](const sim::DemoDevice& d) { return d.name == "grid meter" || d.name == "roof meter"; };
  SiteWorld s(7, {}, two);
  s.world.run_for(5s);
  s.gateway->reload(s.config(two, ", enabled: false"));
  s.world.run_for(1s);
  CHECK(s.device("roof meter") != nullptr);
  s.gateway->reload(s.config(one));
  CHECK(s.device("roof meter") == nullptr);
}

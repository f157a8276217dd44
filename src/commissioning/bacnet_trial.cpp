#include "commissioning/bacnet_trial.hpp"

#include <algorithm>
#include <cmath>

#include "commissioning/bacnet_words.hpp"
#include "commissioning/trial_json.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/discovery_client.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::commissioning {
namespace {

nlohmann::ordered_json number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

class Test {
 public:
  Test(BacnetLink& link, bacnet::DeviceUrl url, BacnetTrialSettings settings)
      : link_(link), settings_(std::move(settings)) {
    trial_.url = std::move(url);
  }

  io::Task<BacnetTrial> run(io::Executor& executor) {
    executor_ = &executor;
    began_ = executor.now();
    const auto opened = link_.open();
    if (!opened) {
      failed("port", opened.error());
      co_return std::move(trial_);
    }
    passed("port", *opened);
    co_await ask();
    co_await link_.close();
    co_return std::move(trial_);
  }

 private:
  [[nodiscard]] bool stopped() const { return settings_.stopped && settings_.stopped(); }

  io::Task<void> ask() {
    if (!trial_.url.instance) {
      const auto instance = co_await bacnet::instance_at(link_.client(), *trial_.url.address());
      if (!instance) co_return failed("device", instance.error());
      trial_.url.instance = *instance;
    }
    const auto binding = co_await link_.find(trial_.url);
    if (!binding) co_return failed("device", binding.error());
    passed("device", fmt::format("device {} at {}, takes {} octets{}", *trial_.url.instance,
                                 bacnet::to_string(binding->address), binding->limits.max_apdu,
                                 binding->limits.receives_segments ? " and segments" : ""));
    if (stopped()) co_return;
    bacnet::PropertyClient device(link_.client(), *binding);
    device.set_limits(binding->limits);
    auto identity = co_await bacnet::read_identity(device, *trial_.url.instance);
    if (!identity) co_return failed("identity", identity.error());
    trial_.identity = std::move(*identity);
    passed("identity", fmt::format("{} {} {}", trial_.identity.manufacturer, trial_.identity.model,
                                   trial_.identity.version));
    if (stopped()) co_return;
    const auto map = co_await bacnet::discover(link_.client(), *binding, *trial_.url.instance,
                                               {.only = {}, .rules = settings_.rules});
    if (!map) co_return failed("objects", map.error());
    passed("objects", fmt::format("{} with values", map->points.size()));
    if (!stopped()) co_await values(device, *map);
  }

  io::Task<void> values(bacnet::PropertyClient& device, const bacnet::ObjectMap& map) {
    std::vector<bacnet::ObjectPropertyReference> asked;
    for (const bacnet::ObjectPoint& point : map.points)
      asked.push_back({.object = point.object, .property = point.property});
    const auto read = co_await device.read(std::move(asked));
    if (!read) co_return failed("values", read.error());
    for (std::size_t i = 0; i < map.points.size(); ++i) {
      const bacnet::ObjectPoint& point = map.points[i];
      const model::PointName& name = point.point.name;
      const auto first = (*read)[i].first();
      const auto number = first ? bacnet::number(*first) : std::nullopt;
      trial_.values.push_back(
          {.object = bacnet::to_string(point.object),
           .name = model::to_string(name),
           .unit = std::string(model::to_string(model::info(name.quantity).unit)),
           .value = number.transform([&](double raw) { return raw * point.scale + point.offset; }),
           .text = shown((*read)[i]),
           .good = (*read)[i].ok()});
    }
    const auto good = std::ranges::count_if(trial_.values, &BacnetTrial::Value::good);
    passed("values", fmt::format("{} of {} read", good, trial_.values.size()));
  }

  void passed(std::string_view name, std::string detail) {
    add({.name = name, .state = StageState::passed, .took = {}, .detail = std::move(detail)});
  }
  void failed(std::string_view name, const Error& error) {
    add({.name = name,
         .state = StageState::failed,
         .took = {},
         .detail = error.message,
         .remedy = error.remedy});
  }
  void add(Stage stage) {
    const Instant now = executor_->now();
    stage.took = now - std::exchange(began_, now);
    trial_.stages.push_back(std::move(stage));
    if (settings_.on_stage) settings_.on_stage(trial_.stages.back());
  }

  BacnetLink& link_;
  BacnetTrialSettings settings_;
  io::Executor* executor_ = nullptr;
  BacnetTrial trial_;
  Instant began_{};
};

}  // namespace

bool BacnetTrial::ok() const {
  return std::ranges::none_of(stages, [](const Stage& stage) { return stage.state == StageState::failed; });
}

io::Task<BacnetTrial> run_bacnet_trial(BacnetLink& link, bacnet::DeviceUrl url,
                                       BacnetTrialSettings settings) {
  Test test(link, std::move(url), std::move(settings));
  co_return co_await test.run(link.executor());
}

nlohmann::ordered_json to_json(const BacnetTrial& trial) {
  using Json = nlohmann::ordered_json;
  Json report{{"url", bacnet::to_string(trial.url)},
              {"ok", trial.ok()},
              {"stages", Json::array()},
              {"identity", to_json(trial.identity)},
              {"sunspec_models", Json::array()},
              {"looks_like", Json::array()},
              {"profile", nullptr},
              {"values", Json::array()}};
  for (const Stage& stage : trial.stages)
    report["stages"].push_back(to_json(stage));
  for (const BacnetTrial::Value& value : trial.values) {
    report["values"].push_back({{"point", value.name},
                                {"role", ""},
                                {"value", number(value.value)},
                                {"unit", value.unit},
                                {"quality", value.good ? "good" : "invalid"},
                                {"source", value.object}});
    if (!value.value) report["values"].back()["text"] = value.text;
  }
  return report;
}

}  // namespace iw::commissioning

// interwatt try bacnet://...: step by step.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "commissioning/trial.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/device_report.hpp"
#include "gateway/commands/report.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using bacnet::ReadValue;

class Stages {
 public:
  Stages(Console& console, io::Executor& executor, bool quiet)
      : console_(console), executor_(executor), quiet_(quiet), begun_(executor.now()) {}

  void passed(std::string_view name, std::string detail) {
    add({name, StageState::passed, {}, std::move(detail)});
  }
  void failed(std::string_view name, const Error& error) {
    add({name, StageState::failed, {}, error.message, error.remedy});
    ok_ = false;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] const Json& report() const { return report_; }

 private:
  void add(Stage stage) {
    const Instant now = executor_.now();
    stage.took = now - begun_;
    begun_ = now;
    if (!quiet_) show(stage, console_);
    report_.push_back({{"name", stage.name},
                       {"state", stage.state == StageState::passed ? "passed" : "failed"},
                       {"ms", milliseconds(stage.took)},
                       {"detail", stage.detail},
                       {"remedy", stage.remedy}});
  }

  Console& console_;
  io::Executor& executor_;
  bool quiet_;
  bool ok_ = true;
  Instant begun_;
  Json report_ = Json::array();
};

io::Task<std::optional<bacnet::ObjectMap>> run_stages(BacnetLink& link, BacnetTarget wanted,
                                                      BacnetRules rules, Stages& stages) {
  if (!wanted.url.instance) {
    const auto instance = co_await bacnet::instance_at(link.client(), *wanted.url.address());
    if (!instance) {
      stages.failed("device", instance.error());
      co_return std::nullopt;
    }
    wanted.url.instance = *instance;
  }
  const auto binding = co_await link.find(wanted.url);
  if (!binding) {
    stages.failed("device", binding.error());
    co_return std::nullopt;
  }
  stages.passed("device", fmt::format("device {} at {}, takes {} octets{}", *wanted.url.instance,
                                      bacnet::to_string(binding->address), binding->limits.max_apdu,
                                      binding->limits.receives_segments ? " and segments" : ""));
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  const auto identity = co_await bacnet::read_identity(device, *wanted.url.instance);
  if (!identity) {
    stages.failed("identity", identity.error());
    co_return std::nullopt;
  }
  stages.passed("identity",
                fmt::format("{} {} {}", identity->manufacturer, identity->model, identity->version));
  auto map =
      co_await bacnet::discover(link.client(), *binding, *wanted.url.instance, {.only = {}, .rules = rules});
  if (!map) {
    stages.failed("objects", map.error());
    co_return std::nullopt;
  }
  stages.passed("objects", fmt::format("{} with values", map->points.size()));
  std::vector<bacnet::ObjectPropertyReference> asked;
  for (const bacnet::ObjectPoint& point : map->points)
    asked.push_back({.object = point.object, .property = point.property});
  const auto values = co_await device.read(std::move(asked));
  if (!values) {
    stages.failed("values", values.error());
    co_return std::nullopt;
  }
  const auto good = std::ranges::count_if(*values, &ReadValue::ok);
  stages.passed("values", fmt::format("{} of {} read", good, values->size()));
  co_return std::move(*map);
}

io::Task<int> try_device(BacnetLink& link, BacnetTarget wanted, BacnetRules rules, Console& console) {
  Stages stages(console, link.client().executor(), wanted.json);
  stages.passed("port", fmt::format("UDP {}", link.client().local().port));
  const auto map = co_await run_stages(link, wanted, rules, stages);
  if (wanted.json) {
    print(console,
          {{"url", bacnet::to_string(wanted.url)}, {"ok", stages.ok()}, {"stages", stages.report()}});
  } else if (map) {
    console.out("");
    console.out(console.styled(Style::dim, "For the configuration:"));
    console.out(fmt::format("  - name: my-device\n    connect: {}", bacnet::to_string(wanted.url)));
  }
  co_return stages.ok() ? 0 : 1;
}

}  // namespace

int try_bacnet(const TargetOptions& options, const std::string& profile, Console& console) {
  const auto wanted = parse_bacnet_target(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  if (!wanted->url.instance && !wanted->url.address()) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "which device?",
                    "give its address or its instance: bacnet://192.0.2.20?device=1234"},
                   2);
  }
  return run_tool([&](io::Network& network, io::Files& files) -> io::Task<int> {
    const auto rules = choose_bacnet_rules(files, profile);
    if (!rules) return refused(console, options.json, rules.error());
    return with_bacnet_link(
        network, *wanted,
        [&, rules = *rules](BacnetLink& link) { return try_device(link, *wanted, rules, console); }, console);
  });
}

}  // namespace iw::gateway

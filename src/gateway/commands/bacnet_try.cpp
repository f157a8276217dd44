// interwatt try bacnet://...: step by step.

#include "commissioning/bacnet_trial.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/device_report.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

io::Task<int> try_device(io::Network& network, BacnetTarget wanted, BacnetRules rules, Console& console) {
  BacnetLink link(network, wanted.timeout, broadcast_of(wanted));
  const BacnetTrial trial = co_await run_bacnet_trial(
      link, wanted.url, {.rules = std::move(rules), .on_stage = [&](const Stage& stage) {
                           if (!wanted.json) show(stage, console);
                         }});
  if (wanted.json) {
    print(console, commissioning::to_json(trial));
  } else if (trial.ok()) {
    console.out("");
    console.out(console.styled(Style::dim, "For the configuration:"));
    console.out(fmt::format("  - name: my-device\n    connect: {}", bacnet::to_string(trial.url)));
  }
  co_return trial.ok() ? 0 : 1;
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
    return try_device(network, *wanted, *rules, console);
  });
}

}  // namespace iw::gateway

#include "gateway/commands/bacnet_target.hpp"

#include "config/rule.hpp"
#include "gateway/commands/report.hpp"
#include "protocols/bacnet/catalogue.hpp"

namespace iw::gateway {

Result<BacnetTarget> parse_bacnet_target(const TargetOptions& options) {
  BacnetTarget wanted{.url = {}, .json = options.json};
  const auto url = bacnet::parse_url(options.url == "bacnet" ? "bacnet://" : options.url);
  if (!url) return fail(url.error());
  wanted.url = *url;
  if (!options.timeout.empty()) {
    const auto timeout = config::parse_duration(options.timeout);
    if (!timeout) return fail(Error(timeout.error()).in("--timeout"));
    wanted.timeout = *timeout;
  }
  return wanted;
}

Result<BacnetTarget> parse_bacnet_device(const TargetOptions& options) {
  auto wanted = parse_bacnet_target(options);
  if (wanted && !wanted->url.instance) {
    return fail(ErrorKind::invalid_argument, fmt::format("{} names no device", options.url),
                "add ?device=1234; interwatt scan bacnet shows which there are");
  }
  return wanted;
}

bacnet::IpAddress broadcast_of(const BacnetTarget& wanted) {
  return wanted.url.host.value_or(bacnet::IpAddress{.host = {255, 255, 255, 255}});
}

io::Task<int> with_bacnet_link(io::Network& network, BacnetTarget wanted, BacnetTool tool, Console& console) {
  BacnetLink link(network, wanted.timeout, broadcast_of(wanted));
  const auto opened = link.open();
  if (!opened) co_return give_up(console, wanted.json, opened.error());
  const int status = co_await tool(link);
  co_await link.close();
  co_return status;
}

int run_with_bacnet_link(const BacnetTarget& wanted, const BacnetTool& tool, Console& console) {
  return run_tool([&](io::Network& network, io::Files& /*files*/) {
    return with_bacnet_link(network, wanted, tool, console);
  });
}

io::Task<int> refused(Console& console, bool json, Error error) {
  co_return give_up(console, json, error, 2);
}

Result<BacnetRules> choose_bacnet_rules(io::Files& files, const std::string& choice) {
  if (choice.empty()) return BacnetRules();
  if (choice.ends_with(".yaml")) {
    const auto text = files.read(choice);
    if (!text) return fail(text.error());
    config::Findings findings;
    auto loaded = bacnet::load_profile(choice, *text, findings);
    if (!loaded) return fail(config::to_error(findings));
    return std::make_shared<const bacnet::ObjectRules>(std::move(loaded->rules));
  }
  const bacnet::Catalogue catalogue = bacnet::Catalogue::built_in();
  const auto profile = catalogue.find(choice);
  if (!profile) return fail(profile.error());
  return std::make_shared<const bacnet::ObjectRules>((*profile)->rules);
}

}  // namespace iw::gateway

#include "gateway/commands/bacnet_target.hpp"

#include "config/rule.hpp"
#include "gateway/commands/report.hpp"
#include "protocols/bacnet/catalogue.hpp"
#include "protocols/bacnet/tables.hpp"
#include "protocols/bacnet/units.hpp"

namespace iw::gateway {

using bacnet::PropertyId;
using bacnet::ReadValue;

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

namespace {

bacnet::IpAddress broadcast_of(const BacnetTarget& wanted) {
  return wanted.url.host.value_or(bacnet::IpAddress{.host = {255, 255, 255, 255}});
}

}  // namespace

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

std::string shown(const ReadValue& value) {
  if (value.error) return bacnet::to_string(*value.error);
  std::string text;
  bacnet::ParameterReader in(value.value);
  while (in.more()) {
    const auto type = in.next_type();
    const Bytes element = in.element();
    bacnet::ParameterReader one(element);
    if (!text.empty()) text += ", ";
    text += type ? bacnet::to_string(one.value()) : "{...}";
  }
  return text;
}

std::string in_words(PropertyId property, const ReadValue& value) {
  const auto first = value.first();
  const auto* number = first ? std::get_if<bacnet::Enumerated>(&*first) : nullptr;
  if (number == nullptr) return shown(value);
  switch (property) {
    case PropertyId::units: return bacnet::unit_name(number->value);
    case PropertyId::reliability: return bacnet::name_or_number(bacnet::reliability_names(), number->value);
    case PropertyId::event_state: return bacnet::name_or_number(bacnet::event_state_names(), number->value);
    case PropertyId::segmentation_supported:
      return bacnet::name_or_number(bacnet::segmentation_names(), number->value);
    case PropertyId::system_status:
      return bacnet::name_or_number(bacnet::device_status_names(), number->value);
    default: return shown(value);
  }
}

}  // namespace iw::gateway

// interwatt bacnet time, silence: what is told to a device as a whole (clause 16).

#include "gateway/commands/bacnet_services.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/device_services.hpp"

namespace iw::gateway {
namespace {

std::string shown(const bacnet::DateTime& time) {
  return fmt::format("{} {}", bacnet::to_string(bacnet::Value(time.date)),
                     bacnet::to_string(bacnet::Value(time.time)));
}

io::Task<int> tell_time(BacnetLink& link, BacnetTarget target, Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  const auto abilities = co_await bacnet::read_abilities(device, *target.url.instance);
  const auto before = co_await bacnet::read_clock(device, *target.url.instance);
  const bool utc = abilities.utc_time;
  if (!utc && !(abilities.local_time && abilities.local_offset)) {
    co_return give_up(
        console, target.json,
        {ErrorKind::unsupported,
         abilities.local_time ? "the device takes its local time, and does not say its time zone"
                              : "the device does not say that it can be told the time",
         "set its utc-offset, or its clock, by hand"});
  }
  const WallTime now = link.client().executor().clock().wall_now();
  std::vector<std::byte> request(16);
  bacnet::ParameterWriter out(request);
  bacnet::TimeSynchronization{.time = bacnet::to_date_time(now, utc ? Duration{} : *abilities.local_offset)}
      .encode(out);
  link.client().tell(binding->address,
                     utc ? bacnet::UnconfirmedService::utc_time_synchronization
                         : bacnet::UnconfirmedService::time_synchronization,
                     out.written());
  // Nobody answers to that: its clock has to show it.
  const auto after = co_await bacnet::read_clock(device, *target.url.instance);
  const std::string was = before ? shown(*before) : std::string("?");
  const std::string is = after ? shown(*after) : std::string("?");
  if (target.json) {
    print(console, {{"form", utc ? "utc" : "local"}, {"before", was}, {"after", is}});
  } else {
    console.out(fmt::format("told in {}; its clock said {}, and says {} now", utc ? "UTC" : "its local time",
                            was, is));
  }
  co_return after ? 0 : 1;
}

io::Task<int> control_communication(BacnetLink& link, BacnetTarget target, BacnetSilence silence,
                                    std::string password, Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  std::vector<std::byte> request(64 + password.size());
  bacnet::ParameterWriter out(request);
  bacnet::DeviceCommunicationControl control{.state = silence.enable
                                                          ? bacnet::CommunicationState::enable
                                                          : bacnet::CommunicationState::disable_initiation};
  if (silence.minutes) control.minutes = static_cast<std::uint16_t>(*silence.minutes);
  if (!password.empty()) control.password = bacnet::CharacterString::utf8(password);
  control.encode(out);
  request.resize(out.size());
  // Asked again when no answer comes: to be told the same twice is no harm.
  const auto done = co_await link.client().ask(
      *binding, bacnet::ConfirmedService::device_communication_control, std::move(request));
  if (!done) co_return give_up(console, target.json, done.error());
  const std::string says =
      silence.enable    ? "the device speaks unasked again"
      : silence.minutes ? fmt::format("the device says nothing unasked for {} minutes", *silence.minutes)
                        : std::string("the device says nothing unasked until it is told otherwise");
  if (target.json) {
    print(console,
          {{"device", *target.url.instance}, {"state", silence.enable ? "enable" : "disable-initiation"}});
  } else {
    console.out(says);
  }
  co_return 0;
}

}  // namespace

int tell_bacnet_time(const TargetOptions& options, Console& console) {
  const auto target = parse_bacnet_device(options);
  if (!target) return give_up(console, options.json, target.error(), 2);
  return run_with_bacnet_link(
      *target, [&](BacnetLink& link) { return tell_time(link, *target, console); }, console);
}

int silence_bacnet(const TargetOptions& options, const BacnetSilence& silence, Console& console) {
  const auto target = parse_bacnet_device(options);
  if (!target) return give_up(console, options.json, target.error(), 2);
  if (silence.minutes && (*silence.minutes < 1 || *silence.minutes > 65'535))
    return give_up(console, options.json, {ErrorKind::invalid_argument, "--minutes is from 1 to 65535"}, 2);
  return run_tool([&](io::Network& network, io::Files& files) -> io::Task<int> {
    std::string password;
    if (!silence.password_file.empty()) {
      const auto secret = files.read_secret(silence.password_file);
      if (!secret) return refused(console, options.json, secret.error());
      password = secret->substr(0, secret->find_last_not_of("\r\n") + 1);
    }
    return with_bacnet_link(
        network, *target,
        [&, password](BacnetLink& link) {
          return control_communication(link, *target, silence, password, console);
        },
        console);
  });
}

}  // namespace iw::gateway

// interwatt bacnet: what only BACnet devices have; what all have is in try, scan, read and write.

#include "gateway/commands/bacnet_services.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/user_name.hpp"

namespace iw::gateway {
namespace {

struct Options {
  TargetOptions target;
  BacnetBrowse browse;
  BacnetSilence silence;
  std::string object;
  std::string by;
  int last = 20;
};

}  // namespace

void add_bacnet(Program& program) {
  const Command command = program.app.add_subcommand(
      "bacnet", "BACnet devices: browse objects, alarms, trend logs, the time, silence.");
  command.require_subcommand();
  command.footer(
      "Examples:\n"
      "  interwatt bacnet browse 'bacnet://192.0.2.20?device=1234'\n"
      "  interwatt bacnet browse 'bacnet://192.0.2.20?device=1234' ai7\n"
      "  interwatt bacnet alarms 'bacnet://192.0.2.20?device=1234'\n"
      "  interwatt bacnet acknowledge 'bacnet://192.0.2.20?device=1234' ai7\n"
      "  interwatt bacnet trend 'bacnet://192.0.2.20?device=1234' trend-log:1 --last 100\n"
      "  interwatt bacnet time 'bacnet://192.0.2.20?device=1234'\n"
      "  interwatt bacnet silence 'bacnet://192.0.2.20?device=1234' --minutes 10\n"
      "Exit status: 0 it worked, 1 it did not, 2 wrong use.");
  using Run = int (*)(const Options&, Console&);
  const auto add = [&](const char* name, const char* what, Run run) {
    auto options = std::make_shared<Options>();
    const Command one = command.add_subcommand(name, what);
    add_target_options(one, options->target);
    one.callback([options, run, &program] { program.status = run(*options, program.console); });
    return std::pair(one, options);
  };

  const auto [browse, of_browse] =
      add("browse", "All objects of a device with value and state, or all properties of one object.",
          [](const Options& o, Console& console) { return browse_bacnet(o.target, o.browse, console); });
  browse.add_option("OBJECT", of_browse->browse.object, "an object, as ai7: all its properties");
  browse.add_option("--type", of_browse->browse.type, "only objects of this type: ai, multi-state-value");
  browse.add_option("--match", of_browse->browse.match, "only objects with this in their name");

  add("alarms", "What is active in the device, and what waits to be acknowledged.",
      [](const Options& o, Console& console) { return show_bacnet_alarms(o.target, console); });

  const auto [acknowledge, of_acknowledge] =
      add("acknowledge", "Tells the device that somebody has seen the alarm of an object.",
          [](const Options& o, Console& console) {
            return acknowledge_bacnet_alarm(o.target, o.object, o.by.empty() ? user_name() : o.by, console);
          });
  acknowledge.add_option("OBJECT", of_acknowledge->object, "the object in alarm: ai7").required();
  acknowledge.add_option("--by", of_acknowledge->by,
                         "who has seen it; the user of this machine when left out");

  const auto [trend, of_trend] =
      add("trend", "The newest records of a trend log.", [](const Options& o, Console& console) {
        return show_bacnet_trend(o.target, o.object, o.last, console);
      });
  trend.add_option("LOG", of_trend->object, "the trend log: trend-log:1").required();
  trend.add_option("--last", of_trend->last, "how many records").show_default();

  add("time", "Tells the device the time of this machine, and shows what its clock makes of it.",
      [](const Options& o, Console& console) { return tell_bacnet_time(o.target, console); });

  const auto [silence, of_silence] = add(
      "silence", "Keeps the device from speaking unasked (DeviceCommunicationControl); it goes on answering.",
      [](const Options& o, Console& console) { return silence_bacnet(o.target, o.silence, console); });
  silence.add_option("--minutes", of_silence->silence.minutes,
                     "for so long; until told otherwise when left out");
  silence.add_flag("--end", of_silence->silence.enable, "it may speak again");
  silence.add_option("--password-file", of_silence->silence.password_file,
                     "file with the device's password, mode 0600");
}

}  // namespace iw::gateway

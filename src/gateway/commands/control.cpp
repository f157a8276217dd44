// interwatt control: what moves the site, who wants what, and why; claiming, releasing, stopping. It speaks
// to the running gateway through its door (control_door.hpp); the past is read from the diary.

#include "commissioning/arguments.hpp"
#include "config/rule.hpp"
#include "gateway/commands/ask_gateway.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/user_name.hpp"
#include "gateway/control_json.hpp"
#include "gateway/event_json.hpp"
#include "gateway/surroundings.hpp"
#include "gateway/time_span.hpp"
#include "json/json.hpp"
#include "model/point_path.hpp"
#include "wire/http/target.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;

struct Options {
  DataFolderOptions data;
  bool json = false;
  std::string by;
  std::string reason;
  std::string level = "operator";
  std::string life;
  std::string delay = "0s";
  std::string path;
  std::string demand;
  std::optional<double> value;
  std::uint64_t id = 0;
  std::string at;
  std::string controller;
  std::string mode;
};

std::string who(const Options& options) { return options.by.empty() ? user_name() : options.by; }

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// ---- what people see

std::string number(const Json& value) {
  return value.is_number() ? format_number(value.get<double>()) : std::string("-");
}

Style style_of(const std::string& state) {
  if (state == "confirmed") return Style::good;
  return state == "requested" || state == "sent" || state == "limited" ? Style::warn : Style::bad;
}

void show_points(const Json& json, Console& console) {
  if (!json.at("enabled").get<bool>()) {
    console.note("control is not enabled: nothing is ever written");
    return;
  }
  TextTable table({{"point"},
                   {"value", TextTable::Align::right},
                   {"shown", TextTable::Align::right},
                   {"state"},
                   {"without the gateway"},
                   {"why"}});
  for (const Json& point : json.at("points")) {
    const std::string trouble = point.at("trouble");
    const std::string state = trouble.empty() ? point.at("state").get<std::string>() : "unreachable";
    table.add({point.at("path"), number(point.at("value")), number(point.at("shown")),
               console.styled(style_of(state), state), point.at("without_gateway").at("words"),
               trouble.empty() ? point.at("why").get<std::string>() : trouble});
  }
  console.out(table.to_string(console));
  TextTable claims(
      {{"claim", TextTable::Align::right}, {"point"}, {"owner"}, {"level"}, {"wants"}, {"for"}, {"reason"}});
  std::size_t count = 0;
  for (const Json& point : json.at("points")) {
    for (const Json& claim : point.at("claims")) {
      ++count;
      const auto demand = control::parse_demand(claim.at("demand").get<std::string>());
      claims.add({fmt::format("{}", claim.at("id").get<std::uint64_t>()), point.at("path"), claim.at("owner"),
                  claim.at("level"), describe(*demand, claim.at("value")),
                  fmt::format("{:.0f} s", claim.at("ends_in_s").get<double>()), claim.at("reason")});
    }
  }
  if (count > 0) console.out("\n" + claims.to_string(console));
}

Style style_of_mode(const std::string& mode) { return mode == "act" ? Style::good : Style::dim; }

// A controller with what it last decided; under it what keeps it from seeing or moving.
void show_controllers(const Json& json, Console& console) {
  TextTable table({{"controller"}, {"kind"}, {"mode"}, {"level"}, {"decision"}});
  for (const Json& one : json.at("controllers")) {
    const std::string mode = one.at("mode");
    std::string decision = mode == "off" ? "" : one.at("words").get<std::string>();
    for (const Json& output : one.at("outputs")) {
      if (const std::string refused = output.at("refused"); !refused.empty())
        decision += fmt::format("; it can not move {}: {}", output.at("path").get<std::string>(), refused);
    }
    table.add({one.at("name"), one.at("kind"), console.styled(style_of_mode(mode), mode), one.at("level"),
               std::move(decision)});
  }
  console.out(table.to_string(console));
}

// The results of claims; the status of the command.
int show_claimed(const Json& json, bool as_json, Console& console) {
  int status = 0;
  for (const Json& one : json.at("claims")) {
    if (one.contains("error")) {
      status = 1;
      if (!as_json) {
        console.error(
            {ErrorKind::rejected,
             one.at("path").get<std::string>() + ": " + one.at("error").at("message").get<std::string>(),
             one.at("error").at("remedy")});
      }
      continue;
    }
    if (as_json) continue;
    const Json& claim = one.at("claim");
    const auto demand = control::parse_demand(claim.at("demand").get<std::string>());
    console.out(fmt::format("claim {}: {} {} for {:.0f} s", claim.at("id").get<std::uint64_t>(),
                            one.at("path").get<std::string>(), describe(*demand, claim.at("value")),
                            claim.at("ends_in_s").get<double>()));
  }
  if (as_json) print(console, json);
  return status;
}

// ---- the commands

int list(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto answer = ask_gateway(around, folder, "GET", "/control");
  if (!answer) return give_up(console, options.json, answer.error());
  if (options.json) {
    print(console, *answer);
  } else {
    show_points(*answer, console);
  }
  return 0;
}

int controllers(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto answer = ask_gateway(around, folder, "GET", "/control");
  if (!answer) return give_up(console, options.json, answer.error());
  const Json found{{"controllers", answer->at("controllers")}};
  if (options.json) {
    print(console, found);
  } else if (found.at("controllers").empty()) {
    console.note("the configuration has no controllers");
  } else {
    show_controllers(found, console);
  }
  return 0;
}

int mode(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto wanted = control::parse_mode(options.mode);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  const auto answer = ask_gateway(around, folder, "POST", "/control/mode",
                                  {{"controller", options.controller},
                                   {"mode", options.mode},
                                   {"by", who(options)},
                                   {"reason", options.reason}});
  if (!answer) return give_up(console, options.json, answer.error());
  for (const Json& one : answer->at("controllers")) {
    if (one.at("name") != options.controller) continue;
    if (options.json) {
      print(console, one);
    } else {
      console.out(fmt::format("{}: {}", options.controller, one.at("mode").get<std::string>()));
    }
  }
  return 0;
}

int claim(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto path = model::parse_point_path(options.path);
  if (!path) return give_up(console, options.json, path.error(), 2);
  const auto demand = control::parse_demand(options.demand);
  if (!demand) return give_up(console, options.json, demand.error(), 2);
  if (*demand != control::Demand::off && !options.value)
    return give_up(console, options.json, {ErrorKind::invalid_argument, "VALUE is missing"}, 2);
  const auto life = config::parse_duration(options.life);
  if (!life) return give_up(console, options.json, Error(life.error()).in("--for"), 2);
  const auto delay = config::parse_duration(options.delay);
  if (!delay) return give_up(console, options.json, Error(delay.error()).in("--in"), 2);
  const Json one{{"path", *path},
                 {"owner", who(options)},
                 {"level", options.level},
                 {"demand", options.demand},
                 {"value", options.value.value_or(0)},
                 {"for_s", seconds(*life)},
                 {"in_s", seconds(*delay)},
                 {"reason", options.reason}};
  const auto answer =
      ask_gateway(around, folder, "POST", "/control/claims", {{"claims", Json::array({one})}});
  if (!answer) return give_up(console, options.json, answer.error());
  return show_claimed(*answer, options.json, console);
}

int release(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto answer = ask_gateway(
      around, folder, "POST", fmt::format("/control/claims/{}/release", options.id), {{"by", who(options)}});
  if (!answer) return give_up(console, options.json, answer.error());
  if (options.json) {
    print(console, *answer);
  } else {
    console.out(fmt::format("released {}", options.id));
  }
  return 0;
}

int stop_all(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto life = config::parse_duration(options.life);
  if (!life) return give_up(console, options.json, Error(life.error()).in("--for"), 2);
  const auto answer =
      ask_gateway(around, folder, "POST", "/control/stop-all",
                  {{"by", who(options)}, {"for_s", seconds(*life)}, {"reason", options.reason}});
  if (!answer) return give_up(console, options.json, answer.error());
  return show_claimed(*answer, options.json, console);
}

Json as_json(const std::vector<Decision>& decisions) {
  Json all = Json::array();
  for (const Decision& decision : decisions)
    all.push_back(to_json(decision));
  return {{"decisions", std::move(all)}};
}

// What held then, and what changed within its minute.
Result<Json> decided_at(const std::string& path, const std::string& text, const std::string& folder,
                        Surroundings& around) {
  const auto at = parse_time(text, around.executor().clock().wall_now());
  if (!at) return fail(Error(at.error()).in("--at"));
  const WallTime end = std::chrono::floor<std::chrono::minutes>(*at) + 1min;
  const auto found = read_decisions(around.files(), control_folder(folder), path, *at, end);
  if (!found) return fail(found.error());
  if (!found->empty()) return as_json(*found);
  return fail(ErrorKind::not_found, fmt::format("nothing is on record of {} at {}", path, exact_time(*at)),
              "was the gateway running, and is the point under control: points:?");
}

// The gateway itself says what holds; without one, the diary what held last.
Result<Json> decided_now(const std::string& path, const std::string& folder, Surroundings& around) {
  auto answer =
      ask_gateway(around, folder, "GET", "/control/decisions?path=" + wire::http::percent_encode(path));
  if (answer || answer.error().kind == ErrorKind::rejected) return answer;
  const WallTime now = around.executor().clock().wall_now();
  const auto found = read_decisions(around.files(), control_folder(folder), path, now, now + 1s);
  if (!found || found->empty()) return answer;
  return as_json(*found);
}

int explain(const Options& options, const std::string& folder, Surroundings& around, Console& console) {
  const auto path = model::parse_point_path(options.path);
  if (!path) return give_up(console, options.json, path.error(), 2);
  const auto found = options.at == "now" ? decided_now(*path, folder, around)
                                         : decided_at(*path, options.at, folder, around);
  if (!found) {
    return give_up(console, options.json, found.error(),
                   found.error().kind == ErrorKind::invalid_argument ? 2 : 1);
  }
  if (options.json) {
    print(console, *found);
    return 0;
  }
  for (const Json& decision : found->at("decisions")) {
    console.out(fmt::format("{}  {}  {}", decision.at("time").get<std::string>(),
                            console.styled(Style::bold, number(decision.at("value"))),
                            decision.at("why").get<std::string>()));
    const std::string state = decision.at("state");
    const std::string trouble = decision.at("trouble");
    console.out(fmt::format(
        "    {}{}{}", console.styled(style_of(state), state),
        decision.at("shown").is_null() ? "" : ", the device shows " + number(decision.at("shown")),
        trouble.empty() ? "" : ": " + trouble));
  }
  return 0;
}

using Action = int (*)(const Options&, const std::string&, Surroundings&, Console&);

int run(Action action, const Options& options, Console& console) {
  Surroundings around;
  const auto folder = data_folder(options.data, around.files(), console);
  if (!folder) return 1;
  return action(options, *folder, around, console);
}

}  // namespace

void add_control(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "control", "What moves the site: claims and what became of them; claiming, releasing, stopping.");
  add_data_folder(command, options->data);
  command.add_flag("--json", options->json, "for programs");
  command.require_subcommand();
  command.fallthrough();
  const auto add = [&](const char* name, const char* help, Action action) {
    const Command sub = command.add_subcommand(name, help);
    sub.callback([options, action, &program] { program.status = run(action, *options, program.console); });
    return sub;
  };
  const auto add_by = [&](const Command& sub) {
    sub.add_option("--by", options->by, "who; you, when left out");
  };
  const auto add_reason = [&](const Command& sub) {
    sub.add_option("--reason", options->reason, "why, for everybody who asks later");
    sub.add_option("--for", options->life, "how long: 30s, 2h").required();
  };

  add("list", "Points, what they are to have and have, and the claims on them.", &list);
  const Command claiming = add("claim", "Wish a value or a limit for a point, for a while.", &claim);
  claiming.add_option("POINT", options->path, "battery/ActivePowerSetpoint").required();
  claiming.add_option("DEMAND", options->demand, "set, at_most, at_least or off").required();
  claiming.add_option("VALUE", options->value, "in the unit of the point: W, not kW");
  claiming.add_option("--level", options->level, "optimisation, contract, grid, operator, protection")
      .show_default();
  claiming.add_option("--in", options->delay, "when it begins: 10min from now").show_default();
  add_reason(claiming);
  add_by(claiming);
  const Command releasing = add("release", "End a claim before its time.", &release);
  releasing.add_option("CLAIM", options->id, "its number").required();
  add_by(releasing);
  const Command explaining =
      add("explain", "Why a point has the value that it has, now or at a past minute.", &explain);
  explaining.add_option("POINT", options->path, "battery/ActivePowerSetpoint").required();
  options->at = "now";
  explaining.add_option("--at", options->at, "2026-11-24T10:15, 2h (ago)").show_default();
  add("controllers", "The controllers, in which mode each is, and what it last decided.", &controllers);
  const Command switching =
      add("mode", "Switch a controller: it decides and moves, only decides, or neither.", &mode);
  switching.add_option("CONTROLLER", options->controller, "its name").required();
  switching.add_option("MODE", options->mode, "act, observe or off").required();
  switching.add_option("--reason", options->reason, "why, for everybody who asks later");
  add_by(switching);
  const Command stopping =
      add("stop-all", "Turn every controlled point off, at the level of the operator.", &stop_all);
  add_reason(stopping);
  add_by(stopping);

  command.footer(
      "It speaks to the running gateway of this machine and user. Who may claim what says the configuration, "
      "under\n"
      "control: rights:. Exit status: 0 done, 1 refused or no gateway, 2 wrong use.\n\n"
      "Examples:\n"
      "  interwatt control list\n"
      "  interwatt control claim battery/ActivePowerSetpoint set -3000 --for 2h --reason 'load test'\n"
      "  interwatt control claim 'roof inverter/ActivePowerLimit' at_most 5000 --level grid --for 30min\n"
      "  interwatt control release 12\n"
      "  interwatt control explain battery/ActivePowerSetpoint --at 2026-11-24T10:15\n"
      "  interwatt control mode 'feed-in limit' act\n"
      "  interwatt control stop-all --for 1h --reason 'work on the switchboard'\n");
}

}  // namespace iw::gateway

#include "gateway/commands/drill_run.hpp"

#include <algorithm>
#include <cmath>

#include "config/rule.hpp"
#include "gateway/commands/ask_gateway.hpp"
#include "io/sleep.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using model::WriteState;

constexpr Duration look_every = 200ms;
constexpr Duration well_within = 90s;  // a site after its start
constexpr Duration back_within = 60s;  // a line that was lost: the back-off of its line, then fail-safe's
constexpr Duration reaction = 10s;     // beyond the age that a value may have: the write and its read-back
constexpr Duration noticed_within = 120s;  // some have a time-out of 10 s, and several of them go by
constexpr Duration ends_within = 15s;
constexpr Duration order_life = 30s;
constexpr Duration longest_wait = 5min;     // for a device that falls back by itself
constexpr Duration falls_back_within = 3s;  // beyond its time
constexpr Duration read_within = 20s;
constexpr double rounding = 0.005;  // of what a device shows, in parts of the range of the point
constexpr std::string_view owner = "drill";

bool is_there(const control::Actuator::Status& status) {
  return status.state == WriteState::confirmed || status.state == WriteState::limited;
}

// The first point of a gateway's answer that is not where it is to be; empty: all are.
std::string not_there(const Json& control) {
  for (const Json& point : control.at("points")) {
    const std::string trouble = point.at("trouble");
    const std::string state = point.at("state");
    const std::string path = point.at("path");
    if (!trouble.empty()) return fmt::format("{}: {}", path, trouble);
    if (state != "confirmed" && state != "limited") return fmt::format("{} is {}", path, state);
  }
  return "";
}

bool has_order(const Json& control) {
  for (const Json& point : control.at("points")) {
    for (const Json& claim : point.at("claims"))
      if (claim.at("owner") == owner) return true;
  }
  return false;
}

const ControlDesk::View* find(const std::vector<ControlDesk::View>& all, std::string_view path) {
  const auto found = std::ranges::find_if(all, [&](const auto& view) { return view.point.path == path; });
  return found != all.end() ? &*found : nullptr;
}

}  // namespace

void DrillRun::run() {
  io::TaskGroup tasks(runtime_.core());
  runtime_.before_stop([this](std::move_only_function<void()> stop) {
    broken_off_ = true;
    gateway_ != nullptr ? stop() : runtime_.core().stop();
  });
  tasks.spawn(main());
  runtime_.run();
  if (gateway_ != nullptr && report_.broken_off.empty()) check_end();
  while (tasks.running() > 0)
    runtime_.core().run_for(10ms);
}

io::Task<void> DrillRun::main() {
  if (wanted_.gateway) co_await lose_gateway();
  if (!broken_off_ && report_.broken_off.empty()) co_await begin();
  if (gateway_ != nullptr && report_.broken_off.empty()) {
    for (const DrillLoss& loss : plan_drill(gateway_->config().site)) {
      if (!wanted_.device.empty() && loss.device != wanted_.device) continue;
      if (!broken_off_) co_await lose(loss);
    }
  }
  if (broken_off_) report_.broken_off = "somebody ended it";
  gateway_ != nullptr ? runtime_.stop() : runtime_.core().stop();
}

io::Task<DrillCheck> DrillRun::expect(std::string expected, Duration within, std::function<bool()> holds,
                                      std::function<std::string()> seen) {
  const Instant start = runtime_.core().now();
  bool passed = holds();
  while (!passed && !broken_off_ && runtime_.core().now() < start + within) {
    co_await io::sleep_for(runtime_.core(), look_every);
    passed = holds();
  }
  co_return DrillCheck{.expected = std::move(expected),
                       .passed = passed,
                       .took = runtime_.core().now() - start,
                       .seen = seen()};
}

void DrillRun::put(DrillStep step) {
  if (wanted_.progress) wanted_.progress(step);
  report_.steps.push_back(std::move(step));
}

// ---- the gateway as a process

io::Task<Result<Json>> DrillRun::ask(std::string method, std::string target, Json body) {
  co_return co_await ask_gateway(runtime_.core().network(), site_.data_folder, std::move(method),
                                 std::move(target), std::move(body));
}

io::Task<DrillCheck> DrillRun::expect_process(std::string expected, Duration within) {
  const Instant start = runtime_.core().now();
  std::string trouble;
  do {
    const auto control = co_await ask("GET", "/control", {});
    trouble = control ? not_there(*control) : control.error().message;
    if (!trouble.empty()) co_await io::sleep_for(runtime_.core(), look_every);
  } while (!trouble.empty() && !broken_off_ && runtime_.core().now() < start + within);
  co_return DrillCheck{.expected = std::move(expected),
                       .passed = trouble.empty(),
                       .took = runtime_.core().now() - start,
                       .seen = std::move(trouble)};
}

// The gateway as a process of its own is killed and started again, and its last one is asked to end.
io::Task<void> DrillRun::lose_gateway() {
  const auto start = [this] {
    return io::posix::ChildProcess::start(io::posix::own_program(), {"run", "-c", site_.file}, site_.said);
  };
  auto gateway = start();
  if (!gateway) {
    report_.broken_off = gateway.error().message;
    co_return;
  }
  DrillStep begin{.what = "the gateway starts"};
  begin.checks.push_back(co_await expect_process("every point is where it is to be", well_within));
  const bool well = begin.checks.back().passed;
  if (!well)
    report_.broken_off = fmt::format("the site was not well before the drill: {}", begin.checks.back().seen);
  put(std::move(begin));
  if (!well) co_return;
  co_await lose_gateway_for_good(*gateway);

  gateway = start();
  if (!gateway) {
    report_.broken_off = gateway.error().message;
    co_return;
  }
  DrillStep again{.what = "the gateway that was killed is started again"};
  again.checks.push_back(co_await expect_process("every point is where it is to be", well_within));
  put(std::move(again));
  co_await lose_who_ordered(*gateway);
  DrillStep end{.what = "the gateway is asked to end"};
  gateway->terminate();
  end.checks.push_back(
      co_await expect("it ends", ends_within, [&] { return !gateway->running(); }, [] { return ""; }));
  put(std::move(end));
}

// A device that falls back by itself has to, when nobody is there who tells it again. Where it goes to what
// is set in it, nothing that can be read here tells.
io::Task<void> DrillRun::lose_gateway_for_good(io::posix::ChildProcess& gateway) {
  DrillStep step{.what = "loss of the gateway: it is killed, and nobody starts it again"};
  const Json before = (co_await ask("GET", "/control", {})).value_or(Json{{"points", Json::array()}});
  std::vector<Json> falling;
  Duration longest{};
  for (const Json& point : before.at("points")) {
    const Json& without = point.at("without_gateway");
    if (without.at("value").is_null() || without.at("in_force") == false) continue;
    const auto after = std::chrono::duration<double>(without.at("after_s").get<double>());
    longest = std::max(longest, std::chrono::duration_cast<Duration>(after));
    falling.push_back(point);
  }
  gateway.kill();
  if (falling.empty() || longest > longest_wait) {
    step.skipped = falling.empty() ? "no device is told to go to a value by itself"
                                   : fmt::format("it would take {}", config::to_string(longest));
    put(std::move(step));
    co_return;
  }
  const Instant since = runtime_.core().now();
  while (!broken_off_ && runtime_.core().now() < since + longest + falls_back_within)
    co_await io::sleep_for(runtime_.core(), look_every);
  for (const Json& point : falling) {
    const std::string path = point.at("path");
    const auto shown = co_await shown_by_device(path);
    const double value = point.at("without_gateway").at("value");
    const double range = point.at("maximum").get<double>() - point.at("minimum").get<double>();
    const std::string words = point.at("without_gateway").at("words");
    step.checks.push_back({.expected = fmt::format("{} falls back by itself: {}", path, words),
                           .passed = shown && std::abs(*shown - value) <= rounding * range,
                           .took = runtime_.core().now() - since,
                           .seen = shown ? fmt::format("the device shows {:.10g}", *shown)
                                         : std::string("the device does not show it")});
  }
  put(std::move(step));
}

// What the device itself says, to a program that knows nothing of the gateway.
io::Task<std::optional<double>> DrillRun::shown_by_device(std::string path) {
  std::unique_ptr<LoadedConfig> config = site_.load("");
  const auto place = config ? at_device(config->site, path) : std::nullopt;
  if (!place) co_return std::nullopt;
  const std::string answer = fmt::format("{}.read-{}", site_.said, ++reads_);
  auto read = io::posix::ChildProcess::start(
      io::posix::own_program(),
      {"read", place->connect, "--profile", place->profile, "--point", place->point, "--json"}, answer);
  if (!read) co_return std::nullopt;
  const Instant start = runtime_.core().now();
  while (read->running() && runtime_.core().now() < start + read_within)
    co_await io::sleep_for(runtime_.core(), look_every);
  const auto text = runtime_.files().read(answer);
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  if (!json.is_object() || !json.contains("values") || json.at("values").empty()) co_return std::nullopt;
  const Json& value = json.at("values").front().at("value");
  co_return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

// A hub, a program server, a person: heard of no more once it has ordered.
io::Task<void> DrillRun::lose_who_ordered(io::posix::ChildProcess& gateway) {
  DrillStep step{.what = "loss of the hub or the program server: an order that nobody renews"};
  const auto points_of = [](const Result<Json>& control) {
    return control.value_or(Json{{"points", Json::array()}});
  };
  const Json before = points_of(co_await ask("GET", "/control", {}));
  const auto ordered =
      before.at("points").empty()
          ? Result<Json>(fail(ErrorKind::not_found, "nothing is controlled"))
          : co_await ask(
                "POST", "/control/claims",
                {{"claims", Json::array({{{"path", before.at("points").front().at("path")},
                                          {"owner", owner},
                                          {"level", "optimisation"},
                                          {"demand", "set"},
                                          {"value", before.at("points").front().at("default")},
                                          {"for_s", std::chrono::duration<double>(order_life).count()},
                                          {"reason", "drill"}}})}});
  if (!ordered || ordered->at("claims").front().contains("error")) {
    step.skipped = "no order of 'drill' is taken: its right would be under control: rights:";
    put(std::move(step));
    co_return;
  }
  gateway.kill();
  auto again =
      io::posix::ChildProcess::start(io::posix::own_program(), {"run", "-c", site_.file}, site_.said);
  if (!again) {
    report_.broken_off = again.error().message;
    co_return;
  }
  gateway = std::move(*again);
  step.checks.push_back(co_await expect_process("killed meanwhile, the gateway is well again", well_within));
  Json control = points_of(co_await ask("GET", "/control", {}));
  step.checks.push_back({.expected = "the order is kept over it", .passed = has_order(control)});
  const Instant since = runtime_.core().now();
  while (has_order(control) && !broken_off_ && runtime_.core().now() < since + order_life + reaction) {
    co_await io::sleep_for(runtime_.core(), 1s);
    control = points_of(co_await ask("GET", "/control", {}));
  }
  step.checks.push_back({.expected = "it ends by itself",
                         .passed = !has_order(control) && !control.at("points").empty(),
                         .took = runtime_.core().now() - since});
  step.checks.push_back(co_await expect_process("then the next claim holds, or the default", reaction));
  put(std::move(step));
}

// ---- the gateway in this process

io::Task<void> DrillRun::begin() {
  if (auto claimed = runtime_.claim(site_.data_folder); !claimed) {
    report_.broken_off = claimed.error().message;
    co_return;
  }
  auto config = site_.load("");
  if (!config) {
    report_.broken_off = "the configuration has errors";
    co_return;
  }
  gateway_ = &runtime_.start(std::move(config), Runtime::Keep::history_and_events);
  if (gateway_->control() == nullptr || !gateway_->control()->enabled()) {
    report_.broken_off = "control is not enabled: there is nothing to drill";
    co_return;
  }
  DrillStep step{.what = "before anything is lost"};
  step.checks.push_back(co_await expect(
      "every point is where it is to be", well_within, [this] { return not_well(true).empty(); },
      [this] { return not_well(true); }));
  const bool well = step.checks.back().passed;
  put(std::move(step));
  if (!well && !broken_off_) report_.broken_off = "the site was not well before the drill";
}

// The first point that is held safe or out of reach, or not where it is to be; empty: none.
std::string DrillRun::not_well(bool all_confirmed) const {
  for (const ControlDesk::View& view : gateway_->control()->view()) {
    if (!view.trouble.empty()) return fmt::format("{}: {}", view.point.path, view.trouble);
    if (view.fail_safe) return fmt::format("{} is held safe: {}", view.point.path, view.words);
    if (all_confirmed && !is_there(view.actuator.status()))
      return fmt::format("{} is {}", view.point.path, model::to_string(view.actuator.status().state));
  }
  return "";
}

const bus::DeviceEvent* DrillRun::state(const std::string& device) const {
  for (const model::SiteModel::Device& known : gateway_->site().devices())
    if (known.name == device) return gateway_->live().state(known.id);
  return nullptr;
}

void DrillRun::cut(const std::string& device, bool lost) {
  if (site_.cut) return site_.cut(device, lost);
  if (auto config = site_.load(lost ? device : "")) runtime_.reload(std::move(config));
}

io::Task<void> DrillRun::lose(DrillLoss loss) {
  DrillStep step{.what = fmt::format("loss of {}", loss.device)};
  const bus::DeviceEvent* before = state(loss.device);
  if (before == nullptr || before->state != bus::DeviceState::online) {
    step.skipped = "it does not answer anyway";
    put(std::move(step));
    co_return;
  }
  cut(loss.device, true);
  const auto view_of = [this](const std::string& path, auto look) {
    const std::vector<ControlDesk::View> all = gateway_->control()->view();
    const ControlDesk::View* view = find(all, path);
    using Seen = decltype(look(*view));
    return view != nullptr ? look(*view) : Seen{};
  };
  const auto words_of = [&](const std::string& path) {
    return view_of(path, [](const ControlDesk::View& view) { return view.words; });
  };
  for (const DrillLoss::Held& held : loss.held) {
    const auto is_held = [&] {
      return view_of(held.path, [&](const ControlDesk::View& view) {
        return view.fail_safe && view.actuator.status().state == WriteState::confirmed &&
               view.actuator.status().shown == held.value;
      });
    };
    step.checks.push_back(
        co_await expect(fmt::format("{} shows its fail-safe value {:.10g}", held.path, held.value),
                        held.within + reaction, is_held, [&] { return words_of(held.path); }));
  }
  step.checks.push_back(co_await expect(
      "the gateway says that it is lost", noticed_within,
      [&] {
        const bus::DeviceEvent* now = state(loss.device);
        return now == nullptr || now->state != bus::DeviceState::online;
      },
      [&] {
        const bus::DeviceEvent* now = state(loss.device);
        return now != nullptr ? now->reason : std::string();
      }));
  for (const std::string& path : loss.untouched) {
    const bool safe = view_of(path, [](const ControlDesk::View& view) { return view.fail_safe; });
    step.checks.push_back(
        {.expected = fmt::format("{} goes on", path), .passed = !safe, .seen = words_of(path)});
  }
  for (const std::string& name : loss.controllers) {
    const auto controller_of = [this, &name] {
      auto all = gateway_->controllers().view();
      const auto found = std::ranges::find(all, name, &ControllerDesk::View::name);
      return found != all.end() ? std::optional(std::move(*found)) : std::nullopt;
    };
    step.checks.push_back(co_await expect(
        fmt::format("the controller '{}' does not take what is not fresh", name), noticed_within,
        [&] {
          const auto view = controller_of();
          return view &&
                 std::ranges::any_of(view->inputs, [](const auto& in) { return !in.trouble.empty(); });
        },
        [&] {
          // Not its decision: that may still be the one from before, until its next step.
          const auto view = controller_of();
          if (!view) return std::string("it is not there");
          for (const auto& in : view->inputs)
            if (!in.trouble.empty()) return fmt::format("{}: {}", in.input.path, in.trouble);
          return std::string("all its inputs are fresh");
        }));
  }
  cut(loss.device, false);
  step.checks.push_back(co_await expect(
      "given back, every point is where it is to be", back_within,
      [&] {
        const bus::DeviceEvent* now = state(loss.device);
        return now != nullptr && now->state == bus::DeviceState::online && not_well(true).empty();
      },
      [this] { return not_well(true); }));
  put(std::move(step));
}

// What was left behind.
void DrillRun::check_end() {
  DrillStep step{.what = "the gateway ends"};
  for (const ControlDesk::View& view : gateway_->control()->view()) {
    const ControlPoint& how = gateway_->config().site.control.points.at(view.point.path);
    if (how.on_stop == OnStop::keep || how.once) continue;
    const control::Actuator::Status& status = view.actuator.status();
    step.checks.push_back(
        {.expected = fmt::format("{} is left at {:.10g}", view.point.path, how.safe_value()),
         .passed = is_there(status) && status.written == how.safe_value(),
         .seen = std::string(model::to_string(status.state))});
  }
  put(std::move(step));
}

}  // namespace iw::gateway

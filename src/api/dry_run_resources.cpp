// What a controller would have done: its dry run over the history.

#include <algorithm>

#include "api/answers.hpp"
#include "api/blocking.hpp"
#include "api/dry_run.hpp"
#include "api/excerpt.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

constexpr Duration longest_look = std::chrono::days(7);

std::int64_t ms(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

Result<historian::Range> range_of(const Target& target, WallTime now) {
  if (auto known = only(target, {"from", "to"}); !known) return fail(std::move(known).error());
  auto from = time_of(target, "from", now);
  if (!from) return fail(std::move(from).error());
  auto to = time_of(target, "to", now);
  if (!to) return fail(std::move(to).error());
  const WallTime end = to->value_or(now);
  const WallTime begin = from->value_or(end - 1h);
  if (begin >= end) return fail(ErrorKind::invalid_argument, "from is not before to");
  if (end - begin > longest_look)
    return fail(ErrorKind::invalid_argument, "a dry run looks at seven days at most", "take a shorter time");
  return historian::Range{.from_ms = ms(begin), .to_ms = ms(end)};
}

// The values of each input, and of the minutes before, for what held at the beginning.
Result<std::vector<historian::Samples>> past_of(historian::Excerpt& history,
                                                const std::vector<std::string>& paths,
                                                historian::Range range) {
  const std::int64_t before = DryRunSettings().longest_hold / 1ms;
  std::vector<historian::Samples> all;
  for (const std::string& path : paths) {
    const auto& series = history.series();
    const auto found = std::ranges::find(series, path, &historian::SeriesInfo::path);
    if (found == series.end()) {
      all.emplace_back();
      continue;
    }
    auto samples = history.raw(static_cast<std::size_t>(found - series.begin()),
                               {.from_ms = range.from_ms - before, .to_ms = range.to_ms});
    if (!samples) return fail(std::move(samples).error());
    all.push_back(std::move(*samples));
  }
  return all;
}

std::string_view unit_of(std::string_view path) {
  const auto name = model::parse_point_name(path.substr(path.rfind('/') + 1));
  return name ? model::to_string(model::info(name->quantity).unit) : std::string_view();
}

Json output_json(const control::Output& output, const std::vector<DryRun::Wished>& changes) {
  Json times = Json::array();
  Json values = Json::array();
  Json demands = Json::array();
  for (const DryRun::Wished& one : changes) {
    times.push_back(one.time_ms);
    values.push_back(one.wishes ? number(one.value) : Json(nullptr));
    demands.push_back(one.wishes ? Json(to_string(one.demand)) : Json(nullptr));
  }
  return {{"path", output.path},
          {"unit", unit_of(output.path)},
          {"time_ms", std::move(times)},
          {"value", std::move(values)},
          {"demand", std::move(demands)}};
}

Json run_json(const control::Declaration& declaration, const DryRun& run, historian::Range range) {
  Json outputs = Json::array();
  for (std::size_t i = 0; i < run.outputs.size(); ++i)
    outputs.push_back(output_json(declaration.outputs[i], run.outputs[i]));
  Json reasons = Json::array();
  for (const DryRun::Reason& reason : run.reasons)
    reasons.push_back({{"time_ms", reason.time_ms}, {"code", reason.code}, {"words", reason.words}});
  Json inputs = Json::array();
  for (const control::Input& input : declaration.inputs)
    inputs.push_back({{"path", input.path}, {"unit", unit_of(input.path)}});
  return {{"from_ms", range.from_ms},
          {"to_ms", range.to_ms},
          {"step_s", std::chrono::duration<double>(run.step).count()},
          {"inputs", std::move(inputs)},
          {"outputs", std::move(outputs)},
          {"reasons", std::move(reasons)}};
}

const control::ControllerSection* section_of(const gateway::Gateway& gateway, std::string_view name) {
  const auto& all = gateway.config().site.controllers;
  const auto found = std::ranges::find(all, name, &control::ControllerSection::name);
  return found != all.end() ? &*found : nullptr;
}

Response no_controller(std::string_view name) {
  return problem(Status::not_found, fmt::format("there is no controller '{}'", name),
                 "GET /api/v1/controllers lists them");
}

// The history is read where disks are waited for; the steps are some milliseconds.
io::Task<Response> dry_run_answer(Surroundings on, const Call& call) {
  const std::string name(call.capture("controller"));
  const control::ControllerSection* section = section_of(on.gateway, name);
  if (section == nullptr) co_return no_controller(name);
  const auto range = range_of(call.target, on.network.executor().clock().wall_now());
  if (!range) co_return problem(range.error());
  if (on.gateway.recorder() == nullptr) {
    co_return problem(Status::not_found, "this gateway keeps no history",
                      "history: {enabled: true}, and a data folder");
  }
  const control::ConfiguredController one = control::make_controller(*section);
  const control::Declaration& declaration = one.controller->declaration();
  std::vector<std::string> paths;
  for (const control::Input& input : declaration.inputs)
    paths.push_back(input.path);
  auto history = co_await excerpt_of(*on.gateway.recorder(), [&](const historian::SeriesInfo& series) {
    return std::ranges::find(paths, series.path) != paths.end();
  });
  const auto past = co_await run_blocking(on.network.executor(), on.blocking,
                                          [&] { return past_of(history, paths, *range); });
  if (!past) co_return problem(past.error());
  const DryRun run = dry_run(*one.controller, *past, *on.gateway.config().zone,
                             {.from_ms = range->from_ms, .to_ms = range->to_ms});
  co_return json_answer(run_json(declaration, run, *range));
}

}  // namespace

void add_dry_run(Routes& routes, Surroundings on) {
  routes.get_waiting("/api/v1/controllers/{controller}/dry-run",
                     [on](const Call& call) { return dry_run_answer(on, call); });
}

}  // namespace iw::api

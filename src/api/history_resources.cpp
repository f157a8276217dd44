// The past, from the files that the gateway writes: they are read on the blocking executor.

#include <algorithm>

#include "api/answers.hpp"
#include "api/blocking.hpp"
#include "api/downsample.hpp"
#include "api/excerpt.hpp"
#include "api/parameters.hpp"
#include "api/patterns.hpp"
#include "api/resources.hpp"
#include "gateway/live_json.hpp"
#include "historian/as_measured.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

constexpr std::size_t most_series = 50;
constexpr std::size_t most_samples = 2'000'000;  // that one request may read

enum class Step : std::uint8_t { automatic, raw, minute, quarter, hour };

constexpr std::array step_words{
    std::pair{std::string_view("auto"), Step::automatic}, std::pair{std::string_view("raw"), Step::raw},
    std::pair{std::string_view("1min"), Step::minute}, std::pair{std::string_view("15min"), Step::quarter},
    std::pair{std::string_view("1h"), Step::hour}};

std::string_view to_string(Step step) {
  return std::ranges::find(step_words, step, [](const auto& word) { return word.second; })->first;
}

Result<Step> parse_step(std::string_view text) {
  const auto* found = std::ranges::find(step_words, text, [](const auto& word) { return word.first; });
  if (found != step_words.end()) return found->second;
  return fail(ErrorKind::invalid_argument,
              fmt::format("step: '{}' is none of auto, raw, 1min, 15min, 1h", text));
}

struct Question {
  Patterns points;
  historian::Range range;
  Step step = Step::automatic;
  std::size_t pixels = 0;
  bool as_measured = false;
};

std::int64_t ms(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

// The coarsest step that still has a value for each pixel.
Step chosen(Step wanted, historian::Range range, std::size_t pixels) {
  if (wanted != Step::automatic) return wanted;
  const std::int64_t pixel_ms = (range.to_ms - range.from_ms) / static_cast<std::int64_t>(pixels);
  if (pixel_ms >= historian::hour_ms) return Step::hour;
  if (pixel_ms >= 15 * historian::minute_ms) return Step::quarter;
  return pixel_ms >= historian::minute_ms ? Step::minute : Step::raw;
}

Result<Question> question_of(const Target& target, WallTime now) {
  if (auto known = only(target, {"point", "from", "to", "step", "pixels", "raw"}); !known)
    return fail(std::move(known).error());
  auto from = time_of(target, "from", now);
  if (!from) return fail(std::move(from).error());
  auto to = time_of(target, "to", now);
  if (!to) return fail(std::move(to).error());
  auto pixels = number_of(target, "pixels", 1, 10'000, 1000);
  if (!pixels) return fail(std::move(pixels).error());
  auto step = parse_step(target.parameter("step").value_or("auto"));
  if (!step) return fail(std::move(step).error());
  auto as_measured = number_of(target, "raw", 0, 1, 0);
  if (!as_measured) return fail(std::move(as_measured).error());
  Question question{.points = Patterns::of(target, "point"),
                    .range = {},
                    .step = {},
                    .pixels = *pixels,
                    .as_measured = *as_measured == 1};
  if (question.points.all()) {
    return fail(ErrorKind::invalid_argument, "which points?",
                "for example ?point=roof/ActivePower&from=2h; GET /api/v1/history/series lists them");
  }
  const WallTime end = to->value_or(now);
  question.range = {.from_ms = ms(from->value_or(end - 1h)), .to_ms = ms(end)};
  if (question.range.from_ms >= question.range.to_ms)
    return fail(ErrorKind::invalid_argument, "from is not before to");
  if (question.as_measured && *step != Step::automatic && *step != Step::raw) {
    return fail(ErrorKind::invalid_argument, "raw=1 has values, and no roll-ups are made of them",
                "leave out step");
  }
  question.step = question.as_measured ? Step::raw : chosen(*step, question.range, question.pixels);
  return question;
}

// ---- Answers, as columns: the least that a chart needs

Json numbers(const std::vector<double>& values) {
  Json column = Json::array();
  for (const double value : values)
    column.push_back(number(value));
  return column;
}

Json columns_of(const historian::Samples& samples) {
  Json validity = Json::array();
  for (const model::Quality quality : samples.quality)
    validity.push_back(static_cast<int>(quality.validity()));
  return {{"time_ms", samples.time_ms}, {"value", numbers(samples.value)}, {"validity", std::move(validity)}};
}

template <class Member>
Json column(const std::vector<historian::Rollup>& rollups, Member member) {
  Json values = Json::array();
  for (const historian::Rollup& rollup : rollups)
    values.push_back(number(static_cast<double>(std::invoke(member, rollup))));
  return values;
}

Json columns_of(const std::vector<historian::Rollup>& rollups, const model::PointName& name) {
  using historian::Rollup;
  Json times = Json::array();
  for (const Rollup& rollup : rollups)
    times.push_back(rollup.start_ms);
  Json columns{{"time_ms", std::move(times)},
               {"average", column(rollups, &Rollup::average)},
               {"minimum", column(rollups, &Rollup::min)},
               {"maximum", column(rollups, &Rollup::max)},
               {"last", column(rollups, &Rollup::last)},
               {"samples", column(rollups, &Rollup::count)},
               {"good", column(rollups, &Rollup::good)}};
  if (historian::energy_of(name) != historian::EnergyOf::none)
    columns["energy"] = column(rollups, &Rollup::energy);
  return columns;
}

historian::Level level_of(Step step) {
  return step == Step::minute    ? historian::Level::minute
         : step == Step::quarter ? historian::Level::quarter
                                 : historian::Level::hour;
}

Json series_json(const historian::SeriesInfo& info) {
  return {{"path", info.path},
          {"mrid", model::to_string(info.mrid)},
          {"unit", model::to_string(model::info(info.name.quantity).unit)}};
}

// Reads one series after the other, and gives up when it becomes too much.
class Reading {
 public:
  Reading(historian::Excerpt& history, const Question& question) : history_(history), question_(question) {}

  Result<Json> all() {
    Json found = Json::array();
    const auto& series = history_.series();
    if (series.size() > most_series) {
      return fail(ErrorKind::invalid_argument, fmt::format("more than {} points", most_series),
                  "ask for fewer at a time");
    }
    for (std::size_t place = 0; place < series.size(); ++place) {
      Json one = series_json(series[place]);
      auto columns = columns_of_series(place);
      if (!columns) return fail(std::move(columns).error());
      one["columns"] = std::move(*columns);
      found.push_back(std::move(one));
    }
    if (found.empty()) {
      return fail(ErrorKind::not_found, "the history has no such point",
                  "GET /api/v1/history/series lists them");
    }
    return found;
  }

 private:
  Result<Json> columns_of_series(std::size_t place) {
    if (question_.step == Step::raw) {
      auto samples = question_.as_measured ? history_.as_measured(place, question_.range)
                                           : history_.raw(place, question_.range);
      if (!samples) return fail(std::move(samples).error());
      read_ += samples->size();
      if (read_ > most_samples) {
        return fail(ErrorKind::invalid_argument, fmt::format("more than {} values", most_samples),
                    "take a shorter time, or step=1min");
      }
      return columns_of(for_pixels(*samples, question_.range, question_.pixels));
    }
    auto rollups = history_.rollups(place, level_of(question_.step), question_.range);
    if (!rollups) return fail(std::move(rollups).error());
    return columns_of(for_pixels(*rollups, question_.range, question_.pixels), history_.series()[place].name);
  }

  historian::Excerpt& history_;
  const Question& question_;
  std::size_t read_ = 0;
};

Response not_kept() {
  return problem(Status::not_found, "this gateway keeps no history",
                 "history: {enabled: true}, and a data folder");
}

template <class Read>
io::Task<Response> from_history(Surroundings on, historian::Excerpt::Wanted wanted, Read read) {
  if (on.gateway.recorder() == nullptr) co_return not_kept();
  auto excerpt = co_await excerpt_of(*on.gateway.recorder(), std::move(wanted));
  auto answered = co_await run_blocking(on.network.executor(), on.blocking, [&] { return read(excerpt); });
  co_return answered ? json_answer(*answered) : problem(answered.error());
}

io::Task<Response> history_answer(Surroundings on, const Call& call) {
  const auto question = question_of(call.target, on.network.executor().clock().wall_now());
  if (!question) co_return problem(question.error());
  const auto wanted = [points = question->points](const historian::SeriesInfo& series) {
    return !historian::is_as_measured(series) && points.match(series.path);
  };
  co_return co_await from_history(on, wanted, [&](historian::Excerpt& history) -> Result<Json> {
    auto series = Reading(history, *question).all();
    if (!series) return fail(std::move(series).error());
    return Json{{"from_ms", question->range.from_ms},
                {"to_ms", question->range.to_ms},
                {"step", to_string(question->step)},
                {"raw", question->as_measured},
                {"series", std::move(*series)}};
  });
}

io::Task<Response> series_answer(Surroundings on) {
  const auto wanted = [](const historian::SeriesInfo& series) { return !historian::is_as_measured(series); };
  return from_history(on, wanted, [](const historian::Excerpt& history) -> Result<Json> {
    Json items = Json::array();
    for (const historian::SeriesInfo& info : history.series())
      items.push_back(series_json(info));
    return Json{{"items", std::move(items)}};
  });
}

}  // namespace

void add_history(Routes& routes, Surroundings on) {
  routes.get_waiting("/api/v1/history", [on](const Call& call) { return history_answer(on, call); });
  routes.get_waiting("/api/v1/history/series", [on](const Call& /*call*/) { return series_answer(on); });
}

}  // namespace iw::api

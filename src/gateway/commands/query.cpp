// interwatt query: what the history says.

#include <algorithm>
#include <cmath>

#include "gateway/commands/choice.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/history_config.hpp"
#include "gateway/live_json.hpp"
#include "gateway/live_table.hpp"
#include "gateway/plot.hpp"
#include "gateway/point_patterns.hpp"
#include "gateway/surroundings.hpp"
#include "gateway/time_span.hpp"
#include "historian/as_measured.hpp"
#include "historian/reader.hpp"
#include "json/json.hpp"
#include "transfer/csv.hpp"

namespace iw::gateway {
namespace {

// What is asked for: values as they came, or what they did in each minute, quarter or hour.
enum class Step : std::uint8_t { automatic, raw, minute, quarter, hour };

enum class Form : std::uint8_t { table, json, csv, plot };

struct Options {
  std::vector<std::string> patterns;
  DataFolderOptions data;
  std::string since;
  std::string until;
  bool json = false;
  bool csv = false;
  bool plot = false;
  bool as_measured = false;
  Step step = Step::automatic;

  [[nodiscard]] Form form() const {
    return json ? Form::json : csv ? Form::csv : plot ? Form::plot : Form::table;
  }
};

// More lines are no table any more.
constexpr std::size_t longest_table = 200;

struct FoundSeries {
  historian::SeriesId id;
  const historian::SeriesInfo* info;

  [[nodiscard]] model::Unit unit() const { return model::info(info->name.quantity).unit; }
};

std::vector<FoundSeries> matching(const historian::Reader& reader, const std::vector<std::string>& patterns) {
  std::vector<FoundSeries> found;
  const auto& series = reader.series();
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!historian::is_as_measured(series[i]) && wanted(patterns, series[i].path))
      found.push_back({historian::SeriesId(static_cast<std::uint32_t>(i)), &series[i]});
  }
  std::ranges::sort(found, {}, [](const FoundSeries& s) -> const std::string& { return s.info->path; });
  return found;
}

std::string time_of(std::int64_t ms) { return format_time(WallTime(std::chrono::milliseconds(ms))); }

// For a curve as many values as it has dots, or so; for all else the values as they came.
Step chosen(Step wanted, Form form, historian::Range range) {
  if (wanted != Step::automatic) return wanted;
  const std::int64_t span = range.to_ms - range.from_ms;
  if (form != Form::plot || span <= 6 * historian::hour_ms) return Step::raw;
  if (span <= 7 * historian::day_ms) return Step::minute;
  return span <= 60 * historian::day_ms ? Step::quarter : Step::hour;
}

historian::Level level_of(Step step) {
  return step == Step::minute    ? historian::Level::minute
         : step == Step::quarter ? historian::Level::quarter
                                 : historian::Level::hour;
}

// For a curve: the least and the greatest value of each.
historian::Samples extremes(const std::vector<historian::Rollup>& rollups) {
  historian::Samples samples;
  for (const historian::Rollup& rollup : rollups) {
    samples.add(rollup.start_ms, rollup.min, {});
    samples.add(rollup.start_ms, rollup.max, {});
  }
  return samples;
}

// The shortest number that is read back as the same.
std::string exact(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

class Answer {
 public:
  Answer(Form form, Console& console, historian::Range range)
      : form_(form), console_(console), range_(range) {}

  void begin(Step step) {
    if (form_ != Form::csv) return;
    console_.out(step == Step::raw ? "time,path,value,unit,quality"
                                   : "time,path,average,minimum,maximum,last,energy,unit,samples,good");
  }

  void show(const FoundSeries& series, const historian::Samples& samples) {
    switch (form_) {
      case Form::table: return show_table(series, samples);
      case Form::plot:
        console_.out(console_.styled(Style::bold, series.info->path));
        return console_.out(gateway::plot(samples, range_, series.unit(),
                                          {.width = std::min<std::size_t>(console_.width(), 140)}));
      case Form::json:
      case Form::csv:
        for (std::size_t i = 0; i < samples.size(); ++i)
          console_.out(form_ == Form::json ? json_line(series, samples, i) : csv_line(series, samples, i));
    }
  }

  void show(const FoundSeries& series, const std::vector<historian::Rollup>& rollups) {
    switch (form_) {
      case Form::table: return show_table(series, rollups);
      case Form::plot: return show(series, extremes(rollups));
      case Form::json:
      case Form::csv:
        for (const historian::Rollup& rollup : rollups)
          console_.out(form_ == Form::json ? json_line(series, rollup) : csv_line(series, rollup));
    }
  }

 private:
  void show_table(const FoundSeries& series, const std::vector<historian::Rollup>& rollups) {
    console_.out(console_.styled(Style::bold, series.info->path));
    TextTable table({{"from"},
                     {"average", TextTable::Align::right},
                     {"least", TextTable::Align::right},
                     {"greatest", TextTable::Align::right},
                     {"energy", TextTable::Align::right},
                     {"samples", TextTable::Align::right}});
    const bool energy = historian::energy_of(series.info->name) != historian::EnergyOf::none;
    for (const historian::Rollup& rollup : rollups) {
      table.add({time_of(rollup.start_ms), format_value(rollup.average(), series.unit()),
                 format_value(rollup.min, series.unit()), format_value(rollup.max, series.unit()),
                 energy ? format_value(rollup.energy, energy_unit(series)) : "",
                 fmt::format("{}", rollup.count)});
    }
    console_.out(table.to_string(console_));
  }

  static model::Unit energy_unit(const FoundSeries& series) {
    return historian::energy_of(series.info->name) == historian::EnergyOf::power ? model::Unit::Wh
                                                                                 : series.unit();
  }

  static std::string json_line(const FoundSeries& series, const historian::Rollup& rollup) {
    nlohmann::ordered_json line{{"time", time_of(rollup.start_ms)}, {"path", series.info->path}};
    const auto add = [&](const char* name, double value) {
      line[name] = std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
    };
    add("average", rollup.average());
    add("minimum", rollup.min);
    add("maximum", rollup.max);
    add("last", rollup.last);
    if (historian::energy_of(series.info->name) != historian::EnergyOf::none) add("energy", rollup.energy);
    line["unit"] = model::to_string(series.unit());
    line["samples"] = rollup.count;
    line["good"] = rollup.good;
    return line.dump();
  }

  static std::string csv_line(const FoundSeries& series, const historian::Rollup& rollup) {
    const bool energy = historian::energy_of(series.info->name) != historian::EnergyOf::none;
    return fmt::format("{},{},{},{},{},{},{},{},{},{}", time_of(rollup.start_ms),
                       transfer::csv_field(series.info->path), exact(rollup.average()), exact(rollup.min),
                       exact(rollup.max), exact(rollup.last), energy ? exact(rollup.energy) : "",
                       model::to_string(series.unit()), rollup.count, rollup.good);
  }

  void show_table(const FoundSeries& series, const historian::Samples& samples) {
    console_.out(console_.styled(Style::bold, fmt::format("{}  {} {}", series.info->path, samples.size(),
                                                          samples.size() == 1 ? "value" : "values")));
    const std::size_t left_out = samples.size() > longest_table ? samples.size() - longest_table : 0;
    if (left_out > 0)
      console_.note(fmt::format("the last {}; --csv gives all, --plot shows all", longest_table));
    for (std::size_t i = left_out; i < samples.size(); ++i) {
      const model::Quality quality = samples.quality[i];
      console_.out(fmt::format(
          "{}  {:>12}  {}", time_of(samples.time_ms[i]), format_value(samples.value[i], series.unit()),
          console_.styled(quality.good() ? Style::dim : Style::warn, model::to_string(quality))));
    }
  }

  static std::string json_line(const FoundSeries& series, const historian::Samples& samples, std::size_t i) {
    nlohmann::ordered_json line{{"time", time_of(samples.time_ms[i])},
                                {"path", series.info->path},
                                {"value", nullptr},
                                {"unit", model::to_string(series.unit())},
                                {"quality", model::to_string(samples.quality[i])}};
    if (std::isfinite(samples.value[i])) line["value"] = samples.value[i];
    return line.dump();
  }

  static std::string csv_line(const FoundSeries& series, const historian::Samples& samples, std::size_t i) {
    return fmt::format("{},{},{},{},{}", time_of(samples.time_ms[i]), transfer::csv_field(series.info->path),
                       exact(samples.value[i]), model::to_string(series.unit()),
                       transfer::csv_field(model::to_string(samples.quality[i])));
  }

  Form form_;
  Console& console_;
  historian::Range range_;
};

void list_series(const std::vector<FoundSeries>& all, bool json, Console& console) {
  TextTable table({{"point"}, {"unit"}, {"mRID"}});
  for (const FoundSeries& series : all) {
    const std::string unit(model::to_string(series.unit()));
    const std::string mrid = model::to_string(series.info->mrid);
    if (json) {
      console.out(nlohmann::ordered_json{{"path", series.info->path}, {"unit", unit}, {"mrid", mrid}}.dump());
    } else {
      table.add({series.info->path, unit, mrid});
    }
  }
  if (!json) console.out(table.to_string(console));
}

int query(const Options& options, Console& console) {
  Surroundings surroundings;
  const auto folder = data_folder(options.data, surroundings.files(), console);
  if (!folder) return 1;
  auto reader = historian::Reader::open(surroundings.files(), history_folder(*folder));
  if (!reader) return give_up(console, options.json, reader.error());
  const WallTime now = surroundings.executor().clock().wall_now();
  const auto span = parse_span(options.since, options.until, now, 1h);
  if (!span) return give_up(console, options.json, span.error(), 2);

  const std::vector<FoundSeries> found = matching(*reader, options.patterns);
  if (found.empty()) {
    return give_up(console, options.json,
                   {ErrorKind::not_found,
                    fmt::format("the history has no point '{}'", fmt::join(options.patterns, "', '")),
                    "`interwatt query` without points lists them; wildcards need quotes: '*/ActivePower'"});
  }
  if (options.patterns.empty()) {
    list_series(found, options.json, console);
    return 0;
  }
  const auto ms = [](WallTime time) {
    return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  };
  const historian::Range range{.from_ms = ms(span->from), .to_ms = ms(span->to)};
  if (options.as_measured && options.step != Step::automatic && options.step != Step::raw) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "--raw has values, and no roll-ups are made of them",
                    "leave out --step"},
                   2);
  }
  const Step step = options.as_measured ? Step::raw : chosen(options.step, options.form(), range);
  Answer answer(options.form(), console, range);
  answer.begin(step);
  for (const FoundSeries& series : found) {
    if (step == Step::raw) {
      auto samples =
          options.as_measured ? reader->as_measured(series.id, range) : reader->raw(series.id, range);
      if (!samples) return give_up(console, options.json, samples.error());
      answer.show(series, *samples);
    } else {
      auto rollups = reader->rollups(series.id, level_of(step), range);
      if (!rollups) return give_up(console, options.json, rollups.error());
      answer.show(series, *rollups);
    }
  }
  return 0;
}

}  // namespace

void add_query(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("query", "Values of the past, from the history that `run` keeps.");
  command.add_option("points", options->patterns,
                     "paths, with wildcards: 'roof/*', '*/ActivePower'; without any: which there are");
  add_data_folder(command, options->data);
  command.add_option("--since", options->since,
                     "from when: 2h (ago), today, 2026-11-24T10:15; 1h when left out");
  command.add_option("--until", options->until, "to when; now when left out");
  add_choice<Step>(command, "--step", options->step,
                   {{"raw", Step::raw}, {"1min", Step::minute}, {"15min", Step::quarter}, {"1h", Step::hour}},
                   "1min, 15min or 1h: what the values did in each; raw: as they came");
  command.add_flag(
      "--raw", options->as_measured,
      "what the device gave, before it was cleaned: no filter, no filled gap, counters as they are");
  const Option json = command.add_flag("--json", options->json, "one JSON object a line");
  const Option csv =
      command.add_flag("--csv", options->csv, "comma-separated values, all of them").excludes(json);
  command.add_flag("--plot", options->plot, "a curve").excludes(json).excludes(csv);
  command.footer(
      "Times are UTC. It may be asked while the gateway runs.\n\n"
      "Examples:\n"
      "  interwatt query                                         which points have a history\n"
      "  interwatt query '*/ActivePower' --since 2h --plot\n"
      "  interwatt query 'meter/*' --since yesterday --until today --csv > yesterday.csv\n"
      "  interwatt query '*/EnergyImport' --since 2026-01-01 --step 1h\n"
      "  interwatt query meter/Frequency --since 10min --raw     what the device gave, before it was "
      "cleaned\n");
  command.callback([options, &program] { program.status = query(*options, program.console); });
}

}  // namespace iw::gateway

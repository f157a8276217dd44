// What our filters and roll-ups make of columns of numbers: a question as JSON on stdin, the answer on
// stdout.
//
//   numeric_answers hampel     {"value": [...], "sigmas": 3, "floor": 0.5}
//   numeric_answers low_pass   {"value": [...], "dt": [...], "tau": 10}
//   numeric_answers rollups    {"time_ms": [...], "value": [...], "valid": [...], "from_ms": .., "to_ms": ..,
//                               "hold_ms": ..}
#include <cmath>
#include <iostream>
#include <string>

#include "historian/rollup.hpp"
#include "json/json.hpp"
#include "normalize/hampel.hpp"
#include "normalize/low_pass.hpp"

namespace {

using namespace iw;
using json = nlohmann::ordered_json;

json hampel(const json& question) {
  normalize::Hampel filter;
  json verdicts = json::array();
  json medians = json::array();
  for (const double value : question["value"]) {
    verdicts.push_back(
        static_cast<int>(filter.judge({.value = value}, question["sigmas"], question["floor"])));
    medians.push_back(filter.median());
  }
  return {{"verdict", verdicts}, {"median", medians}};
}

json low_pass(const json& question) {
  normalize::LowPass filter(question["tau"].get<double>());
  const auto& values = question["value"];
  double y = values.at(0);
  json out = json::array({y});
  for (std::size_t i = 1; i < values.size(); ++i)
    out.push_back(y = filter.filter(y, values[i], question["dt"][i]));
  return {{"value", out}};
}

json to_json(const std::vector<historian::Rollup>& rollups) {
  json all = json::array();
  for (const historian::Rollup& r : rollups) {
    all.push_back({{"start_ms", r.start_ms},
                   {"min", r.min},
                   {"max", r.max},
                   {"last", r.last},
                   {"average", r.average()},
                   {"covered_ms", r.covered_ms},
                   {"count", r.count},
                   {"energy", r.energy}});
  }
  return all;
}

json rollups(const json& question) {
  historian::Samples samples;
  for (std::size_t i = 0; i < question["value"].size(); ++i) {
    samples.add(question["time_ms"][i], question["value"][i],
                model::Quality(question["valid"][i] ? model::Validity::good : model::Validity::invalid));
  }
  constexpr auto power = historian::EnergyOf::power;
  const auto minutes = historian::minutes_of(
      samples, {.from_ms = question["from_ms"], .to_ms = question["to_ms"]}, question["hold_ms"], power);
  json answer;
  for (const auto& [name, level] : {std::pair{"1min", historian::Level::minute},
                                    {"15min", historian::Level::quarter},
                                    {"60min", historian::Level::hour}}) {
    auto buckets = historian::combined(minutes, level, power);
    historian::give_energy(buckets, power);
    answer[name] = to_json(buckets);
  }
  return answer;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  const json question = json::parse(std::cin);
  const json answer = what == "hampel"     ? hampel(question)
                      : what == "low_pass" ? low_pass(question)
                      : what == "rollups"  ? rollups(question)
                                           : json{};
  std::cout << answer << '\n';
  return answer.is_null() ? 2 : 0;
}

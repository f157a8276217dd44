#include "gateway/control_config.hpp"

#include "model/point.hpp"
#include "model/point_path.hpp"

namespace iw::gateway {

using namespace config;  // the tables below read better without it at every word

namespace {

constexpr std::array among_words{Word<control::Among>{"newest", control::Among::newest},
                                 Word<control::Among>{"least", control::Among::least},
                                 Word<control::Among>{"greatest", control::Among::greatest}};
constexpr std::array on_stop_words{Word<OnStop>{"fail_safe", OnStop::fail_safe},
                                   Word<OnStop>{"keep", OnStop::keep}};

const Record<ControlPoint>& point_record() {
  using P = ControlPoint;
  static const auto record =
      Record<P>()
          .required("min", &P::minimum, number(), "nothing below is ever written")
          .required("max", &P::maximum, number(), "nothing above is ever written")
          .required("default", &P::fallback, number(), "what holds when nobody claims the point")
          .optional("off", &P::off, number(), "what off means")
          .optional("ramp", &P::ramp, number(0), "change in one second; without: at once")
          .optional("every", &P::every, duration(0s, 1h), "least time between two writes")
          .optional("refresh", &P::refresh, duration(100ms, 24h),
                    "written again this often: half of the time after which the device falls back by itself")
          .optional("revert", &P::revert, duration(0s, 12h),
                    "a device that can falls back by itself so long after the gateway is lost, 60s when left "
                    "out; 0s: it holds what it was told")
          .optional(
              "once", &P::once, boolean(),
              "each claim is written at most once, whatever becomes of it: for what may not be done twice")
          .optional("among", &P::among, one_of(among_words),
                    "which of several values of one level counts; by the quantity when left out")
          .optional("fail_safe", &P::fail_safe, number(),
                    "what is written when a need is lost, and on stop; the default when left out")
          .optional("on_stop", &P::on_stop, one_of(on_stop_words),
                    "what is left behind when the gateway stops")
          .optional(
              "needs", &P::needs,
              map_of<std::string, Duration>("asset/point", &model::parse_point_path, duration(100ms, 24h)),
              "values without which it goes to fail_safe, and how old they may be")
          .place(&P::place);
  return record;
}

const Record<control::Right>& right_record() {
  using R = control::Right;
  static const auto record =
      Record<R>()
          .required("owner", &R::owner, text(), "who; * stands for anybody")
          .required("level", &R::highest, parsed<control::Level>("a level", &control::parse_level),
                    "optimisation, contract, grid, operator or protection; and those below")
          .required("points", &R::points, list_of<std::string>(text()), "paths; * stands for anything");
  return record;
}

// Of a limit the strictest counts; of everything else the newest.
control::Among usual_among(const std::string& path) {
  const auto name = model::parse_point_name(std::string_view(path).substr(path.rfind('/') + 1));
  switch (name ? name->quantity : model::Quantity::Count) {
    case model::Quantity::ActivePowerLimit:
    case model::Quantity::ConnectCommand: return control::Among::least;
    case model::Quantity::LoadShedLevel: return control::Among::greatest;
    default: return control::Among::newest;
  }
}

void check_point(const std::string& path, const ControlPoint& point, Findings& findings) {
  const auto place = [&](std::string_view key) {
    const Value* value = point.place->find(key);
    return value != nullptr ? value->place() : point.place->key_place();
  };
  const auto name = model::parse_point_name(std::string_view(path).substr(path.rfind('/') + 1));
  const model::CimClass cim = model::info(name->quantity).cim_class;
  if (cim == model::CimClass::Accumulator || cim == model::CimClass::StringMeasurement)
    findings.error(point.place->key_place(), fmt::format("{} can never be set", model::to_string(*name)));
  if (point.minimum > point.maximum) return findings.error(place("min"), "min is above max");
  const auto within = [&](std::string_view key, double value) {
    if (value >= point.minimum && value <= point.maximum) return;
    findings.error(place(key), fmt::format("{} is {:.10g}, which is not within min and max", key, value));
  };
  within("default", point.fallback);
  within("off", point.off);
  within("fail_safe", point.safe_value());
  if (point.ramp && *point.ramp == 0) findings.error(place("ramp"), "with a ramp of 0 it would never move");
  if (point.refresh && *point.refresh < point.every)
    findings.error(place("refresh"), "refresh is shorter than every, the least time between two writes");
  if (point.revert && *point.revert > 0ns && *point.revert < 2 * point.every)
    findings.error(place("revert"),
                   "revert is shorter than twice every: it could not be written again in time");
  if (point.once && (point.refresh || point.ramp || point.revert))
    findings.error(place("once"), "what is written once has neither refresh nor revert nor ramp");
}

}  // namespace

std::vector<control::PointRules> ControlSection::rules() const {
  std::vector<control::PointRules> all;
  for (const auto& [path, point] : points) {
    all.push_back({.path = path,
                   .rules = {.minimum = point.minimum,
                             .maximum = point.maximum,
                             .fallback = point.fallback,
                             .off = point.off,
                             .among = point.among.value_or(usual_among(path))}});
  }
  return all;
}

void ControlSection::check(Findings& findings) const {
  for (const auto& [path, point] : points)
    check_point(path, point, findings);
}

const Record<ControlSection>& control_record() {
  using C = ControlSection;
  static const auto record =
      Record<C>()
          .optional("enabled", &C::enabled, boolean(), "false: nothing is ever written")
          .optional("settle", &C::settle, duration(0s, 10min),
                    "after a start, before defaults are written: what was claimed before goes first")
          .optional("decision_days", &C::decision_days, integer(1, 36'600),
                    "days that it can be asked what was decided and why")
          .optional(
              "points", &C::points,
              map_of<std::string, ControlPoint>("asset/point", &model::parse_point_path, point_record()),
              "the points that may be set; no other ever is")
          .optional("rights", &C::rights, list_of<control::Right>(right_record()),
                    "who may claim them; nobody else may");
  return record;
}

}  // namespace iw::gateway

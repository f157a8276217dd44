#include "gateway/control_config.hpp"

#include <set>

#include "control/controllers/batteries.hpp"
#include "control/controllers/points.hpp"
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
                    "a device that can falls back by itself so long after the gateway is lost; 60s when left "
                    "out, but for a limit that would end as none; 0s: it holds what it was told")
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

const Record<ControlGroup>& group_record() {
  using M = ControlGroup::Member;
  static const auto member =
      Record<M>()
          .required("asset", &M::asset, text(), "that has the point")
          .optional("point", &M::point, control::point_path(),
                    "its path, where another asset has it: a hybrid's")
          .optional("state_of_charge", &M::state_of_charge, control::point_path(),
                    "likewise, for a split by it; StateOfCharge of the asset when left out")
          .optional("capacity_wh", &M::capacity_wh, number(1), "weighs its state of charge against others")
          .optional("min_soc_percent", &M::min_soc_percent, number(0, 100), "empty")
          .optional("max_soc_percent", &M::max_soc_percent, number(0, 100), "full")
          .optional("beside", &M::beside, control::point_path(),
                    "of a unit of a hybrid inverter: the power of the other unit of its connection")
          .optional("connection_w", &M::connection_w, number(1), "what that connection carries, either way")
          .place(&M::place);
  using G = ControlGroup;
  static const auto record =
      Record<G>()
          .required("name", &G::name, text(), "in place of an asset's: name/point is claimed")
          .required(
              "point", &G::point,
              parsed<model::PointName>("a quantity, as in ActivePowerSetpoint", model::parse_point_name),
              "of each member")
          .optional("split", &G::split, one_of(control::split_words),
                    "by what each can take, by how full each is, or in equal parts")
          .required("members", &G::members, list_of<M>(member), "whose points are moved together")
          .place(&G::place);
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
    if (!point.group) check_point(path, point, findings);
}

control::GroupRules ControlGroup::rules() const {
  const std::string name_of_point = model::to_string(point);
  control::GroupRules rules{.path = fmt::format("{}/{}", name, name_of_point), .split = split, .members = {}};
  for (const Member& member : members) {
    control::GroupMember made{
        .path = member.point.empty() ? fmt::format("{}/{}", member.asset, name_of_point) : member.point,
        .state_of_charge = {},
        .capacity_wh = member.capacity_wh,
        .min_soc_percent = member.min_soc_percent,
        .max_soc_percent = member.max_soc_percent,
        .beside = member.beside};
    if (split == control::SplitBy::state_of_charge) {
      made.state_of_charge = member.state_of_charge.empty() ? fmt::format("{}/StateOfCharge", member.asset)
                                                            : member.state_of_charge;
    }
    if (member.connection_w) made.connection_w = *member.connection_w;
    rules.members.push_back(std::move(made));
  }
  return rules;
}

void ControlSection::add_groups(Findings& findings) {
  std::map<std::string, ControlPoint> made;
  for (const ControlGroup& group : groups) {
    control::check_count(group.place, "members", group.members.size(), findings);
    const control::GroupRules rules = group.rules();
    ControlPoint all{.on_stop = OnStop::keep, .group = true, .place = group.place};
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const ControlGroup::Member& member = group.members[i];
      const std::string& path = rules.members[i].path;
      const auto point = points.find(path);
      if (point == points.end()) {
        findings.error(member.place->place(), fmt::format("{} is no point that may be controlled", path),
                       "declare it under points:, with its range and its default");
        continue;
      }
      if (!seen.insert(path).second)
        findings.error(member.place->place(), fmt::format("{} is there twice", path));
      if (point->second.once)
        findings.error(member.place->place(),
                       fmt::format("{} is written once: it can not be in a group", path));
      if (member.beside.empty() == member.connection_w.has_value())
        findings.error(member.place->place(), "beside and connection_w belong together");
      all.minimum += point->second.minimum;
      all.maximum += point->second.maximum;
      all.fallback += point->second.fallback;
      all.off += point->second.off;
    }
    if (points.contains(rules.path) || !made.emplace(rules.path, all).second)
      findings.error(group.place->place(), fmt::format("there is a point {} already", rules.path));
  }
  points.merge(made);
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
          .optional("groups", &C::groups, list_of<ControlGroup>(group_record()),
                    "points that are claimed as one")
          .optional("rights", &C::rights, list_of<control::Right>(right_record()),
                    "who may claim them; nobody else may");
  return record;
}

bool is_limit(std::string_view path) { return usual_among(std::string(path)) == control::Among::least; }

}  // namespace iw::gateway

#include "protocols/bacnet/server/load_control.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet::server {
namespace {

using enum PropertyId;

constexpr std::uint32_t longest_minutes = 31 * 24 * 60;

tl::unexpected<BacnetError> refused(ErrorCode code) {
  return tl::unexpected(BacnetError{ErrorClass::property, code});
}

template <class T>
std::optional<T> only(Bytes encoded) {
  ParameterReader in(encoded);
  const T value = in.application<T>();
  return in.finished() ? std::optional(value) : std::nullopt;
}

void set_time(Object& object, std::optional<WallTime> time) {
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  write_date_time(out, time ? to_date_time(*time, Duration{}) : DateTime{});
  object.set_encoded(start_time, out.written());
}

}  // namespace

LoadControl::Level LoadControl::Level::unshed() const {
  return {.kind = kind, .value = kind == Kind::percent ? 100.0 : 0.0};
}

Object LoadControl::object(const ObjectHead& head) const {
  Object object({ObjectType::load_control, head.instance}, head.name);
  object.set(present_value, Enumerated{0});
  object.set_condition({});
  object.set(description, CharacterString::utf8(head.description));
  object.set(full_duty_baseline, static_cast<float>(traits_.baseline_w / 1000));
  std::vector<Value> numbers;
  std::vector<std::string> texts;
  for (const unsigned percent : traits_.levels)
    texts.push_back(fmt::format("{} % of {:.0f} W", percent, traits_.baseline_w));
  std::vector<Value> descriptions;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    numbers.emplace_back(Unsigned{i + 1});
    descriptions.emplace_back(CharacterString::utf8(texts[i]));
  }
  object.set_list(shed_levels, numbers);
  object.set_list(shed_level_descriptions, descriptions);
  show(object);
  for (const PropertyId property : {requested_shed_level, start_time, shed_duration, duty_window, enable})
    object.make_writable(property);
  object.list_properties();
  return object;
}

// ---- What is written

Refusable<void> LoadControl::write(const PropertyReference& property, Bytes value) {
  const auto number = only<Unsigned>(value);
  switch (property.property) {
    case requested_shed_level: return take_level(value);
    case start_time: return take_start(value);
    case shed_duration:
    case duty_window:
      if (!number) return refused(ErrorCode::invalid_data_type);
      if (number->value > longest_minutes) return refused(ErrorCode::value_out_of_range);
      (property.property == shed_duration ? minutes_ : duty_window_) =
          static_cast<std::uint32_t>(number->value);
      return {};
    case enable: {
      const auto on = only<bool>(value);
      if (!on) return refused(ErrorCode::invalid_data_type);
      enabled_ = *on;
      return {};
    }
    default: return refused(ErrorCode::write_access_denied);
  }
}

Refusable<void> LoadControl::take_level(Bytes value) {
  ParameterReader in(value);
  Level level;
  if (in.next_is(0)) {
    level.value = in.context_u32(0);
  } else if (in.next_is(1)) {
    level = {.kind = Level::Kind::level, .value = static_cast<double>(in.context_u32(1))};
  } else {
    level = {.kind = Level::Kind::amount, .value = static_cast<double>(in.context<float>(2))};
  }
  if (!in.finished()) return refused(ErrorCode::invalid_data_type);
  const double most = level.kind == Level::Kind::percent ? 100
                      : level.kind == Level::Kind::level ? static_cast<double>(traits_.levels.size())
                                                         : traits_.baseline_w / 1000;
  if (!(level.value >= 0 && level.value <= most)) return refused(ErrorCode::value_out_of_range);
  requested_ = level;
  return {};
}

// A time without any field is none.
Refusable<void> LoadControl::take_start(Bytes value) {
  ParameterReader in(value);
  const DateTime time = read_date_time(in);
  if (!in.finished()) return refused(ErrorCode::invalid_data_type);
  const auto start = to_wall_time(time, Duration{});
  if (!start && time != DateTime{}) return refused(ErrorCode::value_out_of_range);
  start_ = start;
  return {};
}

// ---- What is asked for

double LoadControl::limit_w() const {
  switch (requested_.kind) {
    case Level::Kind::percent: return traits_.baseline_w * requested_.value / 100;
    case Level::Kind::level: {
      const auto level = static_cast<std::size_t>(requested_.value);
      return level == 0 ? traits_.baseline_w : traits_.baseline_w * traits_.levels.at(level - 1) / 100;
    }
    case Level::Kind::amount: return traits_.baseline_w - 1000 * requested_.value;
  }
  return traits_.baseline_w;
}

std::optional<ShedRequest> LoadControl::request() const {
  if (!enabled_ || !start_ || minutes_ == 0 || requested_ == requested_.unshed()) return std::nullopt;
  return ShedRequest{.limit_w = limit_w(), .start = *start_, .duration = std::chrono::minutes(minutes_)};
}

void LoadControl::step(WallTime now, bool within) {
  const auto asked = request();
  if (asked && now >= asked->end()) forget();
  if (!asked || now >= asked->end()) {
    state_ = ShedState::inactive;
  } else if (now < asked->start) {
    state_ = ShedState::request_pending;
  } else {
    state_ = within ? ShedState::compliant : ShedState::non_compliant;
  }
}

void LoadControl::forget() {
  requested_ = requested_.unshed();
  start_.reset();
  minutes_ = 0;
}

// ---- What it shows

void LoadControl::write_level(ParameterWriter& out, const Level& level) {
  if (level.kind == Level::Kind::amount) return out.context(2, static_cast<float>(level.value));
  out.context(static_cast<std::uint8_t>(level.kind), Unsigned{static_cast<std::uint64_t>(level.value)});
}

void LoadControl::show_level(Object& object, PropertyId property, const Level& level) {
  std::array<std::byte, 16> buffer;
  ParameterWriter out(buffer);
  write_level(out, level);
  object.set_encoded(property, out.written());
}

bool LoadControl::show(Object& object) const {
  const bool sheds = state_ == ShedState::compliant;
  show_level(object, requested_shed_level, requested_);
  show_level(object, expected_shed_level, request() ? requested_ : requested_.unshed());
  show_level(object, actual_shed_level, sheds ? requested_ : requested_.unshed());
  set_time(object, start_);
  object.set(shed_duration, Unsigned{minutes_});
  object.set(duty_window, Unsigned{duty_window_});
  object.set(enable, enabled_);
  return object.set(present_value, Enumerated{static_cast<std::uint32_t>(state_)});
}

}  // namespace iw::bacnet::server

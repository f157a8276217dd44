#include "gateway/event_json.hpp"

#include <cmath>

#include <fmt/chrono.h>

#include "gateway/live_json.hpp"
#include "gateway/time_span.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using json = nlohmann::ordered_json;
using events::Event;

json number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? json(*value) : json(nullptr);
}

json time(const std::optional<WallTime>& value) { return value ? json(exact_time(*value)) : json(nullptr); }

json mrid(const model::Mrid& value) { return value.nil() ? json("") : json(model::to_string(value)); }

json acknowledgement(const std::optional<events::Acknowledgement>& value) {
  if (!value) return nullptr;
  return {{"time", exact_time(value->time)}, {"by", value->by}, {"comment", value->comment}};
}

json shelving(const std::optional<events::Shelving>& value) {
  if (!value) return nullptr;
  return {{"since", exact_time(value->since)},
          {"until", exact_time(value->until)},
          {"by", value->by},
          {"reason", value->reason}};
}

// Fields of one object; the first that is wrong makes the whole wrong.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  [[nodiscard]] const std::optional<Error>& wrong() const { return wrong_; }

  std::string text(const char* name) {
    const json* value = find(name);
    if (value == nullptr || !value->is_string()) return refuse(name, "a text"), "";
    return value->get<std::string>();
  }
  std::uint64_t count(const char* name) {
    const json* value = find(name);
    if (value == nullptr || !value->is_number_unsigned()) return refuse(name, "a whole number"), 0;
    return value->get<std::uint64_t>();
  }
  std::optional<double> number(const char* name) {
    const json* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_number()) return refuse(name, "a number"), std::nullopt;
    return value->get<double>();
  }
  std::optional<WallTime> optional_time(const char* name) {
    const json* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return time(name);
  }
  WallTime time(const char* name) {
    return parsed<WallTime>(name, [](std::string_view text) { return parse_utc(text); });
  }
  model::Mrid mrid(const char* name) {
    return parsed<model::Mrid>(name, [](std::string_view text) {
      return text.empty() ? Result<model::Mrid>(model::Mrid{}) : model::parse_mrid(text);
    });
  }
  template <class T, class Parse>
  T parsed(const char* name, Parse parse) {
    Result<T> value = parse(text(name));
    if (value) return std::move(*value);
    refuse(name, value.error().message);
    return {};
  }
  const json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }

 private:
  void refuse(const char* name, std::string_view why) {
    if (!wrong_) wrong_ = Error{ErrorKind::malformed, fmt::format("'{}' of an event: {}", name, why)};
  }

  const json& object_;
  std::optional<Error> wrong_;
};

Result<events::Folding> parse_folding(std::string_view text) {
  using enum events::Folding;
  for (const events::Folding folding : {none, flapping, storm})
    if (text == to_string(folding)) return folding;
  return fail(ErrorKind::malformed, fmt::format("'{}' is no folding", text));
}

}  // namespace

std::string exact_time(WallTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = (time - seconds).count();
  if (rest % 1'000'000 == 0) return format_time(time);
  return fmt::format("{:%FT%T}.{:09}Z", fmt::gmtime(seconds.time_since_epoch().count()), rest);
}

std::string event_json(const Event& event) {
  const json line{{"id", event.id.value()},
                  {"kind", to_string(event.kind)},
                  {"severity", to_string(event.severity)},
                  {"state", to_string(state_of(event))},
                  {"device", event.source.device},
                  {"path", event.source.path},
                  {"asset", event.source.asset},
                  {"asset_mrid", mrid(event.source.asset_mrid)},
                  {"point_mrid", mrid(event.source.point_mrid)},
                  {"raised", exact_time(event.raised)},
                  {"last", exact_time(event.last)},
                  {"cleared", time(event.cleared)},
                  {"cleared_by", event.cleared_by},
                  {"cleared_comment", event.cleared_comment},
                  {"acknowledged", acknowledgement(event.acknowledged)},
                  {"shelved", shelving(event.shelved)},
                  {"value", number(event.value)},
                  {"limit", number(event.limit)},
                  {"message", event.message},
                  {"remedy", event.remedy},
                  {"folding", to_string(event.folding)},
                  {"occurrences", event.occurrences}};
  return line.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Event> parse_event_json(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return fail(ErrorKind::malformed, "an event is one JSON object a line");
  Fields fields(object);
  Event event;
  event.id = events::EventId(fields.count("id"));
  event.kind = fields.parsed<events::Kind>("kind", events::parse_kind);
  event.severity = fields.parsed<events::Severity>("severity", events::parse_severity);
  event.source = {.device = fields.text("device"),
                  .path = fields.text("path"),
                  .asset = fields.text("asset"),
                  .asset_mrid = fields.mrid("asset_mrid"),
                  .point_mrid = fields.mrid("point_mrid")};
  event.raised = fields.time("raised");
  event.last = fields.time("last");
  event.cleared = fields.optional_time("cleared");
  if (fields.find("cleared_by") != nullptr) event.cleared_by = fields.text("cleared_by");
  if (fields.find("cleared_comment") != nullptr) event.cleared_comment = fields.text("cleared_comment");
  event.value = fields.number("value");
  event.limit = fields.number("limit");
  event.message = fields.text("message");
  event.remedy = fields.text("remedy");
  event.folding = fields.parsed<events::Folding>("folding", parse_folding);
  event.occurrences = fields.count("occurrences");
  if (const json* by = fields.find("acknowledged"); by != nullptr && by->is_object()) {
    Fields of(*by);
    event.acknowledged = {.time = of.time("time"), .by = of.text("by"), .comment = of.text("comment")};
    if (of.wrong()) return fail(*of.wrong());
  }
  if (fields.wrong()) return fail(*fields.wrong());
  return event;
}

}  // namespace iw::gateway

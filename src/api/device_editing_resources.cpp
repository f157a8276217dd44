// Devices of the configuration: added, changed, switched off and on, removed, while the others go on.

#include "api/blocking.hpp"
#include "api/body.hpp"
#include "api/config_change.hpp"
#include "api/json_values.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "config/emit.hpp"
#include "gateway/device_edits.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using security::Role;

// A device as a request gives it: "device" as JSON, or "text" as YAML.
struct GivenDevice {
  std::optional<config::Value> value;
  std::string text;
  std::string name;
};

std::string name_of(const config::Value& device) {
  const config::Value* name = device.find("name");
  return name != nullptr ? name->text : "";
}

Result<GivenDevice> device_in(const Json& body) {
  const bool as_json = body.contains("device");
  if (as_json == body.contains("text"))
    return fail(ErrorKind::invalid_argument, "one of device (JSON) and text (YAML) is needed");
  if (!as_json) {
    auto text = text_field(body, "text");
    if (!text) return fail(std::move(text).error());
    config::Findings findings;
    const auto document = config::Document::parse("text", *text, findings);
    if (!document) return fail(config::to_error(findings));
    return GivenDevice{.value = {}, .text = std::move(*text), .name = name_of(document->root())};
  }
  if (!body["device"].is_object()) return fail(ErrorKind::invalid_argument, "device: expected an object");
  config::Value value = value_of(body["device"]);
  std::string text = config::to_block_yaml(value);
  std::string name = name_of(value);
  return GivenDevice{.value = std::move(value), .text = std::move(text), .name = std::move(name)};
}

Response device_answer(gateway::ConfigStore& store, const std::string& name) {
  const auto text = store.read();
  if (!text) return problem(text.error());
  const auto device = gateway::find_device(*text, name);
  if (!device) return problem(device.error());
  const std::string tag = gateway::tag_of(device->text);
  Response response =
      json_answer({{"device", json_of(*device->section)}, {"text", device->text}, {"tag", tag}});
  response.headers.add("ETag", etag(tag));
  return response;
}

io::Task<Response> show_device(Surroundings on, const Call& call) {
  if (on.config_store == nullptr) co_return config_not_editable();
  const std::string name(call.capture("device"));
  co_return co_await run_blocking(on.network.executor(), on.blocking,
                                  [&] { return device_answer(*on.config_store, name); });
}

// Sections of lines that the new devices need, as YAML: certificates, say.
Result<std::vector<std::string>> lines_in(const Json& body) {
  std::vector<std::string> texts;
  const auto list = body.find("lines");
  if (list == body.end()) return texts;
  if (!list->is_array()) return fail(ErrorKind::invalid_argument, "lines: expected a list of them");
  for (const Json& one : *list) {
    if (!one.is_object()) return fail(ErrorKind::invalid_argument, "lines: each is an object");
    texts.push_back(config::to_block_yaml(value_of(one)));
  }
  return texts;
}

// All or none.
Result<std::string> with_added(std::string_view whole, const std::vector<std::string>& lines,
                               const std::vector<std::string>& devices) {
  Result<std::string> text = std::string(whole);
  for (const std::string& line : lines)
    if (text) text = gateway::add_line(*text, line);
  for (const std::string& device : devices)
    if (text) text = gateway::add_device(*text, device);
  return text;
}

io::Task<Response> add_one(Surroundings on, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"device", "text", "lines", "why"}, body)) co_return *refusal;
  const auto why = text_field(body, "why", "");
  if (!why) co_return problem(why.error());
  const auto given = device_in(body);
  if (!given) co_return problem(given.error());
  const auto lines = lines_in(body);
  if (!lines) co_return problem(lines.error());
  co_return co_await change_config(
      on, gate, call,
      {.why = *why,
       .device_now = given->name,
       .needs_match = false,
       .edit = [text = given->text,
                lines = *lines](std::string_view whole) { return with_added(whole, lines, {text}); },
       .done = Status::created});
}

io::Task<Response> add_many(Surroundings on, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"devices", "lines", "why"}, body)) co_return *refusal;
  const auto why = text_field(body, "why", "");
  if (!why) co_return problem(why.error());
  const auto list = body.find("devices");
  if (list == body.end() || !list->is_array() || list->empty())
    co_return problem(Status::bad_request, "devices: expected a list of them");
  std::vector<std::string> texts;
  for (const Json& one : *list) {
    if (!one.is_object()) co_return problem(Status::bad_request, "devices: each is an object");
    texts.push_back(config::to_block_yaml(value_of(one)));
  }
  const auto lines = lines_in(body);
  if (!lines) co_return problem(lines.error());
  co_return co_await change_config(
      on, gate, call,
      {.why = *why,
       .needs_match = false,
       .edit = [texts, lines = *lines](std::string_view whole) { return with_added(whole, lines, texts); },
       .done = Status::created});
}

io::Task<Response> change_one(Surroundings on, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"device", "text", "why"}, body)) co_return *refusal;
  const auto why = text_field(body, "why", "");
  if (!why) co_return problem(why.error());
  const auto given = device_in(body);
  if (!given) co_return problem(given.error());
  const std::string name(call.capture("device"));
  co_return co_await change_config(on, gate, call,
                                   {.why = *why,
                                    .device = name,
                                    .device_now = given->name,
                                    .edit = [name, given = *given](std::string_view whole) {
                                      return given.value ? gateway::change_device(whole, name, *given.value)
                                                         : gateway::replace_device(whole, name, given.text);
                                    }});
}

io::Task<Response> remove_one(Surroundings on, Gatekeeper& gate, const Call& call) {
  if (auto known = only(call.target, {"why"}); !known) co_return problem(known.error());
  const std::string name(call.capture("device"));
  co_return co_await change_config(
      on, gate, call,
      {.why = text_of(call.target, "why"), .device = name, .edit = [name](std::string_view whole) {
         return gateway::remove_device(whole, name);
       }});
}

io::Task<Response> enable_one(Surroundings on, Gatekeeper& gate, const Call& call, bool enabled) {
  Json body;
  if (auto refusal = read_body(call, {"why"}, body)) co_return *refusal;
  const auto why = text_field(body, "why", "");
  if (!why) co_return problem(why.error());
  const std::string name(call.capture("device"));
  co_return co_await change_config(
      on, gate, call,
      {.why = *why, .device = name, .needs_match = false, .edit = [name, enabled](std::string_view whole) {
         return gateway::enable_device(whole, name, enabled);
       }});
}

}  // namespace

void add_device_editing(Routes& routes, Surroundings on, Gatekeeper& gate) {
  routes.on(Role::engineer, "POST", "/api/v1/devices",
            [on, &gate](const Call& call) { return add_one(on, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/devices/batch",
            [on, &gate](const Call& call) { return add_many(on, gate, call); });
  routes.get_waiting("/api/v1/devices/{device}/config",
                     [on](const Call& call) { return show_device(on, call); });
  routes.on(Role::engineer, "PUT", "/api/v1/devices/{device}",
            [on, &gate](const Call& call) { return change_one(on, gate, call); });
  routes.on(Role::engineer, "DELETE", "/api/v1/devices/{device}",
            [on, &gate](const Call& call) { return remove_one(on, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/devices/{device}/enable",
            [on, &gate](const Call& call) { return enable_one(on, gate, call, true); });
  routes.on(Role::engineer, "POST", "/api/v1/devices/{device}/disable",
            [on, &gate](const Call& call) { return enable_one(on, gate, call, false); });
}

}  // namespace iw::api

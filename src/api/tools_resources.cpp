// Looking into devices: registers, SunSpec models and BACnet objects as jobs; frames in words.

#include "api/body.hpp"
#include "api/gatekeeper.hpp"
#include "api/job_answers.hpp"
#include "api/resources.hpp"
#include "api/tools.hpp"
#include "commissioning/frame_words.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using security::Role;

constexpr std::size_t most_registers = 2000;

io::Task<Response> begin_registers(Tools& tools, Jobs& jobs, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "table", "range", "again_s", "tls"}, body))
    co_return *refusal;
  const auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  const auto tls = tls_field(body);
  if (!tls) co_return problem(tls.error());
  const auto word = text_field(body, "table", "holding");
  if (!word) co_return problem(word.error());
  const auto table = commissioning::parse_table(*word);
  if (!table) co_return problem(table.error());
  if (commissioning::is_bit_table(*table))
    co_return problem(Status::bad_request, "only holding and input registers can be scanned");
  const auto text = text_field(body, "range");
  if (!text) co_return problem(text.error());
  const auto range = commissioning::parse_address_range(*text);
  if (!range) co_return problem(range.error());
  if (range->count() > most_registers)
    co_return problem(Status::bad_request, fmt::format("more than {} registers", most_registers),
                      "scan them in parts");
  const auto again = number_field(body, "again_s", 0, 60, 0);
  if (!again) co_return problem(again.error());
  co_return started(jobs, tools.registers({.connect = *connect,
                                           .tls = *tls,
                                           .table = *table,
                                           .range = *range,
                                           .again = std::chrono::seconds(*again)},
                                          gate.who(call)->name));
}

io::Task<Response> begin_sunspec(Tools& tools, Jobs& jobs, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "tls"}, body)) co_return *refusal;
  const auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  const auto tls = tls_field(body);
  if (!tls) co_return problem(tls.error());
  co_return started(jobs, tools.sunspec(*connect, *tls, gate.who(call)->name));
}

io::Task<Response> begin_objects(Tools& tools, Jobs& jobs, Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"connect", "object", "type", "match"}, body)) co_return *refusal;
  Tools::Objects wanted;
  const auto connect = text_field(body, "connect");
  if (!connect) co_return problem(connect.error());
  wanted.connect = *connect;
  for (const auto& [name, into] :
       {std::pair{"object", &wanted.object}, {"type", &wanted.type}, {"match", &wanted.match}}) {
    const auto text = text_field(body, name, "");
    if (!text) co_return problem(text.error());
    *into = *text;
  }
  co_return started(jobs, tools.bacnet(std::move(wanted), gate.who(call)->name));
}

io::Task<Response> decode(const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"hex", "pdu"}, body)) co_return *refusal;
  const auto hex = text_field(body, "hex");
  if (!hex) co_return problem(hex.error());
  const auto pdu = body.find("pdu");
  if (pdu != body.end() && !pdu->is_boolean())
    co_return problem(Status::bad_request, "pdu: expected true or false");
  const auto words = commissioning::explain_hex(*hex, pdu != body.end() && pdu->get<bool>());
  if (!words) co_return problem(words.error());
  co_return json_answer(commissioning::to_json(*words));
}

}  // namespace

void add_tools(Routes& routes, Tools& tools, Jobs& jobs, Gatekeeper& gate) {
  routes.on(Role::engineer, "POST", "/api/v1/tools/registers",
            [&tools, &jobs, &gate](const Call& call) { return begin_registers(tools, jobs, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/tools/sunspec",
            [&tools, &jobs, &gate](const Call& call) { return begin_sunspec(tools, jobs, gate, call); });
  routes.on(Role::engineer, "POST", "/api/v1/tools/bacnet",
            [&tools, &jobs, &gate](const Call& call) { return begin_objects(tools, jobs, gate, call); });
  routes.on(Role::viewer, "POST", "/api/v1/tools/decode", [](const Call& call) { return decode(call); });
}

}  // namespace iw::api

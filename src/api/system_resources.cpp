// The gateway itself: how it is, and the description of this API.

#include "api/answers.hpp"
#include "api/openapi.hpp"
#include "api/resources.hpp"
#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

Json check(std::string_view name, bool well, const std::string& says, const std::string& remedy = {}) {
  return {{"name", name}, {"well", well}, {"says", says}, {"remedy", remedy}};
}

Json history_check(const gateway::Gateway& gateway) {
  const gateway::Recorder* recorder = gateway.recorder();
  if (recorder == nullptr) return check("history", true, "no history is kept");
  const historian::Status& status = recorder->status();
  if (status.trouble) return check("history", false, status.trouble->message, status.trouble->remedy);
  return check("history", true, fmt::format("{} samples recorded since the start", status.recorded));
}

Json samples_check(const gateway::Gateway& gateway) {
  const std::uint64_t lost =
      gateway.dropped() + (gateway.recorder() != nullptr ? gateway.recorder()->dropped() : 0);
  return check("samples", lost == 0,
               lost == 0 ? "none was lost" : fmt::format("{} had no room and were lost", lost),
               lost == 0 ? "" : "this machine is too slow for the site, or was stopped for a while");
}

Response health_answer(const Surroundings& on, Instant started) {
  const gateway::Gateway& gateway = on.gateway;
  const io::Executor& core = on.network.executor();
  Json checks = Json::array({history_check(gateway), samples_check(gateway)});
  bool well = true;
  for (const Json& one : checks)
    well = well && one["well"].get<bool>();
  return json_answer({{"well", well},
                      {"version", on.version},
                      {"time", gateway::format_time(core.clock().wall_now())},
                      {"uptime_s", std::chrono::duration<double>(core.now() - started).count()},
                      {"checks", std::move(checks)}});
}

}  // namespace

void add_system(Routes& routes, Surroundings on) {
  routes.get("/api/v1/health", [on, started = on.network.executor().now()](const Call& /*call*/) {
    return health_answer(on, started);
  });
  routes.get("/api/v1/openapi.json",
             [document = openapi_json()](const Call& /*call*/) { return json_text(document); });
}

}  // namespace iw::api

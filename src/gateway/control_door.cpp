#include "gateway/control_door.hpp"

#include <charconv>

#include "gateway/control_json.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using io::http::Call;
using io::http::Response;
using io::http::Status;

Response json_response(Status status, const Json& json) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}},
          .body = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Response refusal(const Error& error) {
  const Status status = error.kind == ErrorKind::denied      ? Status::forbidden
                        : error.kind == ErrorKind::not_found ? Status::not_found
                        : error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::malformed
                            ? Status::bad_request
                            : Status::service_unavailable;
  return json_response(
      status,
      {{"error", {{"kind", to_string(error.kind)}, {"message", error.message}, {"remedy", error.remedy}}}});
}

// What a callback of the desk will give; shared with it, because the one who waits may be gone by then.
template <class T>
struct Awaited {
  explicit Awaited(io::Executor& executor) : done(executor) {}
  io::Signal done;
  std::optional<T> value;
};

template <class T>
auto into(const std::shared_ptr<Awaited<T>>& awaited) {
  return [awaited](T value) {
    awaited->value = std::move(value);
    awaited->done.set();
  };
}

}  // namespace

std::string control_door_path(const std::string& data_folder) {
  return control_folder(data_folder) + "/door";
}

ControlDoor::ControlDoor(io::Network& network, ControlDesk& desk, ControllerDesk& controllers, Log& log)
    : executor_(network.executor()),
      desk_(desk),
      controllers_(controllers),
      server_(network, routes(), log, {}),
      tasks_(network.executor()),
      closing_(network.executor()) {}

Result<std::unique_ptr<ControlDoor>> ControlDoor::open(io::Network& network, const std::string& path,
                                                       ControlDesk& desk, ControllerDesk& controllers,
                                                       Log& log) {
  std::unique_ptr<ControlDoor> door(new ControlDoor(network, desk, controllers, log));
  if (auto listening = door->server_.listen({path, 0}); !listening) return fail(std::move(listening).error());
  door->tasks_.spawn(door->server_.run());
  return door;
}

io::http::Router ControlDoor::routes() {
  io::http::Router router;
  router.get("/control", [this](const Call&) {
    Json json = control_to_json(desk_, executor_.now());
    json["controllers"] = controllers_to_json(controllers_, executor_.now());
    return json_response(Status::ok, json);
  });
  router.get("/control/decisions", [this](const Call& call) { return decision(call); });
  router.on_waiting("POST", "/control/claims", [this](const Call& call) { return claim(call.request.body); });
  router.on_waiting("POST", "/control/claims/{id}/release", [this](const Call& call) {
    return release(std::string(call.capture("id")), call.request.body);
  });
  router.on_waiting("POST", "/control/stop-all",
                    [this](const Call& call) { return stop_all(call.request.body); });
  router.on_waiting("POST", "/control/mode",
                    [this](const Call& call) { return set_mode(call.request.body); });
  return router;
}

Response ControlDoor::decision(const Call& call) const {
  const std::string path(call.target.parameter("path").value_or(""));
  const auto found = desk_.decision(path);
  if (found) return json_response(Status::ok, {{"decisions", Json::array({to_json(*found)})}});
  return refusal({ErrorKind::not_found, fmt::format("{} is not controlled", path),
                  "`interwatt control list` shows the points that are; --at asks for the past"});
}

io::Task<Response> ControlDoor::claim(std::string body) {
  auto requests = parse_claim_requests(body);
  if (!requests) co_return refusal(requests.error());
  std::vector<std::string> paths;
  for (const control::ClaimRequest& request : *requests)
    paths.push_back(request.path);
  auto awaited = std::make_shared<Awaited<ControlDesk::Claimed>>(executor_);
  desk_.claim(std::move(*requests), into(awaited));
  co_await awaited->done.wait();
  co_return json_response(Status::ok, {{"claims", claimed_to_json(paths, *awaited->value, executor_.now())}});
}

io::Task<Response> ControlDoor::release(std::string id, std::string body) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  const Json json = Json::parse(body, nullptr, false);
  if (error != std::errc{} || end != id.data() + id.size() || !json.is_object() || !json.contains("by") ||
      !json.at("by").is_string()) {
    co_return refusal({ErrorKind::malformed, "it takes the number of a claim and {\"by\": \"...\"}"});
  }
  auto awaited = std::make_shared<Awaited<Result<control::Claim>>>(executor_);
  desk_.release(control::ClaimId(number), json.at("by").get<std::string>(), into(awaited));
  co_await awaited->done.wait();
  if (!*awaited->value) co_return refusal(awaited->value->error());
  co_return json_response(Status::ok, {{"released", to_json(**awaited->value, executor_.now())}});
}

io::Task<Response> ControlDoor::stop_all(std::string body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("by") || !json.contains("for_s") || !json.at("by").is_string() ||
      !json.at("for_s").is_number()) {
    co_return refusal({ErrorKind::malformed, "it takes {\"by\": \"...\", \"for_s\": 3600}"});
  }
  const double life = std::min(json.at("for_s").get<double>(), 1e7);
  std::vector<std::string> paths;
  for (const ControlDesk::View& view : desk_.view())
    if (view.group == nullptr) paths.push_back(view.point.path);
  auto awaited = std::make_shared<Awaited<ControlDesk::Claimed>>(executor_);
  desk_.stop_all(
      json.at("by").get<std::string>(),
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(life)),
      json.contains("reason") && json.at("reason").is_string() ? json.at("reason").get<std::string>() : "",
      into(awaited));
  co_await awaited->done.wait();
  co_return json_response(Status::ok, {{"claims", claimed_to_json(paths, *awaited->value, executor_.now())}});
}

io::Task<Response> ControlDoor::set_mode(std::string body) {
  auto request = parse_mode_request(body);
  if (!request) co_return refusal(request.error());
  auto awaited = std::make_shared<Awaited<Result<void>>>(executor_);
  controllers_.set_mode(std::move(*request), into(awaited));
  co_await awaited->done.wait();
  if (!*awaited->value) co_return refusal(awaited->value->error());
  co_return json_response(Status::ok, {{"controllers", controllers_to_json(controllers_, executor_.now())}});
}

void ControlDoor::close(std::move_only_function<void()> closed) {
  server_.stop();
  auto waiting = [](ControlDoor& self, std::move_only_function<void()> then) -> io::Task<void> {
    co_await self.tasks_.join();
    self.executor_.post(std::move(then));
  };
  closing_.spawn(waiting(*this, std::move(closed)));
}

}  // namespace iw::gateway

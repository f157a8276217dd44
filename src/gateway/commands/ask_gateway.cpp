#include "gateway/commands/ask_gateway.hpp"

#include "gateway/control_door.hpp"
#include "io/http/client.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> answer_of(const Result<wire::http::Response>& response, const std::string& folder) {
  if (!response) {
    const ErrorKind kind = response.error().kind;
    if (kind == ErrorKind::refused || kind == ErrorKind::not_found || kind == ErrorKind::io) {
      return fail(kind, fmt::format("no gateway runs with the data in {}", folder),
                  "start it with `interwatt run`; --data names another folder");
    }
    return fail(response.error());
  }
  Json json = Json::parse(response->body, nullptr, false);
  if (!json.is_object()) return fail(ErrorKind::malformed, "the gateway's answer is no JSON object");
  if (!is_success(response->status)) {
    const Json error = json.value("error", Json::object());
    return fail(ErrorKind::rejected, error.value("message", "the gateway refuses"),
                error.value("remedy", ""));
  }
  return json;
}

}  // namespace

io::Task<Result<Json>> ask_gateway(io::Network& network, std::string folder, std::string method,
                                   std::string target, Json body) {
  io::http::Client client(network, {.host = control_door_path(folder), .port = 0}, {});
  const auto response = co_await client.send({.method = std::move(method),
                                              .target = std::move(target),
                                              .headers = {{"Host", "interwatt"}},
                                              .body = body.is_null() ? "" : body.dump()});
  co_return answer_of(response, folder);
}

Result<Json> ask_gateway(Surroundings& around, const std::string& folder, std::string method,
                         std::string target, Json body) {
  Result<Json> answer = fail(ErrorKind::cancelled, "there is no answer");
  auto main = [](io::Network& network, std::string of, std::string how, std::string what, Json with,
                 Result<Json>& into) -> io::Task<void> {
    into = co_await ask_gateway(network, std::move(of), std::move(how), std::move(what), std::move(with));
  };
  around.run(main(around.network(), folder, std::move(method), std::move(target), std::move(body), answer));
  return answer;
}

}  // namespace iw::gateway

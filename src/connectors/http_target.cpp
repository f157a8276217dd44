#include "connectors/http_target.hpp"

#include <utility>

#include <fmt/format.h>

namespace iw::connectors {
namespace {

using wire::http::Status;

// The first line of what the server says, for a message.
std::string_view said(const wire::http::Response& response) {
  constexpr std::size_t most = 200;
  const std::string_view body(response.body);
  return body.substr(0, std::min(body.find_first_of("\r\n"), most));
}

}  // namespace

HttpTarget::HttpTarget(io::Network& network, HttpTargetSettings settings)
    : settings_(std::move(settings)), client_(network, settings_.url, {.tls = settings_.tls}) {}

io::Task<Result<void>> HttpTarget::post(std::string body) {
  auto response = co_await client_.send({.method = "POST",
                                         .target = settings_.url.target,
                                         .headers = settings_.headers,
                                         .body = std::move(body)});
  if (!response) co_return fail(std::move(response).error());
  co_return judge(*response);
}

Result<void> HttpTarget::judge(const wire::http::Response& response) const {
  if (wire::http::is_success(response.status)) return {};
  const std::string message = fmt::format("{} answers {} {}", settings_.url.authority(),
                                          static_cast<unsigned>(response.status), said(response));
  switch (response.status) {
    case Status::unauthorized:
    case Status::forbidden: return fail(ErrorKind::denied, message, "give the output a token that may write");
    case Status::not_found:
    case Status::method_not_allowed:
      return fail(ErrorKind::not_found, message,
                  "look at the path of the url, and at the name of the database");
    case Status::request_timeout:
    case Status::too_many_requests: return fail(ErrorKind::busy, message);
    default: break;
  }
  if (wire::http::class_of(response.status) == 4) return fail(ErrorKind::rejected, message);
  return fail(ErrorKind::unsupported, message);
}

}  // namespace iw::connectors

#include "api/answers.hpp"

#include <cmath>

#include "json/json.hpp"

namespace iw::api {
namespace {

std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid_argument: return Status::bad_request;
    case ErrorKind::malformed: return Status::unprocessable_content;
    case ErrorKind::denied: return Status::forbidden;
    case ErrorKind::not_found: return Status::not_found;
    case ErrorKind::busy:
    case ErrorKind::rejected: return Status::conflict;
    case ErrorKind::unsupported: return Status::not_implemented;
    case ErrorKind::timeout: return Status::gateway_timeout;
    case ErrorKind::refused:
    case ErrorKind::unreachable:
    case ErrorKind::reset:
    case ErrorKind::closed: return Status::bad_gateway;
    case ErrorKind::cancelled:
    case ErrorKind::exhausted: return Status::service_unavailable;
    case ErrorKind::io: return Status::internal_server_error;
  }
  return Status::internal_server_error;
}

bool is_json(std::string_view type) { return type.contains("json"); }

}  // namespace

Response json_text(std::string text) {
  return {.status = Status::ok,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(text)};
}

Response json_answer(const Json& document, Status status) {
  Response response = json_text(dump(document));
  response.status = status;
  return response;
}

Response problem(Status status, const std::string& detail, const std::string& remedy) {
  return problem(status, detail, remedy, Json::object());
}

Response problem(Status status, const std::string& detail, const std::string& remedy, const Json& more) {
  Json document{{"type", "about:blank"},
                {"title", wire::http::reason_phrase(status)},
                {"status", static_cast<unsigned>(status)},
                {"detail", detail}};
  if (!remedy.empty()) document["remedy"] = remedy;
  document.update(more);
  return {.status = status,
          .headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}},
          .body = dump(document)};
}

Response problem(const Error& error) { return problem(status_of(error.kind), error.message, error.remedy); }

void make_problem(Response& response) {
  if (static_cast<unsigned>(response.status) < 400) return;
  if (is_json(response.headers.find("Content-Type").value_or(""))) return;
  std::string detail = response.body;
  while (detail.ends_with('\n'))
    detail.pop_back();
  Response instead = problem(response.status, detail);
  for (const wire::http::Field& field : response.headers) {
    if (!instead.headers.has(field.name)) instead.headers.add(field.name, field.value);
  }
  response = std::move(instead);
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace iw::api

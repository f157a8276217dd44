#include "wire/http/message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/append.hpp"

namespace iw::wire::http {
namespace {

constexpr std::array phrases{
    std::pair{Status::continue_, "Continue"},
    std::pair{Status::switching_protocols, "Switching Protocols"},
    std::pair{Status::ok, "OK"},
    std::pair{Status::created, "Created"},
    std::pair{Status::accepted, "Accepted"},
    std::pair{Status::no_content, "No Content"},
    std::pair{Status::moved_permanently, "Moved Permanently"},
    std::pair{Status::found, "Found"},
    std::pair{Status::see_other, "See Other"},
    std::pair{Status::not_modified, "Not Modified"},
    std::pair{Status::temporary_redirect, "Temporary Redirect"},
    std::pair{Status::permanent_redirect, "Permanent Redirect"},
    std::pair{Status::bad_request, "Bad Request"},
    std::pair{Status::unauthorized, "Unauthorized"},
    std::pair{Status::forbidden, "Forbidden"},
    std::pair{Status::not_found, "Not Found"},
    std::pair{Status::method_not_allowed, "Method Not Allowed"},
    std::pair{Status::not_acceptable, "Not Acceptable"},
    std::pair{Status::request_timeout, "Request Timeout"},
    std::pair{Status::conflict, "Conflict"},
    std::pair{Status::gone, "Gone"},
    std::pair{Status::precondition_failed, "Precondition Failed"},
    std::pair{Status::content_too_large, "Content Too Large"},
    std::pair{Status::unsupported_media_type, "Unsupported Media Type"},
    std::pair{Status::unprocessable_content, "Unprocessable Content"},
    std::pair{Status::too_many_requests, "Too Many Requests"},
    std::pair{Status::request_header_fields_too_large, "Request Header Fields Too Large"},
    std::pair{Status::internal_server_error, "Internal Server Error"},
    std::pair{Status::not_implemented, "Not Implemented"},
    std::pair{Status::bad_gateway, "Bad Gateway"},
    std::pair{Status::service_unavailable, "Service Unavailable"},
    std::pair{Status::gateway_timeout, "Gateway Timeout"},
    std::pair{Status::http_version_not_supported, "HTTP Version Not Supported"},
};

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool keeps_alive(const Headers& headers, unsigned minor_version) {
  if (headers.has_token("Connection", "close")) return false;
  return minor_version >= 1 || headers.has_token("Connection", "keep-alive");
}

// No field can smuggle in a line of its own: controls become blanks.
void append_clean(std::string& out, std::string_view text) {
  for (const char c : text)
    out += static_cast<unsigned char>(c) < ' ' && c != '\t' ? ' ' : c;
}

void append_fields(std::string& out, const Headers& headers) {
  for (const Field& field : headers) {
    append_clean(out, field.name);
    out += ": ";
    append_clean(out, field.value);
    out += "\r\n";
  }
}

void append_length(std::string& out, std::size_t length) { append(out, "Content-Length: {}\r\n", length); }

void append_status_and_fields(std::string& out, const Response& response) {
  append(out, "HTTP/1.{} {} {}\r\n", response.minor_version, static_cast<unsigned>(response.status),
         reason_phrase(response.status));
  append_fields(out, response.headers);
}

// RFC 9110 8.6: these have no body, and so no length.
bool has_body(Status status) {
  return class_of(status) != 1 && status != Status::no_content && status != Status::not_modified;
}

}  // namespace

std::string_view reason_phrase(Status status) {
  const auto* found = std::ranges::find(phrases, status, &std::pair<Status, const char*>::first);
  return found != phrases.end() ? found->second : std::string_view();
}

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return same_name(field.name, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields_, [&](const Field& field) { return same_name(field.name, name); });
  return found != fields_.end() ? std::optional<std::string_view>(found->value) : std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [&](const Field& field) { return same_name(field.name, name); }));
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const Field& field : fields_) {
    if (!same_name(field.name, name)) continue;
    std::string_view rest = field.value;
    for (;;) {
      const auto comma = rest.find(',');
      if (same_name(trimmed(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

bool keeps_alive(const Request& request) { return keeps_alive(request.headers, request.minor_version); }
bool keeps_alive(const Response& response) { return keeps_alive(response.headers, response.minor_version); }

Response text_response(Status status, std::string body) {
  return {
      .status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

std::string encode(const Request& request) {
  std::string out;
  append_clean(out, request.method);
  out += ' ';
  append_clean(out, request.target);
  append(out, " HTTP/1.{}\r\n", request.minor_version);
  append_fields(out, request.headers);
  const bool sends_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (sends_body && !request.headers.has("Content-Length")) append_length(out, request.body.size());
  out += "\r\n";
  out += request.body;
  return out;
}

std::string encode(const Response& response, bool body) {
  std::string out;
  append_status_and_fields(out, response);
  const bool may_have_body = has_body(response.status);
  if (may_have_body && !response.headers.has("Content-Length")) append_length(out, response.body.size());
  out += "\r\n";
  if (body && may_have_body) out += response.body;
  return out;
}

std::string encode_head(const Response& response) {
  std::string out;
  append_status_and_fields(out, response);
  out += "\r\n";
  return out;
}

}  // namespace iw::wire::http

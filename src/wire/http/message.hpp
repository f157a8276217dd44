// HTTP messages as plain values, and as bytes (RFC 9110, RFC 9112).
//
// A body is whole and in memory: what travels here are documents, not streams. The writers add Content-Length
// where the caller gave none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iw::wire::http {

// RFC 9110 15: those that this house sends or decides on; a peer may send any number.
enum class Status : std::uint16_t {
  continue_ = 100,
  switching_protocols = 101,
  ok = 200,
  created = 201,
  accepted = 202,
  no_content = 204,
  moved_permanently = 301,
  found = 302,
  see_other = 303,
  not_modified = 304,
  temporary_redirect = 307,
  permanent_redirect = 308,
  bad_request = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  not_acceptable = 406,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  precondition_failed = 412,
  content_too_large = 413,
  unsupported_media_type = 415,
  unprocessable_content = 422,
  too_many_requests = 429,
  request_header_fields_too_large = 431,
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  gateway_timeout = 504,
  http_version_not_supported = 505,
};

// "Not Found"; empty for a number without a name.
std::string_view reason_phrase(Status status);

// Which hundred it is in.
constexpr unsigned class_of(Status status) { return static_cast<unsigned>(status) / 100; }
constexpr bool is_success(Status status) { return class_of(status) == 2; }

struct Field {
  std::string name;
  std::string value;

  friend bool operator==(const Field&, const Field&) = default;
};

// Header fields in their order; names are compared without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  void remove(std::string_view name);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // the first
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  [[nodiscard]] std::size_t count(std::string_view name) const;
  // Whether a comma-separated list has the token: "Connection: keep-alive, Upgrade".
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Field> fields_;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // as on the wire: "/api/points?asset=roof"
  Headers headers = {};
  std::string body = {};
  unsigned minor_version = 1;  // HTTP/1.<minor>

  friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
  Status status = Status::ok;
  Headers headers = {};
  std::string body = {};
  unsigned minor_version = 1;

  friend bool operator==(const Response&, const Response&) = default;
};

// Whether the sender of the message lets the connection live on (RFC 9112 9.3).
bool keeps_alive(const Request& request);
bool keeps_alive(const Response& response);

// A text for people, with its type.
Response text_response(Status status, std::string body);

std::string encode(const Request& request);
// body false: the answer to HEAD, which tells the length of a body that does not follow.
std::string encode(const Response& response, bool body = true);
// Without a length: what follows ends with the connection, or is another protocol (RFC 9112 6.3).
std::string encode_head(const Response& response);

// ASCII, without regard to case.
bool same_name(std::string_view a, std::string_view b);

}  // namespace iw::wire::http

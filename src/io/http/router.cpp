#include "io/http/router.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace iw::io::http {
namespace {

bool captures(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

void allow(std::vector<std::string>& methods, std::string_view method) {
  if (std::ranges::find(methods, method) == methods.end()) methods.emplace_back(method);
}

}  // namespace

std::string_view Call::capture(std::string_view name) const {
  const auto found = std::ranges::find(captured, name, &std::pair<std::string, std::string>::first);
  return found != captured.end() ? std::string_view(found->second) : std::string_view();
}

void Router::add(std::string method, std::string_view path, AnyHandler handler) {
  auto pattern = wire::http::parse_target(path);
  if (!pattern || !pattern->query.empty())
    throw std::logic_error(fmt::format("no route has the path {}", path));
  routes_.push_back(
      {.method = std::move(method), .segments = std::move(pattern->segments), .handler = std::move(handler)});
}

bool Router::Route::fits(const std::vector<std::string>& path) const {
  return std::ranges::equal(segments, path, [](const std::string& pattern, const std::string& segment) {
    return captures(pattern) ? !segment.empty() : pattern == segment;
  });
}

std::variant<const AnyHandler*, Response> Router::find(Call& call) const {
  const std::string& method = call.request.method;
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    if (!route.fits(call.target.segments)) continue;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      for (std::size_t i = 0; i < route.segments.size(); ++i) {
        const std::string& pattern = route.segments[i];
        if (captures(pattern))
          call.captured.emplace_back(pattern.substr(1, pattern.size() - 2), call.target.segments[i]);
      }
      return &route.handler;
    }
    allow(allowed, route.method);
    if (route.method == "GET") allow(allowed, "HEAD");
  }
  if (allowed.empty() && otherwise_ && (method == "GET" || method == "HEAD")) return &*otherwise_;
  if (allowed.empty()) return text_response(Status::not_found, "There is nothing at this path.\n");
  Response response =
      text_response(Status::method_not_allowed, fmt::format("{} is not allowed here.\n", method));
  response.headers.add("Allow", fmt::format("{}", fmt::join(allowed, ", ")));
  return response;
}

}  // namespace iw::io::http

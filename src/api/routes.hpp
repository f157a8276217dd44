// Routes: the resources of the API as they are added to a router, with a list of what there is, which a test
// holds against the OpenAPI document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/http/router.hpp"

namespace iw::api {

using io::http::Call;

struct RouteName {
  std::string method;
  std::string path;

  friend auto operator<=>(const RouteName&, const RouteName&) = default;
};

class Routes {
 public:
  explicit Routes(io::http::Router& router) : router_(router) {}

  void get(std::string_view path, io::http::Handler handler);
  void get_waiting(std::string_view path, io::http::WaitingHandler handler);
  // Another protocol, or an answer without an end.
  void get_stream(std::string_view path, io::http::UpgradeHandler handler);

  [[nodiscard]] const std::vector<RouteName>& names() const { return names_; }

 private:
  io::http::Router& router_;
  std::vector<RouteName> names_;
};

}  // namespace iw::api

// Routes: the resources of the API as they are added to a router: who may ask each of them, and a list of
// what there is, which a test holds against the OpenAPI document. There is no route without a right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/gatekeeper.hpp"
#include "io/http/router.hpp"

namespace iw::api {

struct RouteName {
  std::string method;
  std::string path;

  friend auto operator<=>(const RouteName&, const RouteName&) = default;
};

class Routes {
 public:
  Routes(io::http::Router& router, Gatekeeper& gate) : router_(router), gate_(gate) {}

  // For viewers.
  void get(std::string_view path, io::http::Handler handler);
  void get_waiting(std::string_view path, io::http::WaitingHandler handler);
  // Another protocol, or an answer without an end.
  void get_stream(std::string_view path, io::http::UpgradeHandler handler);

  void on(security::Role needed, std::string method, std::string_view path, io::http::WaitingHandler handler);
  // For everybody: who is not known yet has to become known.
  void open(std::string method, std::string_view path, io::http::WaitingHandler handler);

  [[nodiscard]] const std::vector<RouteName>& names() const { return names_; }

 private:
  io::http::Router& router_;
  Gatekeeper& gate_;
  std::vector<RouteName> names_;
};

}  // namespace iw::api

// Service: the API on its port: server, routes, and what holds for every request.
//
//   Service service(surroundings, settings);
//   service.beside("/metrics", ...);            // what other rooms serve
//   const auto at = service.start();
//   ...
//   service.stop([] { ... });                   // on the core; nothing of it runs any more
//
// On the core executor. A page from elsewhere can not use a browser on this machine to reach it: on loopback
// only requests to a name of this machine are answered (no DNS rebinding), and none that another site's page
// sends.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "api/commissioning.hpp"
#include "api/gatekeeper.hpp"
#include "api/routes.hpp"
#include "api/surroundings.hpp"
#include "api/tools.hpp"
#include "io/http/server.hpp"
#include "io/task_group.hpp"

namespace iw::api {

struct ServiceSettings {
  io::Endpoint listen{"127.0.0.1", 8080};
  io::http::ServerSettings server = {};
  // Everybody has this role, without any login: for a demonstration on this machine.
  std::optional<security::Role> everybody = {};
};

class Service {
 public:
  Service(const Surroundings& on, ServiceSettings settings);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service();

  // Before start(). What is no part of the API and its description, as metrics: open on this machine, where
  // other programs can read it, and for viewers where the gateway can be reached from elsewhere.
  void beside(std::string_view path, io::http::WaitingHandler handler);
  [[nodiscard]] const std::vector<RouteName>& routes() const { return routes_.names(); }

  struct Started {
    std::string address;                    // "http://127.0.0.1:8080/"
    std::optional<std::string> setup_code;  // nobody is known yet: what sets the first password
  };
  // Takes the port.
  Result<Started> start();
  void stop(std::move_only_function<void()> stopped);
  // A service with TLS has another certificate from the next connection on.
  void serve_with(io::tls::TlsContext context) { server_->serve_with(std::move(context)); }

 private:
  io::Task<void> serve();

  Surroundings on_;
  ServiceSettings settings_;
  Gatekeeper gate_;
  Commissioning commissioning_;
  Tools tools_;
  std::unique_ptr<io::http::Router> router_;
  Routes routes_;
  std::unique_ptr<io::http::Server> server_;
  std::move_only_function<void()> stopped_;
  io::TaskGroup tasks_;
};

}  // namespace iw::api

#include "api/service.hpp"

#include "api/answers.hpp"
#include "api/doorkeeper.hpp"
#include "api/pages.hpp"
#include "api/resources.hpp"

namespace iw::api {

Service::Service(const Surroundings& on, ServiceSettings settings)
    : on_(on),
      settings_(std::move(settings)),
      gate_({.core = on.network.executor(),
             .blocking = on.blocking,
             .files = on.files,
             .random = on.random,
             .log = on.log},
            {.data_folder = on.gateway.config().data_folder,
             .everybody = settings_.everybody,
             .tls = settings_.server.tls.has_value()}),
      commissioning_(on_),
      tools_(on_, commissioning_),
      router_(std::make_unique<io::http::Router>()),
      routes_(*router_, gate_),
      tasks_(on.network.executor()) {
  const bool tls = settings_.server.tls.has_value();
  router_->before([tls](const Call& call) { return refuse_stranger(call, tls); });
  router_->after([tls](const io::http::Request* /*request*/, Response& response) {
    make_problem(response);
    add_security_headers(response, tls);
  });
  add_site(routes_, on_);
  add_devices(routes_, on_);
  add_requests(routes_, on_);
  add_device_editing(routes_, on_, gate_);
  add_commissioning(routes_, commissioning_, gate_);
  add_tools(routes_, tools_, commissioning_.jobs(), gate_);
  add_config(routes_, on_, gate_);
  add_events(routes_, on_, gate_);
  add_control(routes_, on_, gate_);
  add_dry_run(routes_, on_);
  add_audit(routes_, on_);
  add_history(routes_, on_);
  add_live(routes_, on_);
  add_access(routes_, gate_);
  add_certificates(routes_, on_, gate_);
  add_system(routes_, on_);
  add_pages(*router_);
}

Service::~Service() = default;

void Service::beside(std::string_view path, io::http::WaitingHandler handler) {
  if (is_loopback(settings_.listen.host)) return router_->on_waiting("GET", path, std::move(handler));
  auto refuse = [](Response refusal) -> io::Task<Response> { co_return refusal; };
  router_->on_waiting("GET", path, [this, refuse, handler = std::move(handler)](const Call& call) {
    auto refusal = gate_.refuse(call, security::Role::viewer);
    return refusal ? refuse(std::move(*refusal)) : handler(call);
  });
}

Result<Service::Started> Service::start() {
  const bool tls = settings_.server.tls.has_value();
  server_ = std::make_unique<io::http::Server>(on_.network, std::move(*router_), on_.log, settings_.server);
  auto at = server_->listen(settings_.listen);
  if (!at) return fail(std::move(at).error());
  auto code = gate_.begin();
  if (!code) return fail(std::move(code).error());
  tasks_.spawn(serve());
  return Started{.address = fmt::format("{}://{}/", tls ? "https" : "http", io::to_string(*at)),
                 .setup_code = std::move(*code)};
}

io::Task<void> Service::serve() {
  co_await server_->run();
  if (stopped_) commissioning_.jobs().end(std::move(stopped_));
}

void Service::stop(std::move_only_function<void()> stopped) {
  if (tasks_.running() == 0) return stopped();
  stopped_ = std::move(stopped);
  server_->stop();
}

}  // namespace iw::api

#include "api/routes.hpp"

namespace iw::api {

using security::Role;

void Routes::get(std::string_view path, io::http::Handler handler) {
  names_.push_back({"GET", std::string(path)});
  router_.get(path, [&gate = gate_, handler = std::move(handler)](const Call& call) {
    auto refusal = gate.refuse(call, Role::viewer);
    return refusal ? std::move(*refusal) : handler(call);
  });
}

void Routes::get_waiting(std::string_view path, io::http::WaitingHandler handler) {
  on(Role::viewer, "GET", path, std::move(handler));
}

void Routes::get_stream(std::string_view path, io::http::UpgradeHandler handler) {
  names_.push_back({"GET", std::string(path)});
  router_.on_upgrade(path, [&gate = gate_, handler = std::move(handler)](const Call& call) {
    auto refusal = gate.refuse(call, Role::viewer);
    if (refusal) return io::http::Upgrade{.response = std::move(*refusal)};
    return gate.as_long_as_known(call, handler(call));
  });
}

void Routes::on(Role needed, std::string method, std::string_view path, io::http::WaitingHandler handler) {
  names_.push_back({method, std::string(path)});
  auto refuse = [](Response refusal) -> io::Task<Response> { co_return refusal; };
  router_.on_waiting(std::move(method), path,
                     [&gate = gate_, needed, refuse, handler = std::move(handler)](const Call& call) {
                       auto refusal = gate.refuse(call, needed);
                       return refusal ? refuse(std::move(*refusal)) : handler(call);
                     });
}

void Routes::open(std::string method, std::string_view path, io::http::WaitingHandler handler) {
  names_.push_back({method, std::string(path)});
  router_.on_waiting(std::move(method), path, std::move(handler));
}

}  // namespace iw::api

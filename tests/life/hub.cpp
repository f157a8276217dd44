#include "hub.hpp"

namespace iw::life {

using io::http::Call;
using io::http::Response;
using io::http::Status;

void Hub::start() {
  io::http::Router router;
  router.on("POST", "/write", [this](const Call&) {
    ++reports_;
    return Response{.status = Status::no_content};
  });
  tasks_ = std::make_unique<io::TaskGroup>(node_.executor());
  server_ = std::make_unique<io::http::Server>(node_.network(), std::move(router), log_,
                                               io::http::ServerSettings{});
  server_->listen(endpoint()).value();
  tasks_->spawn(server_->run());
}

void Hub::kill() {
  if (node_.alive()) node_.kill(io::world::Death::power_cut);
  if (!server_) return;
  server_->stop();
  node_.bury();
  tasks_.reset();
  server_.reset();
}

}  // namespace iw::life

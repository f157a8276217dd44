// ControlDoor: the local road to control, for `interwatt control` and other programs of the same user: HTTP
// on a Unix socket of mode 0600 in the folder of the data. Who may open the file is trusted to say who he
// is; what he may do is decided by the rights of the configuration (docs/control.md).
//
//   GET  /control                        points, claims, states, controllers
//   GET  /control/decisions?path=P       what holds for one point now, and why
//   POST /control/claims                 {"claims": [...]}: all come into force together
//   POST /control/claims/{id}/release    {"by": "anna"}
//   POST /control/stop-all               {"by": "anna", "for_s": 3600, "reason": "..."}
//   POST /control/mode                   {"controller": "peak", "mode": "act", "by": "anna", "reason": "..."}
//
// On the core executor. close() and its callback before it goes away.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "gateway/control_desk.hpp"
#include "gateway/controller_desk.hpp"
#include "io/http/server.hpp"
#include "io/network.hpp"
#include "io/task_group.hpp"

namespace iw::gateway {

std::string control_door_path(const std::string& data_folder);

class ControlDoor {
 public:
  // The desks must outlive it.
  static Result<std::unique_ptr<ControlDoor>> open(io::Network& network, const std::string& path,
                                                   ControlDesk& desk, ControllerDesk& controllers, Log& log);
  void close(std::move_only_function<void()> closed);

 private:
  ControlDoor(io::Network& network, ControlDesk& desk, ControllerDesk& controllers, Log& log);

  [[nodiscard]] io::http::Router routes();
  [[nodiscard]] io::http::Response decision(const io::http::Call& call) const;
  io::Task<io::http::Response> claim(std::string body);
  io::Task<io::http::Response> release(std::string id, std::string body);
  io::Task<io::http::Response> stop_all(std::string body);
  io::Task<io::http::Response> set_mode(std::string body);

  io::Executor& executor_;
  ControlDesk& desk_;
  ControllerDesk& controllers_;
  io::http::Server server_;
  io::TaskGroup tasks_;
  io::TaskGroup closing_;
};

}  // namespace iw::gateway

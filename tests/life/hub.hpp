// Hub: what the gateway reports to, on a machine of its own: it takes whatever comes.
#pragma once

#include <cstddef>
#include <memory>

#include "base/log.hpp"
#include "io/http/server.hpp"
#include "io/task_group.hpp"
#include "io/world/world.hpp"

namespace iw::life {

class Hub {
 public:
  Hub(io::world::Node& node, Log& log) : node_(node), log_(log) { start(); }
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub() { kill(); }

  void start();
  void kill();  // its machine ends

  [[nodiscard]] io::Endpoint endpoint() const { return {node_.address(), 8086}; }
  [[nodiscard]] std::size_t reports() const { return reports_; }  // that have come

 private:
  io::world::Node& node_;
  Log& log_;
  std::unique_ptr<io::http::Server> server_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::size_t reports_ = 0;
};

}  // namespace iw::life

// Supervisor: who has started this program and watches over it. It is told when the program is ready, that it
// lives, and that it ends. On one executor.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace iw::io {

class Supervisor {
 public:
  Supervisor() = default;
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  virtual ~Supervisor() = default;

  // `status`: one line for people.
  virtual void ready(std::string_view status) = 0;
  virtual void alive() = 0;
  virtual void stopping() = 0;
  // How long it may go without alive() before it ends the program and starts it anew; none: it does not
  // watch.
  [[nodiscard]] virtual std::optional<Duration> patience() const = 0;
};

}  // namespace iw::io

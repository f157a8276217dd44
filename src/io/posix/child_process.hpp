// ChildProcess: another program that this one starts, and that ends with it. What it says goes to a file.
//
// Blocking, but for a moment: for tools that look on from outside, not for the gateway.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace iw::io::posix {

class ChildProcess {
 public:
  // `program`: a path; `output`: a file, new.
  static Result<ChildProcess> start(const std::string& program, std::vector<std::string> arguments,
                                    const std::string& output);
  ChildProcess(ChildProcess&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~ChildProcess() { kill(); }

  // At once, as a power cut would, and waits until it is gone.
  void kill();
  // Asks it to end. The caller waits with running().
  void terminate() const;
  [[nodiscard]] bool running();

 private:
  explicit ChildProcess(int id) : id_(id) {}

  int id_ = -1;  // none: it was waited for
};

// The program that runs now.
std::string own_program();

}  // namespace iw::io::posix

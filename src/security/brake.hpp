// Brake: slows down who guesses. After a few failures of one account from one address, each further one must
// wait twice as long as the one before. Pure; bounded: what is oldest is forgotten.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/time.hpp"

namespace iw::security {

struct BrakeSettings {
  unsigned free = 5;         // failures that cost nothing
  Duration first = 2s;       // the wait after the next
  Duration longest = 15min;  // and at most; forgotten after the same time without any failure
  std::size_t most = 10'000;
};

class Brake {
 public:
  explicit Brake(BrakeSettings settings = {}) : settings_(settings) {}

  // How long this one has to wait before it may try; zero: now.
  [[nodiscard]] Duration wait(const std::string& who, Instant now) const;
  void failed(const std::string& who, Instant now);
  void succeeded(const std::string& who) { tries_.erase(who); }

 private:
  struct Tries {
    unsigned failures = 0;
    Instant last;
    Instant free_at;
  };

  void make_room(Instant now);

  BrakeSettings settings_;
  std::map<std::string, Tries> tries_;
};

}  // namespace iw::security

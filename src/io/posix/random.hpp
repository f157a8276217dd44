// OsRandom: chance from the operating system (getrandom), good enough for keys.
#pragma once

#include "io/random.hpp"

namespace iw::io::posix {

class OsRandom final : public Random {
 public:
  std::uint64_t next() override;
};

}  // namespace iw::io::posix

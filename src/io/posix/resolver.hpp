// Resolver: from host names to addresses, without blocking the loop.
//
// The operating system's resolver blocks, for seconds when the name server is away; so a few threads ask it,
// and one name that nobody answers does not hold up the others. Threads live only while there are names to
// look up.
#pragma once

#include <memory>
#include <vector>

#include "io/executor.hpp"
#include "io/posix/address.hpp"

namespace iw::io::posix {

class Resolver {
 public:
  explicit Resolver(Executor& executor);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // At least one address. A numeric host is its own answer, at once.
  Task<Result<std::vector<Address>>> resolve(Endpoint endpoint, Instant deadline);

 private:
  struct Lookup;
  class Workers;

  Executor& executor_;
  std::shared_ptr<Workers> workers_;  // shared with threads that may still hang in a lookup when we end
};

}  // namespace iw::io::posix

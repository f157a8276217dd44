// What the resources of the API stand on. All of it outlives the service.
#pragma once

#include <string>

#include "base/log.hpp"
#include "gateway/gateway.hpp"
#include "io/executor.hpp"
#include "io/files.hpp"
#include "io/network.hpp"
#include "io/random.hpp"

namespace iw::api {

struct Surroundings {
  gateway::Gateway& gateway;
  io::Network& network;    // the core's
  io::Executor& blocking;  // for what waits for a disk
  io::Files& files;        // used there only
  io::Random& random;
  Log& log;
  std::string version;  // of the program
};

}  // namespace iw::api

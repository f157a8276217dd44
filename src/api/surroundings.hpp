// What the resources of the API stand on. All of it outlives the service.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "gateway/config_store.hpp"
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
  // The configuration's file, used on `blocking` only, and what takes a new one, on the core. None: it can
  // not be changed.
  gateway::ConfigStore* config_store = nullptr;
  std::function<void(std::unique_ptr<gateway::LoadedConfig>, std::string_view by)> apply_config = {};
  // There is another certificate in a file, on the core. None: certificates can not be replaced.
  std::function<void()> certificate_replaced = {};
};

}  // namespace iw::api

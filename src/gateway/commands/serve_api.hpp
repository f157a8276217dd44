// The API of a gateway that a command runs.
#pragma once

#include <memory>

#include "api/service.hpp"
#include "gateway/runtime.hpp"

namespace iw::gateway {

struct ServedApi {
  std::unique_ptr<api::Service> service;
  std::string address;  // "http://127.0.0.1:8080/"
};

// As the configuration says; ended before the gateway. An error: the port can not be taken.
Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const io::Endpoint& listen, Log& log);

}  // namespace iw::gateway

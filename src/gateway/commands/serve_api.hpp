// The API of a gateway that a command runs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/service.hpp"
#include "gateway/runtime.hpp"

namespace iw::gateway {

struct ServedApi {
  std::unique_ptr<api::Service> service;
  api::Service::Started started;
};

// As the section says; ended before the gateway. `everybody`: the role that needs no login. An error: the
// port can not be taken.
Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const ApiSection& section, Log& log,
                            std::optional<security::Role> everybody = {});

}  // namespace iw::gateway

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

// A new configuration, with an event that says by whom.
void put_into_force(Runtime& runtime, Gateway& gateway, std::unique_ptr<LoadedConfig> config,
                    std::string_view by);

// As the section says; ended before the gateway. `everybody`: the role that needs no login. An error: the
// port can not be taken. `config_store`: through which the configuration is changed; none: it can not be.
Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const ApiSection& section, Log& log,
                            std::optional<security::Role> everybody = {},
                            ConfigStore* config_store = nullptr);

}  // namespace iw::gateway

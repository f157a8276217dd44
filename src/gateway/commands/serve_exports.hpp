// What the running gateway serves beside its API: /metrics for Prometheus, and the context of its JSON-LD.
#pragma once

#include "api/service.hpp"
#include "gateway/runtime.hpp"

namespace iw::gateway {

// Before the service starts. The runtime and the gateway outlive it.
void add_exports(api::Service& service, Runtime& runtime, Gateway& gateway);

}  // namespace iw::gateway

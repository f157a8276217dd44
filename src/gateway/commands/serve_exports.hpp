// What the running gateway serves beside its API: /metrics for Prometheus, and the context of its JSON-LD.
#pragma once

#include "gateway/runtime.hpp"
#include "io/http/router.hpp"

namespace iw::gateway {

// The runtime and the gateway outlive the server of the router.
void add_exports(io::http::Router& router, Runtime& runtime, Gateway& gateway);

}  // namespace iw::gateway

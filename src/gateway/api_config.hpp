// What a configuration may say about the API and the dashboard.
//
//   api: {listen: "127.0.0.1:8080"}
#pragma once

#include "config/record.hpp"
#include "io/endpoint.hpp"

namespace iw::gateway {

struct ApiSection {
  bool enabled = true;
  io::Endpoint listen{"127.0.0.1", 8080};
};

const config::Record<ApiSection>& api_record();

}  // namespace iw::gateway

// What a configuration may say about remote write.
//
//   prometheus: {url: https://metrics.example/api/v1/write, token: /etc/interwatt/metrics.token}
#pragma once

#include "config/record.hpp"
#include "wire/http/target.hpp"

namespace iw::connectors::prometheus {

struct Section {
  wire::http::Url url;
  std::string token;  // file
};

const config::Record<Section>& section_record();

}  // namespace iw::connectors::prometheus

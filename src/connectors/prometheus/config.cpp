#include "connectors/prometheus/config.hpp"

namespace iw::connectors::prometheus {

using namespace config;  // the table below reads better without it at every word

const Record<Section>& section_record() {
  static const auto record =
      Record<Section>()
          .required("url", &Section::url, parsed<wire::http::Url>("a URL", &wire::http::parse_url),
                    "where it takes remote write: http://prometheus:9090/api/v1/write, "
                    "http://victoria-metrics:8428/api/v1/write")
          .optional("token", &Section::token, text(),
                    "file with the bearer token, mode 0600; beside this file unless it begins with /");
  return record;
}

}  // namespace iw::connectors::prometheus

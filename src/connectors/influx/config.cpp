#include "connectors/influx/config.hpp"

#include <fmt/format.h>

namespace iw::connectors::influx {

using namespace config;  // the table below reads better without it at every word

const Record<Section>& section_record() {
  static const auto record =
      Record<Section>()
          .required("url", &Section::url, parsed<wire::http::Url>("a URL", &wire::http::parse_url),
                    "the server, without the path of its API: http://influx:8086")
          .optional("database", &Section::database, text(), "InfluxDB 1, VictoriaMetrics: the database")
          .optional("organisation", &Section::organisation, text(), "InfluxDB 2: the organisation")
          .optional("bucket", &Section::bucket, text(), "InfluxDB 2: the bucket")
          .optional("token", &Section::token, text(),
                    "file with the token (InfluxDB 1: user:password), mode 0600; beside this file unless it "
                    "begins with /")
          .place(&Section::place);
  return record;
}

void check(const Section& section, Findings& findings) {
  const bool version_1 = !section.database.empty();
  const bool version_2 = !section.organisation.empty() || !section.bucket.empty();
  if (version_1 == version_2) {
    findings.error(
        section.place->place(),
        version_1 ? "a database and a bucket: it is one or the other" : "where to write is missing",
        "give database: for InfluxDB 1, or organisation: and bucket: for InfluxDB 2");
  } else if (version_2 && (section.organisation.empty() || section.bucket.empty())) {
    findings.error(section.place->place(), "InfluxDB 2 needs both an organisation and a bucket");
  }
}

wire::http::Url write_url(const Section& section) {
  using wire::http::percent_encode;
  wire::http::Url url = section.url;
  while (url.target.ends_with('/'))
    url.target.pop_back();
  url.target += section.bucket.empty()
                    ? fmt::format("/write?db={}&precision=ms", percent_encode(section.database))
                    : fmt::format("/api/v2/write?org={}&bucket={}&precision=ms",
                                  percent_encode(section.organisation), percent_encode(section.bucket));
  return url;
}

}  // namespace iw::connectors::influx

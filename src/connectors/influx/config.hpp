// What a configuration may say about InfluxDB.
//
//   influx: {url: http://influx:8086, database: site}                                     version 1
//   influx: {url: https://influx.example, organisation: works, bucket: site, token: ...}  version 2
#pragma once

#include <string>

#include "config/record.hpp"
#include "wire/http/target.hpp"

namespace iw::connectors::influx {

struct Section {
  wire::http::Url url;
  std::string database;
  std::string organisation;
  std::string bucket;
  std::string token;  // file
  const config::Value* place = nullptr;
};

const config::Record<Section>& section_record();
// That it is either version.
void check(const Section& section, config::Findings& findings);

// Where it is written to: the write API below the url's path, with the names in its query.
wire::http::Url write_url(const Section& section);

}  // namespace iw::connectors::influx

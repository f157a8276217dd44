// Line protocol of InfluxDB, times in milliseconds:
//
//   ActivePower,site=Factory\ roof,asset=roof,point=ActivePower.A,unit=W,phase=A value=-4980.5,quality="good"
//   1750000000250
//
// The measurement is the quantity. A value that is not of the present has no `value`, and a quality that says
// why; a text is the field `text`.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "formats/telemetry.hpp"

namespace iw::connectors::influx {

class LineProtocol {
 public:
  // The catalogue of the batches that follow.
  void set_catalog(const formats::Catalog& catalog);
  // One line a sample; of points that are not in the catalogue none.
  [[nodiscard]] std::string encode(const formats::Batch& batch) const;

 private:
  std::unordered_map<std::uint32_t, std::string> series_;  // measurement and tags, by alias
};

}  // namespace iw::connectors::influx

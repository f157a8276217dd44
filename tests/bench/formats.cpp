// What telemetry takes on the wire, and what it costs: the same 200 changes in columns of Protocol Buffers
// (ours), as a message of Protocol Buffers a sample, as a JSON object a sample, and as JSON-LD. Prints one
// JSON object.
//
//   --seconds 2   of CPU for each case

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "formats/jsonld.hpp"
#include "formats/protobuf.hpp"
#include "formats/timestamp.hpp"
#include "plain.pb.h"
#include "report.hpp"

namespace {

using namespace iw;
using formats::Batch;
using formats::Catalog;

constexpr std::uint32_t changes = 200;
constexpr std::int64_t begin_ms = 1'767'268'800'000;

// The same numbers on every machine, without chance.
std::uint64_t mixed(std::uint64_t n) {
  n = (n + 1) * 0x9E37'79B9'7F4A'7C15U;
  n ^= n >> 31U;
  return n * 0xBF58'476D'1CE4'E5B9U >> 17U;
}

// Powers of ±5 kW in steps of 0.1 W, with milliseconds of jitter, all good.
Batch batch() {
  Batch batch;
  batch.site = *model::parse_mrid("6f1c0e52-6a2e-4a8e-9a57-0f5f6c1b2a10");
  batch.epoch = begin_ms;
  batch.catalog_version = 1;
  for (std::uint32_t i = 0; i < changes; ++i) {
    const double tenths = static_cast<double>(mixed(i) % 100'001) - 50'000;
    batch.add(i, begin_ms + static_cast<std::int64_t>(mixed(changes + i) % 100), tenths / 10, {});
  }
  return batch;
}

Catalog catalog(const Batch& of) {
  Catalog catalog{.site = of.site, .site_name = "Factory roof", .epoch = begin_ms, .version = 1};
  for (std::uint32_t i = 0; i < changes; ++i) {
    const std::string asset = "inverter-" + std::to_string(i);
    const model::Mrid asset_mrid = model::derive(of.site, asset);
    catalog.points.push_back({.alias = i,
                              .mrid = model::derive(asset_mrid, "ActivePower"),
                              .path = asset + "/ActivePower",
                              .asset = asset_mrid,
                              .asset_name = asset,
                              .asset_kind = "inverter",
                              .quantity = "ActivePower",
                              .unit = "W",
                              .cim_class = "Analog",
                              .measurement_type = "ThreePhaseActivePower"});
  }
  return catalog;
}

// As interwatt tail --json writes it.
std::string json_lines(const Catalog& catalog, const Batch& batch) {
  std::string lines;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const formats::CatalogPoint& point = catalog.points[batch.alias[i]];
    lines += nlohmann::ordered_json{{"time", formats::to_timestamp(batch.time_ms[i])},
                                    {"path", point.path},
                                    {"value", batch.value[i]},
                                    {"unit", point.unit},
                                    {"quality", model::to_string(batch.quality[i])}}
                 .dump();
    lines += '\n';
  }
  return lines;
}

std::string rows(interwatt::bench::Samples& message, const Batch& batch) {
  message.Clear();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    interwatt::bench::Sample& sample = *message.add_samples();
    sample.set_alias(batch.alias[i]);
    sample.set_time_ms(batch.time_ms[i]);
    sample.set_value(batch.value[i]);
    sample.set_quality(batch.quality[i].bits());
  }
  return message.SerializeAsString();
}

// encode() gives the bytes that it wrote.
template <class Encode>
nlohmann::ordered_json measured(double seconds_wanted, Encode encode) {
  std::size_t bytes = 0;
  std::uint64_t rounds = 0;
  const double begin = bench::cpu_seconds();
  double elapsed = 0;
  for (; elapsed < seconds_wanted; elapsed = bench::cpu_seconds() - begin) {
    for (int i = 0; i < 20; ++i, ++rounds)
      bytes = encode();
  }
  return {{"bytes", bytes}, {"samples_per_s", static_cast<double>(rounds * changes) / elapsed}};
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = bench::parse(argc, argv).seconds;
  const Batch of = batch();
  const Catalog points = catalog(of);

  formats::ProtobufEncoder protobuf;
  formats::JsonldEncoder jsonld(formats::ContextForm::named);
  (void)jsonld.encode(points);
  interwatt::bench::Samples message;
  std::vector<std::byte> bytes;

  const nlohmann::ordered_json result = {
      {"columns", measured(seconds,
                           [&] {
                             bytes.clear();
                             protobuf.encode(of, bytes);
                             return bytes.size();
                           })},
      {"rows", measured(seconds, [&] { return rows(message, of).size(); })},
      {"json", measured(seconds, [&] { return json_lines(points, of).size(); })},
      {"jsonld", measured(seconds, [&] { return jsonld.encode(of).size(); })},
  };
  std::puts(result.dump(2).c_str());
}

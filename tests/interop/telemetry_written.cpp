// Writes telemetry in which every field says something, as foreign software shall read it:
//
//   telemetry_written <folder>
//
// catalogue.jsonld, batch.jsonld (context embedded), named.jsonld (a batch, context named), stream.pb, and
// expected.json: what a reader of Protocol Buffers must find.

#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

#include "formats/jsonld.hpp"
#include "formats/protobuf.hpp"
#include "formats/testing/examples.hpp"
#include "json/json.hpp"

namespace {

using namespace iw::formats;
using json = nlohmann::ordered_json;

void write(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
}

template <class What>
void put(const What& what, std::vector<std::byte>& stream) {
  std::vector<std::byte> envelope;
  ProtobufEncoder().encode(what, envelope);
  put_delimited(envelope, stream);
}

json expected(const Catalog& catalog, const Batch& batch) {
  json points = json::array();
  for (const CatalogPoint& point : catalog.points)
    points.push_back({{"alias", point.alias},
                      {"mrid", iw::model::to_string(point.mrid)},
                      {"path", point.path},
                      {"unit", point.unit},
                      {"phase", static_cast<unsigned>(point.phase)}});
  json samples = json::array();
  for (std::size_t i = 0; i < batch.size(); ++i)
    samples.push_back({{"alias", batch.alias[i]},
                       {"time_ms", batch.time_ms[i]},
                       {"value", std::isnan(batch.value[i]) ? json("NaN") : json(batch.value[i])},
                       {"quality", batch.quality[i].bits()}});
  return {{"site_name", catalog.site_name},
          {"points", std::move(points)},
          {"samples", std::move(samples)},
          {"texts", {{{"alias", batch.texts[0].alias}, {"text", batch.texts[0].text}}}}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    (void)std::fputs("usage: telemetry_written <folder>\n", stderr);
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/";
  const Catalog catalog = testing::catalog();
  const Batch batch = testing::batch();
  JsonldEncoder embedded(ContextForm::embedded);
  write(folder + "catalogue.jsonld", embedded.encode(catalog));
  write(folder + "batch.jsonld", embedded.encode(batch));
  JsonldEncoder named(ContextForm::named);
  (void)named.encode(catalog);
  write(folder + "named.jsonld", named.encode(batch));
  std::vector<std::byte> stream;
  put(catalog, stream);
  put(batch, stream);
  write(folder + "stream.pb", {reinterpret_cast<const char*>(stream.data()), stream.size()});
  write(folder + "expected.json", expected(catalog, batch).dump());
}

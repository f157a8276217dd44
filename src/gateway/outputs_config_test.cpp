#include "gateway/outputs_config.hpp"

#include <doctest/doctest.h>

#include "gateway/site_config.hpp"
#include "io/testing/memory_files.hpp"

namespace iw::gateway {
namespace {

struct Loaded {
  config::Findings findings;
  std::unique_ptr<LoadedConfig> config;
};

// A site with these outputs, beside its secrets.
Loaded load(std::string_view outputs) {
  io::testing::MemoryFiles files;
  files.put("site/token", "s3cret\n", 0600);
  files.put("site/open", "s3cret\n", 0644);
  files.put("site/empty", "\n", 0600);
  Loaded loaded;
  loaded.config = load_config("site/interwatt.yaml",
                              fmt::format("devices: [{{name: pv, connect: 'modbus://192.0.2.1'}}]\n"
                                          "outputs:\n{}",
                                          outputs),
                              files, loaded.findings);
  return loaded;
}

// The only finding, as it is printed.
std::string finding(std::string_view outputs) {
  const Loaded loaded = load(outputs);
  return loaded.findings.size() == 1
             ? config::to_string(loaded.findings[0])
             : fmt::format("{} findings: {}", loaded.findings.size(), config::to_string(loaded.findings));
}

TEST_CASE("an output has a plan with its name, its points and its queue") {
  const Loaded loaded = load(
      "  - prometheus: {url: 'http://192.0.2.9:8428/api/v1/write', token: token}\n"
      "  - name: plant\n"
      "    influx: {url: 'http://192.0.2.9:8086', database: site}\n"
      "    points: ['*/ActivePower']\n"
      "    values: changes\n"
      "    every: 5s\n"
      "    queue: 2000\n"
      "    when_full: drop_newest\n");
  REQUIRE_MESSAGE(loaded.config, config::to_string(loaded.findings));
  REQUIRE(loaded.config->outputs.size() == 2);
  CHECK(loaded.config->outputs[0].forwarder.name == "prometheus");
  CHECK(loaded.config->outputs[0].values == OutputValues::all);
  const OutputPlan& plant = loaded.config->outputs[1];
  CHECK(plant.forwarder.name == "plant");
  CHECK(plant.forwarder.capacity == 2000);
  CHECK(plant.forwarder.when_full == connectors::WhenFull::drop_newest);
  CHECK(plant.points == std::vector<std::string>{"*/ActivePower"});
  CHECK(plant.values == OutputValues::changes);
  CHECK(plant.every == 5s);
}

TEST_CASE("plans differ when anything that they do differs, the secret included") {
  const std::string url = "url: 'http://192.0.2.9/write'";
  const auto identity = [&](std::string_view outputs) {
    const Loaded loaded = load(outputs);
    REQUIRE_MESSAGE(loaded.config, config::to_string(loaded.findings));
    return loaded.config->outputs.at(0).identity;
  };
  const std::string plain = identity(fmt::format("  - prometheus: {{{}}}\n", url));
  CHECK(plain == identity(fmt::format("  - prometheus: {{{}}}\n", url)));
  CHECK(plain != identity(fmt::format("  - prometheus: {{{}, token: token}}\n", url)));
  CHECK(plain != identity(fmt::format("  - {{points: [roof/*], prometheus: {{{}}}}}\n", url)));
  CHECK(plain != identity(fmt::format("  - {{every: 2s, prometheus: {{{}}}}}\n", url)));
}

TEST_CASE("what is wrong with an output is found where it is") {
  CHECK(finding("  - {name: nothing}\n").contains("3:5: outputs[0]: an output is one of prometheus, influx"));
  CHECK(finding("  - {prometheus: {url: 'http://a/w'}, influx: {url: 'http://a', database: d}}\n")
            .contains("an output is one of prometheus, influx"));
  CHECK(finding("  - prometheus: {}\n").contains("url"));
  CHECK(finding("  - prometheus: {url: 'ftp://a/w'}\n").contains("3:23: outputs[0].prometheus.url"));
  CHECK(finding("  - influx: {url: 'http://a'}\n").contains("where to write is missing"));
  CHECK(
      finding("  - influx: {url: 'http://a', database: d, bucket: b}\n").contains("it is one or the other"));
  CHECK(finding("  - influx: {url: 'http://a', bucket: b}\n").contains("both an organisation and a bucket"));
  CHECK(finding("  - prometheus: {url: 'http://a/w'}\n  - prometheus: {url: 'http://b/w'}\n")
            .contains("4:5: outputs[1]: the output 'prometheus' is there twice"));
}

TEST_CASE("a secret that others can read is refused, and so is one that is none") {
  CHECK(finding("  - prometheus: {url: 'http://a/w', token: open}\n").contains("lets others read a secret"));
  CHECK(finding("  - prometheus: {url: 'http://a/w', token: missing}\n").contains("no file site/missing"));
  CHECK(finding("  - prometheus: {url: 'http://a/w', token: empty}\n").contains("holds no token"));
}

TEST_CASE("https needs authorities to believe") {
  CHECK(finding("  - prometheus: {url: 'https://a/w'}\n").contains("install ca-certificates"));
  CHECK(finding("  - {ca: token, prometheus: {url: 'https://a/w'}}\n").contains("outputs[0].ca"));
}

TEST_CASE("an InfluxDB is written to by the API of its version") {
  using connectors::influx::write_url;
  const wire::http::Url server = *wire::http::parse_url("http://influx:8086/proxy/");
  CHECK(write_url({.url = server, .database = "my site"}).target == "/proxy/write?db=my%20site&precision=ms");
  CHECK(write_url({.url = server, .organisation = "a&b", .bucket = "site"}).target ==
        "/proxy/api/v2/write?org=a%26b&bucket=site&precision=ms");
}

}  // namespace
}  // namespace iw::gateway

// Sends known telemetry to a server that we did not write:
//
//   telemetry_sent prometheus http://127.0.0.1:8428/api/v1/write <time in ms>
//   telemetry_sent influx http://127.0.0.1:8428 <time in ms>
//
// One point, "roof/ActivePower.A": value i is i * 1.25 - 10 at the time + i s, for i in 0..19; the last one,
// i = 20, is of a device that was lost. Prints what came of it as a line of JSON.

#include <cstdio>
#include <string>

#include "connectors/influx/config.hpp"
#include "connectors/influx/writer.hpp"
#include "connectors/prometheus/remote_write.hpp"
#include "formats/testing/examples.hpp"
#include "io/posix/loop.hpp"
#include "io/task_group.hpp"
#include "json/json.hpp"

namespace {

using namespace iw;

formats::Batch samples(std::int64_t time_ms) {
  formats::Batch batch = formats::testing::batch_head();
  for (int i = 0; i < 20; ++i)
    batch.add(0, time_ms + i * 1000, i * 1.25 - 10, {});
  batch.add(0, time_ms + 20'000, 15,
            model::Quality(model::Validity::invalid).with(model::Detail::no_connection));
  return batch;
}

std::unique_ptr<connectors::Connector> connector_to(std::string_view kind, const wire::http::Url& url,
                                                    io::Network& network) {
  if (kind == "prometheus")
    return std::make_unique<connectors::prometheus::RemoteWrite>(network,
                                                                 connectors::HttpTargetSettings{.url = url});
  return std::make_unique<connectors::influx::Writer>(
      network,
      connectors::HttpTargetSettings{.url = connectors::influx::write_url({.url = url, .database = "site"})});
}

io::Task<void> send(connectors::Connector& connector, std::int64_t time_ms, Result<void>& result,
                    io::posix::EpollLoop& loop) {
  result = co_await connector.announce(std::make_shared<const formats::Catalog>(formats::testing::catalog()));
  if (result) result = co_await connector.deliver(samples(time_ms));
  loop.stop();
}

}  // namespace

int main(int argc, char** argv) {
  const auto url =
      argc == 4 ? wire::http::parse_url(argv[2]) : Result<wire::http::Url>(fail(ErrorKind::io, ""));
  if (!url) {
    (void)std::fputs("usage: telemetry_sent prometheus|influx <url> <time in ms>\n", stderr);
    return 2;
  }
  io::posix::EpollLoop loop;
  const auto connector = connector_to(argv[1], *url, loop.network());
  Result<void> result;
  io::TaskGroup tasks(loop);
  tasks.spawn(send(*connector, std::stoll(argv[3]), result, loop));
  if (tasks.running() > 0) loop.run();
  const nlohmann::ordered_json check = {
      {"check", "taken"}, {"ok", result.has_value()}, {"detail", result ? "" : result.error().message}};
  std::puts(check.dump().c_str());
}

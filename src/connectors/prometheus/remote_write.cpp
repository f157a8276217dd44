#include "connectors/prometheus/remote_write.hpp"

#include <utility>

namespace iw::connectors::prometheus {
namespace {

HttpTargetSettings with_headers(HttpTargetSettings settings) {
  settings.headers.add("Content-Type", "application/x-protobuf");
  settings.headers.add("Content-Encoding", "snappy");
  settings.headers.add("User-Agent", "interwatt");
  settings.headers.add("X-Prometheus-Remote-Write-Version", "0.1.0");
  return settings;
}

}  // namespace

RemoteWrite::RemoteWrite(io::Network& network, HttpTargetSettings settings)
    : target_(network, with_headers(std::move(settings))) {}

io::Task<Result<void>> RemoteWrite::announce(std::shared_ptr<const formats::Catalog> catalog) {
  encoder_.set_catalog(*catalog);
  co_return Result<void>{};
}

io::Task<Result<void>> RemoteWrite::deliver(const formats::Batch& batch) {
  const std::string message = encoder_.encode(batch);
  if (message.empty()) co_return Result<void>{};
  co_return co_await target_.post(packed(message));
}

}  // namespace iw::connectors::prometheus

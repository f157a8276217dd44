#include "connectors/influx/writer.hpp"

#include <utility>

namespace iw::connectors::influx {
namespace {

HttpTargetSettings with_headers(HttpTargetSettings settings) {
  settings.headers.add("Content-Type", "text/plain; charset=utf-8");
  settings.headers.add("User-Agent", "interwatt");
  return settings;
}

}  // namespace

Writer::Writer(io::Network& network, HttpTargetSettings settings)
    : target_(network, with_headers(std::move(settings))) {}

io::Task<Result<void>> Writer::announce(std::shared_ptr<const formats::Catalog> catalog) {
  protocol_.set_catalog(*catalog);
  co_return Result<void>{};
}

io::Task<Result<void>> Writer::deliver(const formats::Batch& batch) {
  std::string lines = protocol_.encode(batch);
  if (lines.empty()) co_return Result<void>{};
  co_return co_await target_.post(std::move(lines));
}

}  // namespace iw::connectors::influx

// RemoteWrite: Prometheus remote write 1.0, to Prometheus, VictoriaMetrics, Mimir, Grafana Cloud and others.
#pragma once

#include "connectors/connector.hpp"
#include "connectors/http_target.hpp"
#include "connectors/prometheus/write_request.hpp"

namespace iw::connectors::prometheus {

class RemoteWrite final : public Connector {
 public:
  RemoteWrite(io::Network& network, HttpTargetSettings settings);

  io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> catalog) override;
  io::Task<Result<void>> deliver(const formats::Batch& batch) override;
  void close() override { target_.close(); }

 private:
  HttpTarget target_;
  WriteRequestEncoder encoder_;
};

}  // namespace iw::connectors::prometheus

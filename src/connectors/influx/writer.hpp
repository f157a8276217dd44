// Writer: the HTTP write API of InfluxDB, version 1 (a database) or 2 (a bucket of an organisation).
#pragma once

#include "connectors/connector.hpp"
#include "connectors/http_target.hpp"
#include "connectors/influx/line_protocol.hpp"

namespace iw::connectors::influx {

class Writer final : public Connector {
 public:
  Writer(io::Network& network, HttpTargetSettings settings);

  io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> catalog) override;
  io::Task<Result<void>> deliver(const formats::Batch& batch) override;
  void close() override { target_.close(); }

 private:
  HttpTarget target_;
  LineProtocol protocol_;
};

}  // namespace iw::connectors::influx

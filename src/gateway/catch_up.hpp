// CatchUp: a connector that delivers later what its output missed. It stands between an output's queue and
// its connector: a batch that does not follow the one before shows what is missing, and behind each live
// batch a little of that goes out, so that the live values are never late for it. Executor of the connectors.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "connectors/connector.hpp"
#include "gateway/back_fill.hpp"

namespace iw::gateway {

class CatchUp final : public connectors::Connector {
 public:
  CatchUp(std::unique_ptr<connectors::Connector> connector, std::string output,
          BackFill::Surroundings surroundings, BackFill::Settings settings);

  io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> catalog) override;
  io::Task<Result<void>> deliver(const formats::Batch& batch) override;
  void close() override;

 private:
  void follow(const formats::Batch& batch);
  io::Task<void> fill();

  std::unique_ptr<connectors::Connector> connector_;
  std::string output_;
  Log& log_;
  BackFill missing_;
  std::shared_ptr<const formats::Catalog> catalog_;
  std::uint64_t next_ = 0;    // the number of the batch that follows
  std::uint64_t filled_ = 0;  // samples, since something was missing
  bool closed_ = false;
};

}  // namespace iw::gateway

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
  struct Settings {
    std::string output;    // its name
    std::size_t rate = 0;  // samples a second that go out later, at most, on average
    BackFill::Settings missing;
  };
  CatchUp(std::unique_ptr<connectors::Connector> connector, BackFill::Surroundings surroundings,
          Settings settings);

  io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> catalog) override;
  io::Task<Result<void>> deliver(const formats::Batch& batch) override;
  [[nodiscard]] std::optional<connectors::Filled> filled() const override;
  void close() override;

 private:
  void earn();
  void follow(const formats::Batch& batch);
  io::Task<void> fill();

  std::unique_ptr<connectors::Connector> connector_;
  std::string output_;
  double rate_;
  const io::Clock& clock_;
  Log& log_;
  BackFill missing_;
  std::shared_ptr<const formats::Catalog> catalog_;
  std::uint64_t next_ = 0;    // the number of the batch that follows
  std::uint64_t filled_ = 0;  // samples, since something was missing
  double allowed_ = 0;        // samples that may go out later by now; less than 0: they had to wait
  Instant earned_;
  connectors::Filled figures_;
  bool closed_ = false;
};

}  // namespace iw::gateway

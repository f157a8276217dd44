// Connector: a road from the gateway's bus to another system. One folder each; a Forwarder drives it, so that
// a connector only says how its system is spoken to: queue, order, retries and counting are not its concern.
//
// All on the executor of the connectors, never on the core's. One call at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "formats/telemetry.hpp"
#include "io/task.hpp"

namespace iw::connectors {

// What was missed and is delivered later, out of a history.
struct Filled {
  std::uint64_t samples = 0;  // that were delivered
  std::uint64_t refused = 0;  // that the other system did not want
  Duration missing{};         // of the past, that it still has nothing of; 0: nothing is under way
  Duration given_up{};        // of the past, that is too long ago by now
};

class Connector {
 public:
  Connector() = default;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  virtual ~Connector() = default;

  // What the batches after it call their points. Comes before the first batch, when the points change, and
  // again after a failure: a broker may have forgotten.
  virtual io::Task<Result<void>> announce(std::shared_ptr<const formats::Catalog> catalog) = 0;

  // Ends when the other system has said that it has the batch. Kind rejected: it will never take this one.
  // Any other error: it may later. What was delivered may be delivered again, after a lost answer.
  virtual io::Task<Result<void>> deliver(const formats::Batch& batch) = 0;

  // None: what was missed is lost.
  [[nodiscard]] virtual std::optional<Filled> filled() const { return std::nullopt; }

  // Ends what is under way, for good.
  virtual void close() = 0;
};

}  // namespace iw::connectors

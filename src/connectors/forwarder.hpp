// Forwarder: brings batches to a connector, in their order and one at a time. While the other system is away
// the newest batches wait, up to a bound; what had to go is counted. A failure is followed by a pause that
// doubles; then everything goes on where it was.
//
// All on the executor of the connectors.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "connectors/connector.hpp"
#include "io/executor.hpp"
#include "io/random.hpp"
#include "io/signal.hpp"
#include "polling/back_off.hpp"

namespace iw::connectors {

// Which samples go when there is no room for all.
enum class WhenFull : std::uint8_t { drop_oldest, drop_newest };

struct ForwarderSettings {
  std::string name;
  std::size_t capacity = 100'000;  // samples that wait at most, 24 bytes each
  WhenFull when_full = WhenFull::drop_oldest;
  polling::BackOffSettings back_off = {.forgiven = 1, .first = 1s, .longest = 60s};
  Duration grace = 1s;  // for what still waits at the end
};

struct ForwarderStatus {
  std::uint64_t batches = 0;          // delivered
  std::uint64_t samples = 0;          // delivered
  std::uint64_t dropped = 0;          // samples for which there was no room
  std::uint64_t rejected = 0;         // samples that the other system did not want
  std::uint64_t failures = 0;         // attempts
  std::size_t waiting = 0;            // samples
  std::optional<Error> trouble = {};  // of the last attempt; none: all is well
  std::optional<Filled> filled = {};
};

class Forwarder final : private io::Timer {
 public:
  // The log, chance and executor outlive it.
  struct Surroundings {
    io::Executor& executor;
    io::Random& random;
    Log& log;
  };
  Forwarder(const Surroundings& surroundings, std::unique_ptr<Connector> connector,
            ForwarderSettings settings);
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  ~Forwarder() override;

  // The batches that follow are of this catalogue.
  void put(std::shared_ptr<const formats::Catalog> catalog) { catalog_ = std::move(catalog); }
  void put(formats::Batch batch);

  // Delivers until stop(). Await its end before the forwarder goes away.
  io::Task<void> run();
  // What waits is delivered if that is quickly done; the rest is dropped.
  void stop();

  [[nodiscard]] ForwarderStatus status() const;

 private:
  struct Item {
    std::shared_ptr<const formats::Catalog> catalog;
    formats::Batch batch;
  };

  void on_timer() override;
  void make_room();
  void drop(const Item& item);
  io::Task<Result<void>> attempt(const Item& item);
  void take_result(const Item& item, const Result<void>& result);
  void say(const std::optional<Error>& trouble);
  io::Task<void> pause();

  Surroundings surroundings_;
  std::unique_ptr<Connector> connector_;
  ForwarderSettings settings_;
  polling::BackOff back_off_;
  io::Signal wake_;
  std::shared_ptr<const formats::Catalog> catalog_;
  std::shared_ptr<const formats::Catalog> announced_;
  std::deque<Item> waiting_;
  ForwarderStatus status_;
  bool stopping_ = false;
  bool given_up_ = false;
};

}  // namespace iw::connectors

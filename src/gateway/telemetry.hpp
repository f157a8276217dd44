// Telemetry: what a bus publishes, on its way out of the gateway: gathered into batches that call their
// points by alias, after the catalogue that says what the aliases mean. A new catalogue comes when points
// have come, changed or gone; nothing comes while there is nothing to say. Core executor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/telemetry.hpp"
#include "io/executor.hpp"
#include "model/batch.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

class Telemetry final : private io::Timer {
 public:
  struct Settings {
    std::string site_name;
    std::function<bool(std::string_view path)> wanted;
    Duration every = 250ms;
  };
  struct Receiver {
    std::function<void(std::shared_ptr<const formats::Catalog>)> on_catalog;
    std::function<void(formats::Batch)> on_batch;
  };

  Telemetry(io::Executor& core, const model::SiteModel& site, Settings settings, Receiver receiver);
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  void take(const model::SampleBatch& batch);
  // What was gathered goes out now.
  void flush();

 private:
  // Names the point by mRID: what its id means may have changed when the samples go out.
  struct Gathered {
    model::Mrid point;
    std::int64_t time_ms = 0;
    double value = 0;
    model::Quality quality;
  };
  struct GatheredText {
    model::Mrid point;
    std::int64_t time_ms = 0;
    model::TextSample sample;
  };

  void on_timer() override;
  void renew_catalog();
  formats::Batch next_batch();

  io::Executor& core_;
  const model::SiteModel& site_;
  Settings settings_;
  Receiver receiver_;
  std::uint64_t epoch_;
  std::uint64_t sequence_ = 0;
  std::optional<std::uint64_t> revision_;  // of the site, that the catalogue is of
  std::shared_ptr<const formats::Catalog> catalog_;
  std::unordered_map<model::Mrid, std::uint32_t> aliases_;
  std::vector<Gathered> gathered_;
  std::vector<GatheredText> texts_;
};

}  // namespace iw::gateway

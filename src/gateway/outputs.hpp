// Outputs: the connectors of the running gateway. Values are gathered on the core and handed over to the
// executor of the connectors, where the network may be slow: nobody else notices.
//
// All methods on the core executor. stop() before the connectors' executor ends; destroyed after that.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "connectors/forwarder.hpp"
#include "gateway/outputs_config.hpp"
#include "gateway/telemetry.hpp"
#include "io/task_group.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

struct OutputStatus {
  std::string name;
  connectors::ForwarderStatus forwarder;  // not more than a second old; dropped: on the way to it as well
};

class Outputs final : private io::Timer {
 public:
  struct Surroundings {
    io::Executor& core;
    io::Network& network;  // with the executor of the connectors
    io::Random& random;    // theirs
    Log& log;
    // How many samples of an output did not get there, since it was said last.
    std::function<void(const std::string& output, std::uint64_t samples)> on_lost;
    // The other system of an output is away, or (none) it is there.
    std::function<void(const std::string& output, const std::optional<Error>& trouble)> on_trouble;
    // Puts something between an output and its connector; none: nothing.
    std::function<std::unique_ptr<connectors::Connector>(const OutputPlan& plan,
                                                         std::unique_ptr<connectors::Connector>)>
        complete = {};
  };
  // The site model and the buses outlive it, and it is there as long as they publish.
  Outputs(Surroundings surroundings, const model::SiteModel& site, bus::Bus& all, bus::Bus& changes);
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;
  ~Outputs() override;

  // Outputs whose plan has not changed go on with what waits for them.
  void apply(const std::string& site_name, const std::vector<OutputPlan>& plans);
  // What waits is delivered if that is quickly done; then calls `stopped`.
  void stop(std::move_only_function<void()> stopped);

  [[nodiscard]] std::vector<OutputStatus> status() const;

 private:
  struct Sender;
  struct Output;

  void on_timer() override;
  std::unique_ptr<Output> start(const std::string& site_name, const OutputPlan& plan);
  void hand_over(Output& output, formats::Batch batch);
  void end(Output& output);
  void ask_status(Output& output);
  void tell_trouble(Output& output);
  void take_status(const std::string& identity, const connectors::ForwarderStatus& status);
  void publish(OutputValues values, const model::SampleBatch& batch);

  Surroundings surroundings_;
  io::Executor& executor_;  // of the connectors
  const model::SiteModel& site_;
  std::vector<std::unique_ptr<Output>> outputs_;
  // Used on the connectors' executor only:
  io::TaskGroup tasks_;
  std::optional<io::TaskGroup> ending_;  // waits for them
};

}  // namespace iw::gateway

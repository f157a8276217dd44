// DrillRun: a drill under way, on the core of a runtime: first the gateway as a process of its own, which is
// killed and started again; then the gateway in this process, with one line after the other taken from it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/commands/drill_report.hpp"
#include "gateway/drill_plan.hpp"
#include "gateway/runtime.hpp"
#include "io/posix/child_process.hpp"

namespace iw::gateway {

class DrillRun {
 public:
  struct Site {
    // The configuration, with a device taken out; empty: with all of them. None: it was said why.
    std::function<std::unique_ptr<LoadedConfig>(const std::string& without)> load;
    // Takes the line of a device away, and gives it back; none: the gateway is told to let go of it.
    std::function<void(const std::string& device, bool lost)> cut = {};
    std::string file;         // of the configuration, for the gateway as a process
    std::string data_folder;  // that this names
    std::string said;         // a file: what that gateway says
  };
  struct Wanted {
    std::string device;   // only this; empty: all
    bool gateway = true;  // its loss too
    std::function<void(const DrillStep&)> progress;
  };

  DrillRun(Runtime& runtime, Site site, Wanted wanted, DrillReport& report)
      : runtime_(runtime), site_(std::move(site)), wanted_(std::move(wanted)), report_(report) {}

  // Until all was tried, or somebody broke it off; then the runtime has ended.
  void run();

 private:
  io::Task<void> main();
  io::Task<void> lose_gateway();
  io::Task<void> lose_gateway_for_good(io::posix::ChildProcess& gateway);
  io::Task<void> lose_who_ordered(io::posix::ChildProcess& gateway);
  io::Task<std::optional<double>> shown_by_device(std::string path);
  io::Task<void> lose(DrillLoss loss);
  io::Task<void> begin();
  void check_end();

  // Looks again and again until it holds.
  io::Task<DrillCheck> expect(std::string expected, Duration within, std::function<bool()> holds,
                              std::function<std::string()> seen);
  io::Task<DrillCheck> expect_process(std::string expected, Duration within);
  io::Task<Result<nlohmann::ordered_json>> ask(std::string method, std::string target,
                                               nlohmann::ordered_json body);
  void cut(const std::string& device, bool lost);
  void put(DrillStep step);
  [[nodiscard]] std::string not_well(bool all_confirmed) const;
  [[nodiscard]] const bus::DeviceEvent* state(const std::string& device) const;

  Runtime& runtime_;
  Site site_;
  Wanted wanted_;
  DrillReport& report_;
  Gateway* gateway_ = nullptr;  // once it runs in this process
  bool broken_off_ = false;
  int reads_ = 0;
};

}  // namespace iw::gateway

// Life: a site in one seeded world: the real gateway with bus, model, normalisation, controllers, control
// desk, audit log, the real Modbus driver, simulated devices, people and programs that claim,
// and all that goes wrong. The named invariants (invariants.hpp) look on.
//
// It comes in episodes: troubles, then calm, at whose end all must be well again.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/gateway.hpp"
#include "gateway/outputs.hpp"
#include "hub.hpp"
#include "invariants.hpp"
#include "io/world/fault_plan.hpp"
#include "io/world/world.hpp"
#include "json/json.hpp"
#include "owners.hpp"
#include "plan.hpp"
#include "premises.hpp"

namespace iw::life {

class Life {
 public:
  explicit Life(const Plan& plan);
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  ~Life();

  // To the end, or until this invariant is broken.
  void live(std::optional<int> until_broken = {});

  [[nodiscard]] const std::vector<Broken>& broken() const { return broken_; }
  [[nodiscard]] bool has_broken(int number) const;
  [[nodiscard]] std::uint64_t hash() const { return world_.event_hash(); }
  [[nodiscard]] std::uint64_t events() const { return world_.events(); }
  [[nodiscard]] std::uint64_t faults() const { return faults_; }  // of all kinds
  [[nodiscard]] const Plan& plan() const { return plan_; }
  // Of all writes that devices have done, and when.
  [[nodiscard]] std::uint64_t writes_hash() const { return writes_hash_; }
  [[nodiscard]] const Hub& hub() const { return hub_; }
  void trace_to(io::world::World::TraceSink sink);

  // What the invariants look at.
  [[nodiscard]] Instant now() const { return world_.now(); }
  [[nodiscard]] Instant gateway_now() const { return gateway_node_.clock().now(); }
  [[nodiscard]] const Premises& premises() const { return premises_; }
  [[nodiscard]] const Owners& owners() const { return owners_; }
  // Null while it is off.
  [[nodiscard]] const gateway::Gateway* gateway() const { return gateway_.get(); }
  [[nodiscard]] const gateway::ControlDesk* desk() const { return gateway_ ? gateway_->control() : nullptr; }
  [[nodiscard]] std::vector<gateway::ControllerDesk::View> controllers() const {
    return gateway_->controllers().view();
  }
  [[nodiscard]] io::Files& files() { return gateway_node_.files(); }
  // Since when the gateway runs; never while it is off.
  [[nodiscard]] Instant running_since() const { return gateway_ ? since_ : never; }
  [[nodiscard]] Instant ended_at() const { return ended_at_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  // Since when nothing is wrong with the gateway, the device and the road between them; never: something is.
  [[nodiscard]] Instant calm_since(std::size_t device) const;
  // What the configuration in force says; it is reloaded from time to time.
  [[nodiscard]] Envelope envelope(std::size_t point) const { return envelope_of(point, variant_); }
  [[nodiscard]] Instant configured_at() const { return configured_at_; }
  // The clock of the gateway was, or may have been, wrong.
  [[nodiscard]] bool clock_may_step() const { return clock_may_step_; }
  [[nodiscard]] bool disk_may_fail() const { return disk_may_fail_; }
  [[nodiscard]] Duration need_age() const { return 3 * plan_.poll + 2s; }
  // Long enough for all pauses, back-offs and slow points.
  [[nodiscard]] Duration recovery() const { return 150s + 15 * plan_.poll; }
  [[nodiscard]] bool balanced() const { return frozen_; }  // the site stands still, and all was read since

  void note_broken(int number, std::string what);

 private:
  struct Trouble {
    Instant from;
    Instant until;
    std::size_t device;  // `devices`: all of them
  };
  class TraceLog;

  static Envelope envelope_of(std::size_t point, bool variant);
  [[nodiscard]] std::string configuration() const;
  [[nodiscard]] std::unique_ptr<gateway::LoadedConfig> load();
  void install();
  void boot();
  void bury_gateway();
  void reboot_gateway();
  void stop_gateway();
  void make_claims_younger();
  void forget_claims();
  void change_claims(const std::function<void(nlohmann::ordered_json&)>& change);
  void note_lost_time(const std::string& claims, std::string_view boot);
  void reload();
  void plan_episode(Instant end);
  void plan_device_faults(Instant end);
  void plan_hub_faults(Instant end);
  void start_hub();
  void start_outputs();
  void note_write(Settable point);
  void plan_gateway_ends(Instant end);
  void act();
  void look();
  bool run_until(Instant end);
  void converge();
  [[nodiscard]] std::string trouble_of_devices() const;
  void balance();

  Plan plan_;
  io::world::World world_;
  io::world::Node& site_node_ = world_.add_node("site");
  io::world::Node& gateway_node_ = world_.add_node("gateway");
  io::world::Node& hub_node_ = world_.add_node("hub");
  io::world::SimulatedExecutor& field_ = gateway_node_.add_executor("field");
  io::world::SimulatedExecutor& storage_ = gateway_node_.add_executor("storage");
  io::world::SimulatedExecutor& connectors_ = gateway_node_.add_executor("connectors");
  io::world::SeededRandom random_;
  io::world::SeededRandom connectors_random_;
  std::unique_ptr<Log> log_;
  Premises premises_;
  Owners owners_;
  Hub hub_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<gateway::Outputs> outputs_;
  std::uint64_t writes_hash_ = 0;
  Instant since_ = never;
  Instant ended_at_ = never;
  bool stopping_ = false;
  bool variant_ = false;
  Instant configured_at_{};
  bool clock_may_step_ = false;
  bool disk_may_fail_ = false;
  bool calm_ = false;
  bool frozen_ = false;
  unsigned boots_ = 0;
  unsigned episodes_ = 0;
  std::uint64_t faults_ = 0;
  std::vector<Trouble> troubles_;
  std::vector<std::unique_ptr<Invariant>> invariants_;
  std::vector<Broken> broken_;
  std::optional<int> until_broken_;
};

}  // namespace iw::life

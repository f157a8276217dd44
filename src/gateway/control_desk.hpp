// ControlDesk: control at run time. It takes claims of people and programs, lets the arbiter decide, brings
// each point to its value, and puts on record what happened.
//
// Nothing is written unless control is enabled, the point is declared with range and default, its owner has
// the right, and the claim is live; a claim is in force only once it is on record. Claims of controllers
// (claims that are renewed all the time) are not kept over a restart: whoever made them makes them again.
//
// All methods on the core executor; so are the callbacks. control_desk.cpp is the run of things,
// control_desk_claims.cpp the claims and their file, control_desk_fail_safe.cpp what is held safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "bus/live_state.hpp"
#include "control/actuator.hpp"
#include "control/claim_book.hpp"
#include "gateway/control_config.hpp"
#include "gateway/control_keeper.hpp"
#include "gateway/controlled_point.hpp"
#include "io/executor.hpp"
#include "model/command.hpp"
#include "model/site_model.hpp"

namespace iw::gateway {

class ControlDesk final : private io::Timer {
 public:
  // What it stands on; all of it outlives the desk.
  struct Surroundings {
    io::Executor& core;
    const model::SiteModel& site;
    const bus::LiveState& live;  // the normalised values
    Log& log;
    std::function<void(model::WriteCommand, std::move_only_function<void(model::WriteResult)>)> write;
    // A condition that people are to know of, begins with a cause and ends without; none: nobody is told.
    std::function<void(events::Kind, const events::Source&, std::optional<events::Cause>)> alarm = {};
  };
  using Claimed = std::vector<Result<control::Claim>>;

  ControlDesk(Surroundings around, std::unique_ptr<ControlKeeper> keeper);
  ControlDesk(const ControlDesk&) = delete;
  ControlDesk& operator=(const ControlDesk&) = delete;
  ~ControlDesk() override;

  // Takes up the claims that stood when the gateway ended.
  void begin(const ControlSection& section);
  void configure(const ControlSection& section);
  // Every controlled point goes to what is to be left behind; then everything is on the disk, and `stopped`
  // is called. Takes a few seconds at most.
  void stop(std::move_only_function<void()> stopped);

  // What the gateway learns.
  void described(model::DeviceId device);  // or gone
  void device_changed(model::DeviceId device);
  void take_raw(const model::SampleBatch& batch);

  // The right of a role: to every point, up to this level. It holds for who has no right in the
  // configuration; what is said there of somebody holds for them instead.
  using RoleRight = std::optional<control::Level>;

  // All that are accepted come into force together. A result for each request, in order, when they are on
  // record.
  void claim(std::vector<control::ClaimRequest> requests, std::move_only_function<void(Claimed)> done,
             RoleRight role = {});
  // By its owner, or by somebody with a right to the point at its level.
  void release(control::ClaimId id, std::string by,
               std::move_only_function<void(Result<control::Claim>)> done, RoleRight role = {});
  // Off for every point, at the operator's level.
  void stop_all(std::string by, Duration life, std::string reason,
                std::move_only_function<void(Claimed)> done, RoleRight role = {});

  // What a claim would bring about if it were made and began now; nothing is changed and nothing recorded.
  struct Preview {
    control::Ruling ruling;
    std::string words;
  };
  [[nodiscard]] Result<Preview> preview(control::ClaimRequest request, RoleRight role = {}) const;

  // Of a controller of the configuration, which needs no further right: a claim that it renews with each
  // step. It does not wait for the disk, and comes into force with decide().
  Result<control::ClaimId> claim_for_controller(const control::ClaimRequest& request);
  // False: it is over.
  bool renew_for_controller(std::string_view path, control::ClaimId id, double value, Duration life,
                            std::string_view reason);
  void release_for_controller(control::ClaimId id);
  void decide();

  // Whether somebody may move the point at that level.
  [[nodiscard]] Result<void> may(std::string_view owner, control::Level level, std::string_view path,
                                 RoleRight role) const;
  [[nodiscard]] ControlKeeper& keeper() { return *keeper_; }

  // An entry of others for the audit log: users, configuration.
  void audit(security::AuditEntry entry);

  // What there is, for lists.
  struct View {
    const control::ClaimBook::Point& point;
    const control::Actuator& actuator;
    std::string words;    // who won, what limits it
    std::string trouble;  // why it can not be written at all; empty: it can
    bool fail_safe;       // something that it needs is lost
    const ControlPoint& how;
    const DeviceFallback& fallback;              // of its device, without the gateway
    std::string_view unguarded;                  // why it would not; empty: it would
    const control::GroupRules* group = nullptr;  // whose point it is
  };
  [[nodiscard]] std::vector<View> view() const;
  // What holds for this point now, and why; none: it is not controlled.
  [[nodiscard]] std::optional<Decision> decision(std::string_view path) const;
  // For those who look all the time: the points, and how far each is.
  [[nodiscard]] std::span<const control::ClaimBook::Point> points() const { return book_.points(); }
  [[nodiscard]] const control::Actuator& actuator(std::size_t point) const {
    return by_point_[point]->actuator;
  }
  [[nodiscard]] bool enabled() const { return section_.active(); }
  // Another number when view() may show something else than before; never 0.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  // Who wants what is written: a claim, or nobody.
  struct Wanted {
    control::ClaimId claim = {};
    std::string owner = "default";
  };

  void on_timer() override;
  void index_devices();
  [[nodiscard]] std::span<const std::size_t> points_of(model::DeviceId device) const;
  void look_at_all();
  void apply(const ControlSection& section);
  void tick();
  void watch_needs(Instant now);
  [[nodiscard]] std::string lost_need(const ControlPoint& point, Instant now) const;
  void settle(Instant now);
  void aim(std::size_t point, Instant now);
  [[nodiscard]] control::MemberNow member_now(const control::GroupMember& member) const;
  [[nodiscard]] std::optional<double> fresh(const std::string& path) const;
  void look_at_group(std::size_t point);
  void write_due(std::size_t point, Instant now);
  void send(const std::string& path, const ControlledPoint& bound, const control::Actuator::Order& order,
            Wanted by);
  void answered(const std::string& path, const Wanted& by, const model::WriteResult& result);
  void take_guard(const std::string& path, ControlledPoint& bound, const model::WriteResult& result);
  void hold_safe(std::size_t point);
  void record_mode(const std::string& path, std::string mode, std::string why);
  void look_at_alarms(std::size_t point, Instant now);
  void note_decisions();
  void tell(const std::string& path, const ControlledPoint& point, ControlAlarms::Change change) const;
  void bind(const model::SiteModel::PlacedPoint& placed);
  void leave(const std::string& path, const ControlledPoint& bound);
  [[nodiscard]] bool is_online(model::DeviceId device) const;
  [[nodiscard]] Duration until_next(Instant now) const;
  void restore();
  void claims_change();
  void keep_claims();
  void finish_stop();
  [[nodiscard]] StandingClaims standing_claims() const;
  [[nodiscard]] events::Moment now() const;
  [[nodiscard]] security::AuditEntry entry(std::string actor, std::string action, std::string subject,
                                           std::string outcome, std::string detail) const;
  [[nodiscard]] static bool is_for_a_while(const control::ClaimBook::Point& point);
  [[nodiscard]] const control::Claim* winner(std::size_t point) const;

  Surroundings around_;
  std::unique_ptr<ControlKeeper> keeper_;
  ControlSection section_;
  control::ClaimBook book_;
  control::Groups groups_;
  std::map<std::string, ControlledPoint, std::less<>> bounds_;
  std::vector<ControlledPoint*> by_point_;  // beside book_.points()
  std::map<model::DeviceId, std::vector<std::size_t>> by_device_;
  std::map<std::string, std::optional<model::PointId>, std::less<>> needed_;  // by others, where known
  // When each point is to be looked at again: one tick costs what has changed, not what there is.
  std::vector<Instant> look_at_;
  Instant needs_at_ = Instant::min();  // likewise, what they need
  std::vector<std::size_t> due_;       // of the tick under way
  std::set<std::size_t> unnoted_;      // the diary may not know how they are
  Instant note_at_ = never;
  std::set<control::ClaimId> passing_;                          // claims that a restart does not outlive
  std::set<control::ClaimId> written_;                          // of points that are written once
  std::map<std::uint64_t, std::vector<StandingClaim>> coming_;  // by order: accepted, not yet on record
  std::uint64_t orders_ = 0;
  ControlRecords records_;  // of the tick under way
  bool ticking_ = false;
  Instant settled_at_ = never;
  bool settled_ = false;
  Instant kept_at_ = Instant::min();  // the file of claims
  Instant keep_at_ = never;           // at the latest
  std::uint64_t commands_ = 0;
  std::uint64_t revision_ = 1;
  std::move_only_function<void()> stopped_;
  Instant give_up_at_ = never;  // of stopping
  bool ended_ = false;
};

}  // namespace iw::gateway

// Commander: the priority arrays of our points on the side of control: what is written into a slot becomes a
// claim at the ControlDesk, Null releases it.
//
// A level of control holds several slots (priorities.hpp); the most important one of them is the level's
// claim, so that among BACnet's slots the order is BACnet's, and against everybody else it is the arbiter's.
// A claim that ends (its life is over, somebody released it) empties its slots. Slots stand as long as their
// claims: over restarts too.
//
// On the core executor; so are the callbacks.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "bms/priorities.hpp"
#include "gateway/control_desk.hpp"

namespace iw::bms {

// One slot that is not Null.
struct Slot {
  std::string path;
  std::uint8_t priority = 16;
  double value = 0;

  friend bool operator==(const Slot&, const Slot&) = default;
};

class Commander final : private io::Timer {
 public:
  struct Settings {
    std::string owner;
    Duration life{};
  };
  struct Around {
    io::Executor& core;
    gateway::ControlDesk& desk;
    Log& log;
    // The slots are others now; text() is for the disk.
    std::function<void()> changed;
  };

  Commander(Around around, Settings settings);
  Commander(const Commander&) = delete;
  Commander& operator=(const Commander&) = delete;
  ~Commander() override = default;

  // What was kept, of which those slots are taken up whose claims still stand.
  void restore(std::string_view kept);

  struct Order {
    std::string path;
    std::uint8_t priority = 16;
    std::optional<double> value = {};  // none: Null
    std::string by;                    // whoever wrote
  };
  // Calls `done` when it is in force, or with why it is not. One after the other.
  void command(Order order, std::move_only_function<void(Result<void>)> done);

  // A limit of a load from a start on, for a while, at the level of the grid; none: no more. It takes the
  // place of what was asked for this point before, and does not outlive a restart.
  struct Shed {
    std::string path;
    double limit = 0;
    Duration starts_in{};
    Duration life{};
    std::string by;
  };
  void shed(const std::string& path, std::optional<Shed> wanted,
            std::move_only_function<void(Result<void>)> done);

  [[nodiscard]] std::vector<Slot> slots() const;
  [[nodiscard]] std::string text() const;

 private:
  struct Point {
    std::array<std::optional<double>, 16> slots;
    std::array<control::ClaimId, control::levels> claims;

    // The value of the most important slot of the level.
    [[nodiscard]] std::optional<double> top(control::Level level) const;
  };
  struct Waiting {
    Order order;
    std::move_only_function<void(Result<void>)> done;
  };

  void on_timer() override;
  void next();
  void carry_out(Waiting& waiting);
  void claim(Waiting& waiting, control::Level level, double value);
  void finish(Result<void> result);
  void release(control::ClaimId claim);
  void drop_ended();

  Around around_;
  Settings settings_;
  std::map<std::string, Point, std::less<>> points_;
  std::map<std::string, control::ClaimId, std::less<>> sheds_;
  std::deque<Waiting> waiting_;  // the first one is under way, if `busy_`
  bool busy_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // answers may come when we are gone
};

}  // namespace iw::bms

// LoadControl: the Load Control object (12.28), by which a utility or a building asks for less of one load: a
// level, a start and a duration become a limit in watts. Pure: it takes what is written and says what is
// asked for; whether the load follows, its owner says.
#pragma once

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/server/objects.hpp"

namespace iw::bacnet::server {

struct LoadTraits {
  double baseline_w = 0;         // what the load takes when nothing is shed
  std::vector<unsigned> levels;  // per cent of it that level 1, 2 ... leave
};

struct ShedRequest {
  double limit_w = 0;
  WallTime start;
  Duration duration{};

  [[nodiscard]] WallTime end() const { return start + duration; }
  friend bool operator==(const ShedRequest&, const ShedRequest&) = default;
};

// BACnetShedState.
enum class ShedState : std::uint8_t { inactive = 0, request_pending = 1, compliant = 2, non_compliant = 3 };

class LoadControl {
 public:
  explicit LoadControl(LoadTraits traits) : traits_(std::move(traits)) {}

  [[nodiscard]] Object object(const ObjectHead& head) const;

  // What a client writes, one property after the other; the request is complete with the last of them.
  Refusable<void> write(const PropertyReference& property, Bytes value);
  // What is asked for; none: nothing, or not all of it was said yet.
  [[nodiscard]] std::optional<ShedRequest> request() const;

  // As of now; `within`: the load takes no more than the limit. A request that is over is forgotten.
  void step(WallTime now, bool within);
  [[nodiscard]] ShedState state() const { return state_; }
  // True: Present_Value is another.
  bool show(Object& object) const;

 private:
  // BACnetShedLevel: a choice.
  struct Level {
    enum class Kind : std::uint8_t {
      percent = 0,
      level = 1,
      amount = 2
    };  // of the baseline; in kW less than it
    Kind kind = Kind::percent;
    double value = 100;

    [[nodiscard]] Level unshed() const;
    friend bool operator==(const Level&, const Level&) = default;
  };
  static void write_level(ParameterWriter& out, const Level& level);
  static void show_level(Object& object, PropertyId property, const Level& level);
  Refusable<void> take_level(Bytes value);
  Refusable<void> take_start(Bytes value);
  [[nodiscard]] double limit_w() const;
  void forget();

  LoadTraits traits_;
  Level requested_;
  std::optional<WallTime> start_;
  std::uint32_t minutes_ = 0;
  std::uint32_t duty_window_ = 0;
  bool enabled_ = true;
  ShedState state_ = ShedState::inactive;
};

}  // namespace iw::bacnet::server

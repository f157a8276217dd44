// PointWatch: which points of one device lose and regain a good value, or leave and return within their
// limits. Batches in, changes out; pure, for one thread. A batch in which nothing changes costs a comparison
// a sample and allocates nothing.
//
// What is not the point's own says nothing: samples with no_connection, and all of them while the device is
// lost. A point that never had a good value is not there, rather than bad. Only a model::FreshValue is held
// against limits: what is stale or substituted neither raises nor clears.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "base/time.hpp"
#include "model/batch.hpp"
#include "model/quality.hpp"

namespace iw::events {

// In the canonical unit; infinite where there is none. Violated beyond the limit, ended when the value is
// back within it by the hysteresis.
struct Limits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  double hysteresis = 0;

  friend bool operator==(const Limits&, const Limits&) = default;
};

struct PointChange {
  enum class To : std::uint8_t { good, bad, within, below, above };

  std::uint16_t index = 0;
  To to{};
  double value = 0;
  model::Quality quality;

  friend bool operator==(const PointChange&, const PointChange&) = default;
};

class PointWatch {
 public:
  PointWatch() = default;
  explicit PointWatch(std::size_t points) : quality_(points, Known::nothing) {}

  void set_limits(std::uint16_t index, const Limits& limits);
  // How it was when the gateway ended: a change of that is one.
  void assume(std::uint16_t index, PointChange::To was);
  void set_lost(bool lost) { lost_ = lost; }

  // Overwrites `changes`. A value older than `oldest` is not held against limits.
  void apply(const model::SampleBatch& batch, Instant now, Duration oldest,
             std::vector<PointChange>& changes);

  [[nodiscard]] const Limits& limits(std::uint16_t index) const { return limited_.at(index).limits; }

 private:
  enum class Known : std::uint8_t { good, bad, nothing };
  enum class Side : std::uint8_t { nothing, within, below, above };
  struct Limited {
    Limits limits;
    Side side = Side::nothing;
  };

  static Side side_of(double value, const Limited& limited);

  std::vector<Known> quality_;  // by index
  std::map<std::uint16_t, Limited> limited_;
  std::vector<bool> is_limited_;  // by index; empty when no point is
  bool lost_ = false;
};

}  // namespace iw::events

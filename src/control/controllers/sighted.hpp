// Sighted: a controller that decides while it sees all inputs that it needs, and without one does what it has
// declared: holds its last wishes for a while, releases them, or is safe.
#pragma once

#include <cstddef>
#include <optional>

#include "control/controller.hpp"

namespace iw::control {

using Inputs = std::span<const Result<model::FreshValue>>;

// Seconds, as the laws of control count them.
inline double in_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

class Sighted : public Controller {
 public:
  [[nodiscard]] const Declaration& declaration() const final { return declaration_; }
  void step(Inputs inputs, const Now& now, Decision& decision) final;

 protected:
  // The first `needed` inputs are those that it can not do without.
  Sighted(Declaration declaration, std::size_t needed, Duration hold_for = 1min);

  virtual void decide(Inputs inputs, const Now& now, Decision& decision) = 0;
  // Only of a controller that is safe when it is blind; `why` is to be part of its words.
  virtual void be_safe(std::string_view /*why*/, Inputs /*inputs*/, const Now& /*now*/,
                       Decision& /*decision*/) {}

  // It is blind: what must hold for a while begins anew.
  virtual void lose_sight() {}

  // Expires when three steps in a row are missing.
  void wish(Decision& decision, std::size_t output, Demand demand, double value) const {
    decision.wishes.push_back({.output = output, .demand = demand, .value = value, .holds = holds_});
  }

  // Since the step before, in seconds; 0 at the first.
  [[nodiscard]] double elapsed() const { return elapsed_s_; }

 private:
  void be_blind(std::size_t input, Inputs inputs, const Now& now, Decision& decision);

  Declaration declaration_;
  std::size_t needed_;
  Duration hold_for_;
  Duration holds_;
  std::vector<Wish> last_wishes_;
  std::optional<Instant> last_step_;
  Instant last_seen_;
  double elapsed_s_ = 0;
};

}  // namespace iw::control

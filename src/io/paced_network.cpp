#include "io/paced_network.hpp"

#include <algorithm>
#include <utility>

namespace iw::io {

Task<Result<StreamPtr>> PacedNetwork::connect(Endpoint to, Instant deadline) {
  const Instant called = executor().now();
  const bool may = co_await awaiting<bool>([this](Operation<bool>& turn) -> std::optional<bool> {
    if (stopped_) return false;
    if (waiting_.empty() && take_turn()) return true;
    waiting_.push_back(&turn);
    if (!armed()) executor().arm(*this, next_turn_);
    return std::nullopt;
  });
  if (!may) co_return fail(ErrorKind::cancelled, "no more connections are begun");
  co_return co_await network_.connect(std::move(to), deadline + (executor().now() - called));
}

bool PacedNetwork::take_turn() {
  const Instant now = executor().now();
  const Duration burst = pace_.every * static_cast<std::int64_t>(pace_.at_once - 1);
  next_turn_ = std::max(next_turn_, now - burst);
  if (next_turn_ > now) return false;
  next_turn_ += pace_.every;
  return true;
}

void PacedNetwork::on_timer() {
  while (!waiting_.empty() && take_turn()) {
    Operation<bool>* turn = waiting_.front();
    waiting_.pop_front();
    turn->complete(true);
  }
  if (!waiting_.empty()) executor().arm(*this, next_turn_);
}

void PacedNetwork::stop() {
  stopped_ = true;
  disarm();
  for (Operation<bool>* turn : std::exchange(waiting_, {}))
    turn->complete(false);
}

}  // namespace iw::io

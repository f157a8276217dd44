#include "io/testing/pipe.hpp"

#include <algorithm>

namespace iw::io::testing {

std::pair<std::unique_ptr<PipeEnd>, std::unique_ptr<PipeEnd>> make_pipe(Executor& executor,
                                                                        std::string peer_of_first,
                                                                        std::string peer_of_second) {
  auto a = std::make_unique<PipeEnd>(executor, std::move(peer_of_first));
  auto b = std::make_unique<PipeEnd>(executor, std::move(peer_of_second));
  a->other_ = b.get();
  b->other_ = a.get();
  return {std::move(a), std::move(b)};
}

void PipeEnd::close() {
  if (std::exchange(closed_, true)) return;
  if (other_ != nullptr) {
    other_->other_ = nullptr;
    other_->break_with(ErrorKind::closed);
    other_ = nullptr;
  }
  if (reading_ != nullptr) {
    executor_.post(
        [op = std::exchange(reading_, nullptr)] { op->complete(fail(ErrorKind::cancelled, "closed")); });
  }
}

void PipeEnd::break_with(ErrorKind kind) {
  broken_ = kind;
  finish_read();
  call_notified();
}

void PipeEnd::send(Bytes bytes) {
  if (other_ != nullptr) other_->receive(bytes);
}

void PipeEnd::reset() {
  PipeEnd* other = other_;
  if (other == nullptr) return;
  other->other_ = nullptr;
  other_ = nullptr;
  other->inbox_.clear();
  other->break_with(ErrorKind::reset);
  broken_ = ErrorKind::reset;
}

void PipeEnd::notify(std::move_only_function<void()> f) {
  notified_ = std::move(f);
  if (!inbox_.empty() || broken_) call_notified();
}

void PipeEnd::call_notified() {
  if (!notified_) return;
  executor_.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired() && notified_) notified_();
  });
}

std::vector<std::byte> PipeEnd::take_received() { return std::exchange(inbox_, {}); }

std::size_t PipeEnd::take(MutableBytes into) {
  const std::size_t n = std::min({into.size(), inbox_.size(), most_});
  const auto end = inbox_.begin() + static_cast<std::ptrdiff_t>(n);
  std::copy(inbox_.begin(), end, into.begin());
  inbox_.erase(inbox_.begin(), end);
  return n;
}

std::optional<Result<std::size_t>> PipeEnd::start_read(MutableBytes into,
                                                       Operation<Result<std::size_t>>& op) {
  if (closed_) return fail(ErrorKind::cancelled, "closed");
  if (!inbox_.empty()) return take(into);
  if (broken_) return fail(*broken_, "the peer ended the connection");
  into_ = into;
  reading_ = &op;
  return std::nullopt;
}

std::optional<Result<void>> PipeEnd::start_write(Bytes bytes, Operation<Result<void>>& /*op*/) {
  if (closed_) return fail(ErrorKind::cancelled, "closed");
  if (other_ == nullptr || broken_) return fail(broken_.value_or(ErrorKind::reset), "the peer is gone");
  other_->receive(bytes);
  return Result<void>{};
}

void PipeEnd::receive(Bytes bytes) {
  inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
  finish_read();
  call_notified();
}

// Completes a waiting read, but never inside the call of the other end.
void PipeEnd::finish_read() {
  if (reading_ == nullptr) return;
  executor_.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired() || reading_ == nullptr) return;
    if (inbox_.empty() && !broken_) return;
    Operation<Result<std::size_t>>* op = std::exchange(reading_, nullptr);
    if (inbox_.empty()) {
      op->complete(fail(*broken_, "the peer ended the connection"));
    } else {
      op->complete(take(into_));
    }
  });
}

}  // namespace iw::io::testing

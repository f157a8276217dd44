#include "io/posix/descriptor_stream.hpp"

#include <cerrno>

namespace iw::io::posix {
namespace {

Unexpected cancelled(const std::string& peer) {
  return fail(ErrorKind::cancelled, fmt::format("we closed {}", peer));
}

}  // namespace

DescriptorStream::DescriptorStream(EpollLoop& loop, Descriptor descriptor, std::string peer,
                                   bool short_read_drains)
    : loop_(loop),
      descriptor_(std::move(descriptor)),
      peer_(std::move(peer)),
      short_read_drains_(short_read_drains) {
  loop_.watch(descriptor_.number(), *this);
}

void DescriptorStream::close() {
  if (!descriptor_.open()) return;
  loop_.unwatch(descriptor_.number(), *this);
  descriptor_.close();
  if (reading_ != nullptr) {
    loop_.post([op = std::exchange(reading_, nullptr), peer = peer_] { op->complete(cancelled(peer)); });
  }
  if (writing_ != nullptr) {
    loop_.post([op = std::exchange(writing_, nullptr), peer = peer_] { op->complete(cancelled(peer)); });
  }
}

std::optional<Result<std::size_t>> DescriptorStream::start_read(MutableBytes into,
                                                                Operation<Result<std::size_t>>& op) {
  if (!descriptor_.open()) return cancelled(peer_);
  if (readable_) {
    if (auto result = try_read(into)) return result;
  }
  into_ = into;
  reading_ = &op;
  return std::nullopt;
}

std::optional<Result<void>> DescriptorStream::start_write(Bytes bytes, Operation<Result<void>>& op) {
  if (!descriptor_.open()) return cancelled(peer_);
  rest_ = bytes;
  auto result = try_write();
  if (!result) writing_ = &op;
  return result;
}

void DescriptorStream::on_ready(std::uint32_t events) {
  constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if ((events & ends) != 0) ended_ = true;
  if ((events & (EPOLLIN | ends)) != 0) readable_ = true;
  if (writing_ != nullptr) {
    if (auto result = try_write()) {
      // Not in place: the writer may destroy this stream, and a read may wait too.
      loop_.post([op = std::exchange(writing_, nullptr), value = std::move(*result)]() mutable {
        op->complete(std::move(value));
      });
    }
  }
  if (reading_ != nullptr && readable_) {
    if (auto result = try_read(into_)) std::exchange(reading_, nullptr)->complete(std::move(*result));
  }
}

std::optional<Result<std::size_t>> DescriptorStream::try_read(MutableBytes into) {
  for (;;) {
    const ssize_t n = receive(descriptor_.number(), into);
    if (n > 0) {
      const auto size = static_cast<std::size_t>(n);
      readable_ = ended_ || !short_read_drains_ || size == into.size();
      return size;
    }
    if (n == 0) return fail(failure(0));
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail(failure(errno));
    readable_ = false;
    return std::nullopt;
  }
}

std::optional<Result<void>> DescriptorStream::try_write() {
  while (!rest_.empty()) {
    const ssize_t n = send(descriptor_.number(), rest_);
    if (n >= 0) {
      rest_ = rest_.subspan(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      return std::nullopt;
    } else if (errno != EINTR) {
      return fail(failure(errno));
    }
  }
  return Result<void>{};
}

}  // namespace iw::io::posix

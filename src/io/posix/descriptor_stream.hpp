// DescriptorStream: a ByteStream over a non-blocking descriptor; what TCP and serial ports have in common.
//
// Edge-triggered: a read that is expected to find nothing makes no system call, it waits for the next edge.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "io/posix/descriptor.hpp"
#include "io/posix/loop.hpp"
#include "io/stream.hpp"

namespace iw::io::posix {

class DescriptorStream : public ByteStream, private Watched {
 public:
  ~DescriptorStream() override { DescriptorStream::close(); }

  void close() override;
  [[nodiscard]] std::string peer() const override { return peer_; }

 protected:
  // short_read_drains: a read of less than was asked for means that nothing is left, and that more makes an
  // edge.
  DescriptorStream(EpollLoop& loop, Descriptor descriptor, std::string peer, bool short_read_drains);

  std::optional<Result<std::size_t>> start_read(MutableBytes into, Operation<Result<std::size_t>>& op) final;
  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) final;

  // recv() and send(), or read() and write().
  virtual ssize_t receive(int descriptor, MutableBytes into) = 0;
  virtual ssize_t send(int descriptor, Bytes bytes) = 0;
  // What the end of the stream (0), or an errno, means here.
  [[nodiscard]] virtual Error failure(int error) const = 0;

 private:
  void on_ready(std::uint32_t events) override;
  std::optional<Result<std::size_t>> try_read(MutableBytes into);
  std::optional<Result<void>> try_write();

  EpollLoop& loop_;
  Descriptor descriptor_;
  std::string peer_;
  bool short_read_drains_;
  bool readable_ = false;  // a read may find something now
  bool ended_ = false;     // the end is behind the bytes that are left, and no further edge will tell
  MutableBytes into_;
  Bytes rest_;
  Operation<Result<std::size_t>>* reading_ = nullptr;
  Operation<Result<void>>* writing_ = nullptr;
};

}  // namespace iw::io::posix

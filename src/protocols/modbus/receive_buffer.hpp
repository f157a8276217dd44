// ReceiveBuffer: where a stream reads into and a framer takes from. Fixed size, no allocation.
#pragma once

#include <array>
#include <cassert>
#include <cstring>

#include "base/bytes.hpp"

namespace iw::modbus {

template <std::size_t Size>
class ReceiveBuffer {
 public:
  // Where the next read may put bytes. Views of earlier bytes are void from here on.
  MutableBytes free_space() {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return MutableBytes(bytes_).subspan(end_);
  }
  // The read put n bytes there.
  void filled(std::size_t n) {
    assert(n <= Size - end_);
    end_ += n;
  }

  [[nodiscard]] Bytes unread() const { return Bytes(bytes_).subspan(begin_, end_ - begin_); }
  void take(std::size_t n) {
    assert(n <= end_ - begin_);
    begin_ += n;
  }
  void clear() { begin_ = end_ = 0; }

 private:
  std::array<std::byte, Size> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace iw::modbus

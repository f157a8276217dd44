// ByteQueue: bytes in at the back, out at the front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/bytes.hpp"

namespace iw::io::world {

class ByteQueue {
 public:
  [[nodiscard]] std::size_t size() const { return bytes_.size() - head_; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] Bytes view() const { return Bytes(bytes_).subspan(head_); }

  void append(Bytes more) {
    if (head_ > bytes_.size() / 2) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    bytes_.insert(bytes_.end(), more.begin(), more.end());
  }
  // Fills the whole span, which is not longer than size().
  void take(MutableBytes into) {
    std::ranges::copy(view().first(into.size()), into.begin());
    head_ += into.size();
    if (empty()) clear();
  }
  void clear() {
    bytes_.clear();
    head_ = 0;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t head_ = 0;
};

}  // namespace iw::io::world

#include "io/testing/fail_nth.hpp"

#include <utility>

namespace iw::io::testing {

class FailNth::Stream final : public ByteStream {
 public:
  Stream(StreamPtr inner, std::shared_ptr<Count> count)
      : inner_(std::move(inner)), count_(std::move(count)) {}

  void close() override { inner_->close(); }
  [[nodiscard]] std::string peer() const override { return inner_->peer(); }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                Operation<Result<std::size_t>>& op) override {
    if (count_->hit()) return count_->error();
    return inner_->start_read(into, op);
  }
  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) override {
    if (count_->hit()) return count_->error();
    return inner_->start_write(bytes, op);
  }

 private:
  StreamPtr inner_;
  std::shared_ptr<Count> count_;
};

StreamPtr FailNth::wrap(StreamPtr stream) { return std::make_unique<Stream>(std::move(stream), count_); }

Task<Result<StreamPtr>> FailNth::connect(Endpoint to, Instant deadline) {
  if (count_->hit()) co_return count_->error();
  Result<StreamPtr> stream = co_await inner_.connect(std::move(to), deadline);
  if (!stream) co_return stream;
  co_return wrap(std::move(*stream));
}

Result<StreamPtr> FailNth::open_serial(const SerialSettings& settings) {
  if (count_->hit()) return count_->error();
  Result<StreamPtr> stream = inner_.open_serial(settings);
  if (!stream) return stream;
  return wrap(std::move(*stream));
}

}  // namespace iw::io::testing

#include "gateway/catch_up.hpp"

#include <algorithm>
#include <utility>

namespace iw::gateway {
namespace {

// Behind each live batch, 5000 samples a piece: a day of a site with 200 points at 1 Hz in a quarter of an
// hour.
constexpr int pieces_at_once = 4;

// None: it has no values.
std::optional<WallTime> newest(const formats::Batch& batch) {
  if (batch.time_ms.empty()) return std::nullopt;
  return WallTime(std::chrono::milliseconds(std::ranges::max(batch.time_ms)));
}

}  // namespace

CatchUp::CatchUp(std::unique_ptr<connectors::Connector> connector, std::string output,
                 BackFill::Surroundings surroundings, BackFill::Settings settings)
    : connector_(std::move(connector)),
      output_(std::move(output)),
      log_(surroundings.log),
      missing_(std::move(surroundings), std::move(settings)) {}

io::Task<Result<void>> CatchUp::announce(std::shared_ptr<const formats::Catalog> catalog) {
  catalog_ = catalog;
  co_return co_await connector_->announce(std::move(catalog));
}

io::Task<Result<void>> CatchUp::deliver(const formats::Batch& batch) {
  auto delivered = co_await connector_->deliver(batch);
  if (!delivered && delivered.error().kind != ErrorKind::rejected) co_return delivered;
  follow(batch);
  if (delivered) co_await fill();
  co_return delivered;
}

// What lies between the batch before and this one never came here.
void CatchUp::follow(const formats::Batch& batch) {
  const auto now = newest(batch);
  if (now && batch.sequence != next_ && missing_.delivered() < *now)
    missing_.missed({.from = missing_.delivered(), .to = *now});
  if (now) missing_.deliver(*now);
  next_ = batch.sequence + 1;
}

// A failure is no matter: the live batch is there, and the piece comes again behind the next one.
io::Task<void> CatchUp::fill() {
  for (int i = 0; i < pieces_at_once && catalog_ && !closed_; ++i) {
    const formats::Batch piece = missing_.next(*catalog_);
    if (piece.empty()) {
      if (const auto filled = std::exchange(filled_, 0); filled > 0)
        log_.info("output {}: {} samples that it had missed were delivered", output_, filled);
      co_return;
    }
    const auto delivered = co_await connector_->deliver(piece);
    if (!delivered && delivered.error().kind != ErrorKind::rejected) co_return;
    if (!delivered) {
      log_.warning("output {}: {} samples of the past are not wanted: {}", output_, piece.size(),
                   delivered.error().message);
    } else {
      filled_ += piece.size();
    }
    missing_.filled();
  }
}

void CatchUp::close() {
  closed_ = true;
  connector_->close();
}

}  // namespace iw::gateway

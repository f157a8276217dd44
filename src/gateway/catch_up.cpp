#include "gateway/catch_up.hpp"

#include <algorithm>
#include <utility>

namespace iw::gateway {
namespace {

// Behind each live batch, some thousand samples a piece.
constexpr int pieces_at_once = 4;
// So long as nothing went out, it may be made up for at once.
constexpr double most_seconds_saved = 10;
// A piece should not be much more than what goes out in a second.
constexpr std::size_t smallest_piece = 100;

// None: it has no values.
std::optional<WallTime> newest(const formats::Batch& batch) {
  if (batch.time_ms.empty()) return std::nullopt;
  return WallTime(std::chrono::milliseconds(std::ranges::max(batch.time_ms)));
}

BackFill::Settings in_pieces(BackFill::Settings settings, std::size_t rate) {
  settings.piece = std::clamp(rate, smallest_piece, settings.piece);
  return settings;
}

}  // namespace

CatchUp::CatchUp(std::unique_ptr<connectors::Connector> connector, BackFill::Surroundings surroundings,
                 Settings settings)
    : connector_(std::move(connector)),
      output_(std::move(settings.output)),
      rate_(static_cast<double>(settings.rate)),
      clock_(surroundings.clock),
      log_(surroundings.log),
      missing_(std::move(surroundings), in_pieces(std::move(settings.missing), settings.rate)),
      earned_(clock_.now()) {}

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

void CatchUp::earn() {
  const Instant now = clock_.now();
  const double seconds = std::chrono::duration<double>(now - std::exchange(earned_, now)).count();
  allowed_ = std::min(allowed_ + seconds * rate_, most_seconds_saved * rate_);
}

// A failure is no matter: the live batch is there, and the piece comes again behind the next one.
io::Task<void> CatchUp::fill() {
  earn();
  for (int i = 0; i < pieces_at_once && allowed_ > 0 && catalog_ && !closed_; ++i) {
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
      figures_.refused += piece.size();
    } else {
      filled_ += piece.size();
      figures_.samples += piece.size();
    }
    allowed_ -= static_cast<double>(piece.size());
    missing_.filled();
  }
}

std::optional<connectors::Filled> CatchUp::filled() const {
  connectors::Filled figures = figures_;
  figures.missing = missing_.missing();
  figures.given_up = missing_.given_up();
  return figures;
}

void CatchUp::close() {
  closed_ = true;
  connector_->close();
}

}  // namespace iw::gateway

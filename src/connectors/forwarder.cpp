#include "connectors/forwarder.hpp"

#include <utility>

namespace iw::connectors {
namespace {

std::size_t samples_of(const formats::Batch& batch) { return batch.size() + batch.texts.size(); }

}  // namespace

Forwarder::Forwarder(const Surroundings& surroundings, std::unique_ptr<Connector> connector,
                     ForwarderSettings settings)
    : surroundings_(surroundings),
      connector_(std::move(connector)),
      settings_(std::move(settings)),
      back_off_(settings_.back_off),
      wake_(surroundings.executor) {}

Forwarder::~Forwarder() = default;

void Forwarder::put(formats::Batch batch) {
  if (stopping_) return;
  const std::size_t samples = samples_of(batch);
  waiting_.push_back({.catalog = catalog_, .batch = std::move(batch)});
  status_.waiting += samples;
  make_room();
  wake_.set();
}

void Forwarder::make_room() {
  while (status_.waiting > settings_.capacity && !waiting_.empty()) {
    if (settings_.when_full == WhenFull::drop_oldest) {
      const Item item = std::move(waiting_.front());
      waiting_.pop_front();
      drop(item);
    } else {
      const Item item = std::move(waiting_.back());
      waiting_.pop_back();
      drop(item);
    }
  }
}

void Forwarder::drop(const Item& item) {
  const std::size_t samples = samples_of(item.batch);
  status_.waiting -= samples;
  status_.dropped += samples;
}

io::Task<void> Forwarder::run() {
  while (!given_up_) {
    if (waiting_.empty()) {
      if (stopping_) break;
      co_await wake_.wait();
      continue;
    }
    // In hand: it is not among those that may have to make room, and still counts as waiting.
    Item item = std::move(waiting_.front());
    waiting_.pop_front();
    for (;;) {
      const Result<void> result = co_await attempt(item);
      take_result(item, result);
      if (result || result.error().kind == ErrorKind::rejected) break;
      if (stopping_) {
        given_up_ = true;
        drop(item);
        break;
      }
      co_await pause();
    }
  }
  disarm();
  for (const Item& item : waiting_)
    drop(item);
  waiting_.clear();
}

io::Task<Result<void>> Forwarder::attempt(const Item& item) {
  if (item.catalog != announced_) {
    auto announced = co_await connector_->announce(item.catalog);
    if (!announced) co_return announced;
    announced_ = item.catalog;
  }
  auto delivered = co_await connector_->deliver(item.batch);
  if (!delivered && delivered.error().kind != ErrorKind::rejected) announced_.reset();
  co_return delivered;
}

void Forwarder::take_result(const Item& item, const Result<void>& result) {
  const std::size_t samples = samples_of(item.batch);
  if (result) {
    back_off_.succeeded();
    status_.waiting -= samples;
    status_.samples += samples;
    ++status_.batches;
    return say({});
  }
  ++status_.failures;
  if (result.error().kind == ErrorKind::rejected) {
    back_off_.succeeded();  // the road is well
    status_.waiting -= samples;
    status_.rejected += samples;
  } else {
    back_off_.failed(surroundings_.executor.now(), surroundings_.random.unit());
  }
  say(result.error());
}

// Once when it begins or changes, and once when it is over.
void Forwarder::say(const std::optional<Error>& trouble) {
  if (trouble && trouble != status_.trouble) {
    surroundings_.log.warning("output {}: {}{}{}", settings_.name, trouble->message,
                              trouble->remedy.empty() ? "" : "; ", trouble->remedy);
  }
  if (!trouble && status_.trouble) {
    surroundings_.log.info("output {}: all is well again, {} samples dropped so far", settings_.name,
                           status_.dropped);
  }
  status_.trouble = trouble;
}

ForwarderStatus Forwarder::status() const {
  ForwarderStatus status = status_;
  status.filled = connector_->filled();
  return status;
}

io::Task<void> Forwarder::pause() {
  while (!stopping_ && surroundings_.executor.now() < back_off_.retry_at())
    co_await wake_.wait_until(back_off_.retry_at());
}

void Forwarder::stop() {
  if (std::exchange(stopping_, true)) return;
  surroundings_.executor.arm(*this, surroundings_.executor.now() + settings_.grace);
  wake_.set();
}

void Forwarder::on_timer() {
  given_up_ = true;
  connector_->close();
}

}  // namespace iw::connectors

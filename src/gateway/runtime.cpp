#include "gateway/runtime.hpp"

#include <csignal>

namespace iw::gateway {

Runtime::Runtime(Log& log)
    : log_(log),
      core_(&log),
      signals_(core_, [this](int number) { on_signal(number); }),
      field_(std::make_unique<io::posix::LoopThread>("field", &log)) {}

Runtime::~Runtime() {
  field_.reset();  // nothing of the field runs any more; then what lived on it goes
  gateway_.reset();
}

Gateway& Runtime::start(std::unique_ptr<LoadedConfig> config) {
  gateway_ =
      std::make_unique<Gateway>(std::move(config), Gateway::Surroundings{.core = core_,
                                                                         .field_network = field_->network(),
                                                                         .random = random_,
                                                                         .files = field_files_,
                                                                         .log = log_});
  gateway_->start();
  return *gateway_;
}

void Runtime::run() { core_.run(); }

void Runtime::stop() {
  if (std::exchange(stopping_, true)) return;
  gateway_->stop([this] { core_.stop(); });
}

void Runtime::on_signal(int number) {
  if (number == SIGHUP) {
    if (reload_) reload_();
  } else if (stopping_) {
    core_.stop();  // asked twice: at once
  } else {
    stop();
  }
}

}  // namespace iw::gateway

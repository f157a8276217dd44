#include "gateway/commands/serve_bms.hpp"

namespace iw::gateway {
namespace {

constexpr Duration look_every = 1s;

}  // namespace

ServedBms::ServedBms(Runtime& runtime, Gateway& gateway, Log& log)
    : runtime_(runtime), gateway_(gateway), log_(log) {
  on_timer();
}

void ServedBms::on_timer() {
  if (reloads_ != gateway_.reloads()) apply();
  runtime_.core().arm(*this, runtime_.core().now() + look_every);
}

void ServedBms::apply() {
  reloads_ = gateway_.reloads();
  config::Findings findings;  // which stopped a configuration with mistakes before
  const auto section = read_bacnet_server(gateway_.config(), runtime_.files(), findings);
  if (!service_) {
    if (!section) return;
    thread_ = std::make_unique<io::posix::LoopThread>("bacnet", &log_);
    service_ = std::make_unique<bms::Service>(bms::Service::Around{.gateway = gateway_,
                                                                   .core = runtime_.core(),
                                                                   .network = thread_->network(),
                                                                   .blocking = runtime_.answering(),
                                                                   .files = runtime_.answering_files(),
                                                                   .log = log_,
                                                                   .version = IW_VERSION});
  }
  service_->apply(section);
}

void ServedBms::stop(std::move_only_function<void()> stopped) {
  disarm();
  if (!service_) return stopped();
  service_->stop(std::move(stopped));
}

}  // namespace iw::gateway

#include "commissioning/bacnet_link.hpp"

#include <algorithm>
#include <array>

#include "io/sleep.hpp"

namespace iw::commissioning {

BacnetLink::BacnetLink(io::Network& network, Duration timeout, bacnet::IpAddress broadcast)
    : network_(network), tasks_(network.executor()) {
  settings_.link.broadcast = broadcast;
  settings_.session.timeout = timeout;
}

BacnetLink::~BacnetLink() = default;

Result<std::string> BacnetLink::open() {
  std::string note;
  bacnet::ClientOwner& self = *this;
  client_ = std::make_unique<bacnet::Client>(settings_, network_, self);
  auto opened = client_->open();
  if (!opened && opened.error().kind == ErrorKind::busy) {
    note = " (47808 is in use: devices that answer by broadcast are not heard)";
    settings_.bind.port = 0;
    client_ = std::make_unique<bacnet::Client>(settings_, network_, self);
    opened = client_->open();
  }
  if (!opened) return fail(std::move(opened).error());
  tasks_.spawn(client_->run());
  return fmt::format("UDP {}{}", client_->local().port, note);
}

io::Task<void> BacnetLink::close() {
  if (!client_) co_return;
  client_->close();
  co_await tasks_.join();
}

void BacnetLink::heard(const bacnet::Address& from, const bacnet::UnconfirmedRequest& request,
                       Instant /*now*/) {
  if (request.service != bacnet::UnconfirmedService::i_am) return;
  const auto message = bacnet::IAm::decode(request.data);
  if (!message) return;
  const auto [begin, end] = found_.equal_range(message->instance);
  const bool known = std::any_of(begin, end, [&](const auto& f) { return f.second.address == from; });
  if (!known) found_.emplace(message->instance, Found{.address = from, .message = *message});
}

io::Task<void> BacnetLink::look_for(bacnet::Address to, std::optional<bacnet::InstanceRange> range,
                                    Duration time) {
  std::array<std::byte, 16> buffer;
  bacnet::ParameterWriter out(buffer);
  bacnet::WhoIs{range}.encode(out);
  client_->tell(to, bacnet::UnconfirmedService::who_is, out.written());
  co_await io::sleep_for(network_.executor(), time);
}

io::Task<void> BacnetLink::look_around(std::optional<bacnet::IpAddress> host,
                                       std::optional<bacnet::InstanceRange> range, Duration time) {
  co_await look_for(bacnet::global_broadcast, range, time);
  if (!host || !found_.empty()) co_return;
  const bacnet::Address there{.network = bacnet::local_network, .mac = bacnet::to_mac(*host)};
  co_await look_for(there, range, settings_.session.timeout);
}

io::Task<Result<bacnet::Binding>> BacnetLink::find(bacnet::DeviceUrl url) {
  if (url.station && url.host)
    client_->network_layer().learn(url.station->network, bacnet::to_mac(*url.host));
  if (const auto address = url.address()) {
    auto limits = co_await bacnet::confirm_device(*client_, *address, *url.instance);
    if (!limits) co_return fail(std::move(limits).error());
    co_return bacnet::Binding{.address = *address, .limits = *limits};
  }
  const bacnet::InstanceRange range{.low = *url.instance, .high = *url.instance};
  for (int turn = 0; turn < 3 && !found_.contains(*url.instance); ++turn)
    co_await look_for(bacnet::global_broadcast, range, 1s);
  const auto found = found_.find(*url.instance);
  if (found == found_.end()) {
    co_return fail(ErrorKind::timeout, fmt::format("no device {} answered to Who-Is", *url.instance),
                   "is it on this network? else give its address: bacnet://192.0.2.20?device=1234");
  }
  const bacnet::IAm& message = found->second.message;
  co_return bacnet::Binding{
      .address = found->second.address,
      .limits = {.max_apdu = static_cast<std::uint16_t>(
                     std::min<std::uint32_t>(message.max_apdu, bacnet::max_apdu_ip)),
                 .receives_segments = message.segmentation == bacnet::Segmentation::both ||
                                      message.segmentation == bacnet::Segmentation::receive}};
}

}  // namespace iw::commissioning

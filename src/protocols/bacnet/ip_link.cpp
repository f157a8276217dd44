#include "protocols/bacnet/ip_link.hpp"

#include <fmt/format.h>

namespace iw::bacnet {
namespace {

constexpr Duration try_again_after = 10s;

}  // namespace

std::optional<OutgoingDatagram> IpLink::wrap(const Mac& to, Bytes npdu) {
  if (npdu.size() > max_ip_npdu) return std::nullopt;
  Writer out(buffer_);
  if (!to.empty()) {
    const auto ip = to_ip(to);
    if (!ip) return std::nullopt;
    write_bvlc(out, OriginalUnicastNpdu{npdu});
    return OutgoingDatagram{.to = *ip, .bytes = out.written()};
  }
  if (settings_.foreign) {
    write_bvlc(out, DistributeBroadcastToNetwork{npdu});
    return OutgoingDatagram{.to = settings_.foreign->bbmd, .bytes = out.written()};
  }
  write_bvlc(out, OriginalBroadcastNpdu{npdu});
  return OutgoingDatagram{.to = settings_.broadcast, .bytes = out.written()};
}

std::optional<IncomingNpdu> IpLink::received(const IpAddress& from, Bytes datagram, Instant now) {
  const auto message = decode_bvlc(datagram);
  if (!message) return std::nullopt;
  if (const auto* unicast = std::get_if<OriginalUnicastNpdu>(&*message))
    return IncomingNpdu{.source = to_mac(from), .broadcast = false, .npdu = unicast->npdu};
  if (const auto* broadcast = std::get_if<OriginalBroadcastNpdu>(&*message))
    return IncomingNpdu{.source = to_mac(from), .broadcast = true, .npdu = broadcast->npdu};
  if (const auto* forwarded = std::get_if<ForwardedNpdu>(&*message))
    return IncomingNpdu{.source = to_mac(forwarded->origin), .broadcast = true, .npdu = forwarded->npdu};

  const auto* result = std::get_if<BvlcResult>(&*message);
  if (result == nullptr || !settings_.foreign || from != settings_.foreign->bbmd) return std::nullopt;
  if (result->code == BvlcResultCode::successful) {
    if (!waiting_) return std::nullopt;
    waiting_ = false;
    complaint_.clear();
    registered_until_ = now + settings_.foreign->time_to_live;
    register_at_ = now + settings_.foreign->time_to_live / 2;
  } else if (result->code == BvlcResultCode::register_foreign_device_nak) {
    waiting_ = false;
    registered_until_ = Instant::min();
    register_at_ = now + try_again_after;
    complaint_ =
        fmt::format("the BBMD {} does not take us as a foreign device", to_string(settings_.foreign->bbmd));
  } else if (result->code == BvlcResultCode::distribute_broadcast_to_network_nak) {
    // It forgot us, after a restart for instance.
    registered_until_ = Instant::min();
    register_at_ = now;
  }
  return std::nullopt;
}

std::optional<OutgoingDatagram> IpLink::upkeep(Instant now) {
  if (!settings_.foreign || now < register_at_) return std::nullopt;
  if (waiting_) complaint_ = fmt::format("the BBMD {} does not answer", to_string(settings_.foreign->bbmd));
  waiting_ = true;
  register_at_ = now + try_again_after;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings_.foreign->time_to_live);
  Writer out(buffer_);
  write_bvlc(out, RegisterForeignDevice{static_cast<std::uint16_t>(seconds.count())});
  return OutgoingDatagram{.to = settings_.foreign->bbmd, .bytes = out.written()};
}

Instant IpLink::next_upkeep() const { return settings_.foreign ? register_at_ : never; }

bool IpLink::can_broadcast(Instant now) const { return !settings_.foreign || now < registered_until_; }

}  // namespace iw::bacnet

#include "protocols/bacnet/network_layer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/overloaded.hpp"

namespace iw::bacnet {
namespace {

constexpr Duration busy_at_most = 30s;  // 6.6.3.6
constexpr Duration ask_again_after = 30s;

}  // namespace

std::optional<OutgoingNpdu> NetworkLayer::wrap(const Address& to, Bytes apdu, bool expecting_reply,
                                               Instant now) {
  Npdu npdu{.expecting_reply = expecting_reply, .payload = apdu};
  Mac link = to.mac;
  const bool remote = to.network != local_network && to.network != local_number_;
  if (remote || to.network == every_network) {
    npdu.destination = to;
    link = {};
    if (to.network != every_network) {
      const auto router = router_to(to.network);
      if (!router) {
        ask_for(to.network, now);
        return std::nullopt;
      }
      link = *router;
    }
  }
  Writer out(buffer_);
  write_npdu(out, npdu);
  return OutgoingNpdu{.to = link, .npdu = out.written()};
}

std::variant<std::monostate, IncomingApdu, NetworkRejected> NetworkLayer::received(const Mac& from,
                                                                                   Bytes bytes, Instant now) {
  const auto npdu = decode_npdu(bytes);
  if (!npdu) return {};
  if (npdu->source) learn(npdu->source->network, from);
  // For another network: we are no router.
  const auto& destination = npdu->destination;
  if (destination && destination->network != every_network) return {};
  if (npdu->message) {
    const auto message = decode_network_message(*npdu);
    if (!message) return {};
    if (const auto* reject = std::get_if<RejectMessageToNetwork>(&*message)) {
      if (reject->reason == RejectMessageReason::no_route) routes_.erase(reject->network);
      return NetworkRejected{.network = reject->network, .reason = reject->reason};
    }
    handle(*message, from, now);
    return {};
  }
  return IncomingApdu{.source = npdu->source.value_or(Address{.network = local_network, .mac = from}),
                      .expecting_reply = npdu->expecting_reply,
                      .broadcast = destination.has_value(),
                      .apdu = npdu->payload};
}

void NetworkLayer::handle(const NetworkMessage& message, const Mac& from, Instant now) {
  const auto set_busy = [&](const std::vector<std::uint16_t>& networks, Instant until) {
    for (auto& [network, route] : routes_) {
      const bool meant =
          networks.empty() ? route.router == from : std::ranges::find(networks, network) != networks.end();
      if (meant) route.busy_until = until;
    }
  };
  std::visit(overloaded{[&](const IAmRouterToNetwork& m) {
                          for (const std::uint16_t network : m.networks)
                            learn(network, from);
                        },
                        [&](const RouterBusyToNetwork& m) { set_busy(m.networks, now + busy_at_most); },
                        [&](const RouterAvailableToNetwork& m) { set_busy(m.networks, Instant{}); },
                        [&](const NetworkNumberIs& m) {
                          if (m.network != every_network) local_number_ = m.network;
                        },
                        [](const auto&) {}},
             message);
}

void NetworkLayer::learn(std::uint16_t network, const Mac& router) {
  if (network == local_network || network == every_network) return;
  routes_[network].router = router;
}

void NetworkLayer::ask_for(std::uint16_t network, Instant now) {
  Route& route = routes_[network];
  if (route.asked != Instant::min() && now - route.asked < ask_again_after) return;
  route.asked = now;
  questions_.emplace_back(WhoIsRouterToNetwork{network});
}

void NetworkLayer::look_around() {
  questions_.emplace_back(WhoIsRouterToNetwork{});
  questions_.emplace_back(WhatIsNetworkNumber{});
}

std::optional<OutgoingNpdu> NetworkLayer::next_to_send() {
  if (questions_.empty()) return std::nullopt;
  const NetworkMessage message = std::move(questions_.back());
  questions_.pop_back();
  std::array<std::byte, 8> data;
  Writer payload(data);
  write_network_message(payload, message);
  Writer out(buffer_);
  write_npdu(out, {.message = type_of(message), .payload = payload.written()});
  return OutgoingNpdu{.to = {}, .npdu = out.written()};
}

std::optional<Instant> NetworkLayer::busy_until(std::uint16_t network, Instant now) const {
  const auto route = routes_.find(network);
  if (route == routes_.end() || route->second.busy_until <= now) return std::nullopt;
  return route->second.busy_until;
}

std::optional<Mac> NetworkLayer::router_to(std::uint16_t network) const {
  const auto route = routes_.find(network);
  if (route == routes_.end() || route->second.router.empty()) return std::nullopt;
  return route->second.router;
}

}  // namespace iw::bacnet

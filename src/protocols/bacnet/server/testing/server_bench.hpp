// A server and a client, each on a machine of its own, in the simulated world.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/world/world.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/server/server.hpp"
#include "protocols/bacnet/server/testing/served_plant.hpp"

namespace iw::bacnet::server::testing {

// What a client hears, and how it answers notifications.
struct Listener final : ClientOwner {
  Instant work(Instant /*now*/) override { return never; }
  void heard(const Address& from, const UnconfirmedRequest& request, Instant /*now*/) override {
    if (request.service == UnconfirmedService::i_am) {
      announced.push_back(IAm::decode(request.data).value());
      server = from;
    }
    if (request.service == UnconfirmedService::i_have) ++have;
    if (request.service == UnconfirmedService::unconfirmed_cov_notification) take(request.data);
    if (request.service == UnconfirmedService::unconfirmed_event_notification) take_event(request.data);
    if (request.service == UnconfirmedService::who_is) ++asked_for;
  }
  std::optional<Apdu> asked(const Address& /*from*/, const ConfirmedRequest& request,
                            Instant /*now*/) override {
    if (request.service == ConfirmedService::confirmed_event_notification) {
      take_event(request.data);
    } else if (request.service == ConfirmedService::confirmed_cov_notification) {
      take(request.data);
    } else {
      return std::nullopt;
    }
    return SimpleAck{.invoke_id = request.invoke_id, .service = request.service};
  }
  void take_event(Bytes data) {
    const auto event = EventNotification::decode(data).value();
    events.push_back({event.object, event.to_state, event.notify_type});
    stamp.assign(event.time_stamp.begin(), event.time_stamp.end());
  }
  void take(Bytes data) {
    const auto notification = CovNotification::decode(data).value();
    notified.insert(notification.process);
    last = to_hex(notification.values);
  }

  std::vector<IAm> announced;
  std::multiset<std::uint32_t> notified;  // processes
  std::string last;
  struct Event {
    ObjectId object;
    EventState state;
    NotifyType type;
    friend bool operator==(const Event&, const Event&) = default;
  };
  std::vector<Event> events;
  std::vector<std::byte> stamp;  // of the last one
  std::size_t have = 0;
  std::size_t asked_for = 0;
  Address server;
};

struct ServerBench : ServedPlant {
  explicit ServerBench(ServerSettings more = {}) : settings(std::move(more)) {
    if (settings.allow.empty()) settings.allow = {{.host = {0, 0, 0, 0}, .prefix = 0}};
    if (settings.write.empty()) settings.write = settings.allow;
    server.emplace(device, plant, settings, node.network());
    REQUIRE(client.open());
    tasks.spawn(client.run());
    REQUIRE(server->open());
    tasks.spawn(server->run());
    world.run_for(100ms);
  }
  ~ServerBench() {
    server->close();
    client.close();
    CHECK(world.run_until_holds([&] { return tasks.running() == 0; }, 60s));
  }

  using Reply = Result<std::vector<std::byte>>;
  Reply ask(ConfirmedService service, Bytes parameters, PeerLimits limits = {}) {
    std::optional<Reply> reply;
    auto task = [](Client& c, Binding to, ConfirmedService s, std::vector<std::byte> data,
                   std::optional<Reply>& out) -> io::Task<void> { out = co_await c.ask(to, s, data); };
    tasks.spawn(task(client, {.address = address(), .limits = limits}, service,
                     {parameters.begin(), parameters.end()}, reply));
    CHECK(world.run_until_holds([&] { return reply.has_value(); }, 60s));
    return reply.value_or(fail(ErrorKind::timeout, "nothing came"));
  }
  [[nodiscard]] Address address() const {
    return {.network = local_network, .mac = to_mac(parse_ip(node.address()).value())};
  }
  [[nodiscard]] Address client_address() const {
    return {.network = local_network, .mac = to_mac(parse_ip(bms.address()).value())};
  }
  template <class Service>
  Reply ask(ConfirmedService service, const Service& message) {
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    return ask(service, out.written());
  }
  Reply read(ObjectId object, PropertyReference property = {}) {
    return ask(ConfirmedService::read_property, ReadProperty{.object = object, .property = property});
  }
  template <class Service>
  void tell(UnconfirmedService service, const Service& message, const Address& to = global_broadcast) {
    std::array<std::byte, 256> buffer;
    ParameterWriter out(buffer);
    message.encode(out);
    client.tell(to, service, out.written());
  }
  void alarm(EventState state) {
    input->set_condition({.event = state});
    server->look(*input, "too much");
  }
  void show(float value) {
    input->set(PropertyId::present_value, value);
    server->changed(*input);
  }

  io::world::World world{1};
  io::world::Node& node = world.add_node("plant");
  io::world::Node& bms = world.add_node("bms");
  io::TaskGroup tasks{node.network().executor()};
  Listener listener;
  Client client{{}, bms.network(), listener};
  ServerSettings settings;
  std::optional<Server> server;
};

}  // namespace iw::bacnet::server::testing

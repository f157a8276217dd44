// A device of ours under any datagrams, one after the other: what it says is always BACnet, not longer than
// an APDU may be, and what it serves stays within its ranges. Input: for each datagram a length in two
// octets, then its APDU; the lengths' highest bit lets a second pass.
#include <array>

#include "fuzzing.hpp"
#include "protocols/bacnet/server/services.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using iw::fuzzing::require;

namespace {

struct TakingPlant final : Plant {
  void command(const Command& /*command*/, Done done) override { done(std::nullopt); }
};

class Served {
 public:
  Served() {
    add(analog_object(ObjectType::analog_input, {.instance = 7, .name = "power"},
                      {.units = 48, .cov_increment = 1}));
    add(analog_object(ObjectType::analog_output, {.instance = 1, .name = "damper"},
                      {.units = 98, .minimum = 0, .maximum = 100, .relinquish_default = 20.0F}));
    add(binary_object(ObjectType::binary_output, {.instance = 1, .name = "fan"},
                      {.relinquish_default = false}));
    add(multi_state_object(ObjectType::multi_state_value, {.instance = 1, .name = "mode"},
                           {.states = {"off", "auto", "on"}, .relinquish_default = 1}));
    add(network_port_object({}));
    Object& power = *device_.find({ObjectType::analog_input, 7});
    services_.reporting()->enroll(power, {.high = 10, .limits = {false, true}});
    power.set_condition({.event = EventState::high_limit});
    services_.reporting()->look(power, "too much", WallTime{});
  }

  void take(Bytes apdu) {
    const auto decoded = decode_apdu(apdu);
    if (!decoded) return;
    if (const auto* unconfirmed = std::get_if<UnconfirmedRequest>(&*decoded)) {
      if (const auto told = services_.heard(client_, *unconfirmed, true, now_))
        require(told->data.size() < max_apdu_ip, "what is said fits into an APDU");
      return;
    }
    if (const auto request = responder_.received(client_, *decoded, now_)) {
      if (const auto reply = services_.answer(*request, true, now_))
        responder_.reply(request->caller, *reply, now_);
    }
    drain();
    notify();
  }
  void wait() {
    now_ += 1s;
    responder_.expire(now_);
    services_.subscriptions().expire(now_);
    drain();
    notify();
  }
  void check() const {
    const auto damper = device_.find({ObjectType::analog_output, 1})->value(PropertyId::present_value);
    const double position = number(*damper).value();
    require(position >= 0 && position <= 100, "a command stays within its range");
    require(device_.size() == 7, "objects stay");
  }

 private:
  void add(Object object) { require(device_.add(std::move(object)).has_value(), "an object is added"); }
  void drain() {
    while (const auto out = responder_.next_to_send()) {
      require(out->apdu.size() <= max_apdu_ip, "an APDU is not too long");
      const auto said = decode_apdu(out->apdu);
      require(said.has_value(), "what we say is BACnet");
      require(!std::holds_alternative<ConfirmedRequest>(*said), "an answer is an answer");
    }
  }
  void notify() {
    const auto find = [this](ObjectId id) { return device_.find(id); };
    while (const auto* due = services_.subscriptions().next_due(find, now_)) {
      std::array<std::byte, max_apdu_ip> buffer;
      ParameterWriter out(buffer);
      write_notified_values(out, *due, *device_.find(due->object));
      require(out.ok(), "a notification fits");
    }
    while (const auto event = services_.reporting()->next_to_send()) {
      require(event->data.size() < max_apdu_ip, "an event notification fits");
      require(EventNotification::decode(event->data).has_value(), "an event notification is one");
    }
  }

  const Address client_{.network = local_network, .mac = to_mac({.host = {10, 0, 0, 9}})};
  Instant now_{};
  TakingPlant plant_;
  Device device_{{.instance = 1234, .name = "plant", .writable = true}};
  Responder responder_;
  Services services_{
      device_,
      plant_,
      {.reporting = ReportingSettings{.recipients = {Destination{.recipient = client_}}},
       .password = "quiet",
       .subscriptions = {.most = 8},
       .longest_answer = 1U << 13},
      {.later = [this](const Caller& caller, const Reply& reply) { responder_.reply(caller, reply, now_); },
       .changed = [this](const Object& object) { services_.subscriptions().changed(object, now_); },
       .wall_now = [] { return WallTime{}; }}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Served served;
  Reader in(std::as_bytes(std::span(data, size)));
  while (in.remaining() >= 2) {
    const std::uint16_t head = in.u16be();
    if ((head & 0x8000U) != 0) served.wait();
    const std::size_t length = std::min<std::size_t>(head & 0x7FFU, in.remaining());
    served.take(iw::fuzzing::copied(in.bytes(length)));
  }
  served.check();
  return 0;
}

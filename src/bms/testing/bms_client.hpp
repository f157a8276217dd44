// BmsClient: a building management system on a machine of its own in a simulated world, that asks our device.
//
//   BmsClient client(world, device_node);
//   client.write(object, 2000.0F, 8);
//   client.end();                        // before the world does
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/task_group.hpp"
#include "io/world/world.hpp"
#include "protocols/bacnet/client.hpp"
#include "protocols/bacnet/read_services.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bms::testing {

class BmsClient {
 public:
  using Reply = Result<std::vector<std::byte>>;

  BmsClient(io::world::World& world, const io::world::Node& device)
      : world_(world), device_(device), node_(world.add_node("bms")) {
    REQUIRE(client_.open());
    tasks_.spawn(client_.run());
  }

  void end() {
    client_.close();
    CHECK(world_.run_until_holds([&] { return tasks_.running() == 0; }, 60s));
  }

  template <class Service>
  Reply ask(bacnet::ConfirmedService service, const Service& message) {
    std::array<std::byte, 256> buffer;
    bacnet::ParameterWriter out(buffer);
    message.encode(out);
    std::optional<Reply> reply;
    auto task = [](bacnet::Client& c, bacnet::Binding to, bacnet::ConfirmedService s,
                   std::vector<std::byte> data,
                   std::optional<Reply>& result) -> io::Task<void> { result = co_await c.ask(to, s, data); };
    const bacnet::Address there{.mac = to_mac(bacnet::parse_ip(device_.address()).value())};
    tasks_.spawn(task(client_, {.address = there, .limits = {}}, service,
                      {out.written().begin(), out.written().end()}, reply));
    CHECK(world_.run_until_holds([&] { return reply.has_value(); }, 60s));
    return *reply;
  }

  // The encoded value.
  Reply read_encoded(bacnet::ObjectId object, bacnet::PropertyId property) {
    const auto reply = ask(bacnet::ConfirmedService::read_property,
                           bacnet::ReadProperty{.object = object, .property = {property}});
    if (!reply) return reply;
    const Bytes value = bacnet::ReadPropertyAck::decode(*reply)->value;
    return std::vector<std::byte>(value.begin(), value.end());
  }
  // None: there was no answer, or no number.
  std::optional<double> read(bacnet::ObjectId object,
                             bacnet::PropertyId property = bacnet::PropertyId::present_value) {
    const auto value = read_encoded(object, property);
    if (!value) return std::nullopt;
    bacnet::ParameterReader in(*value);
    return number(in.value());
  }
  Reply write(bacnet::ObjectId object, const bacnet::Value& value, std::uint8_t priority) {
    const auto bytes = bacnet::encoded(value);
    return ask(bacnet::ConfirmedService::write_property,
               bacnet::WriteProperty{.object = object, .value = bytes, .priority = priority});
  }
  // By its name, in the list of objects.
  std::optional<bacnet::ObjectId> find(std::uint32_t device, std::string_view name) {
    const auto list = read_encoded(bacnet::device_object(device), bacnet::PropertyId::object_list);
    if (!list) return std::nullopt;
    for (bacnet::ParameterReader in(*list); in.more();) {
      const auto object = in.application<bacnet::ObjectId>();
      const auto text = read_encoded(object, bacnet::PropertyId::object_name);
      if (!text) continue;
      bacnet::ParameterReader value(*text);
      if (value.application<bacnet::CharacterString>().text() == name) return object;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string address() const { return node_.address() + ":47808"; }

 private:
  // Speaks only when it asks.
  struct Owner final : bacnet::ClientOwner {
    Instant work(Instant /*now*/) override { return never; }
    void heard(const bacnet::Address& /*from*/, const bacnet::UnconfirmedRequest& /*request*/,
               Instant /*now*/) override {}
    std::optional<bacnet::Apdu> asked(const bacnet::Address& /*from*/,
                                      const bacnet::ConfirmedRequest& /*request*/, Instant /*now*/) override {
      return std::nullopt;
    }
  };

  io::world::World& world_;
  const io::world::Node& device_;
  io::world::Node& node_;
  Owner owner_;
  bacnet::Client client_{{}, node_.network(), owner_};
  io::TaskGroup tasks_{node_.executor()};
};

}  // namespace iw::bms::testing

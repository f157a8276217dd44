// What is done tens of thousands of times a second allocates nothing: neither where a ReadProperty is
// answered, nor where the answer is taken apart.
#include <array>
#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

#include "protocols/bacnet/server/services.hpp"
#include "protocols/bacnet/server/testing/served_plant.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;

namespace {

std::size_t allocations = 0;

}  // namespace

// Counts what is allocated.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t /*size*/) noexcept { std::free(p); }

namespace {

const Address bms{.network = local_network, .mac = to_mac({.host = {10, 0, 0, 9}})};

// Datagram in, datagram out, and the number in it.
struct Bench : ServedPlant {
  double ask(Bytes apdu) {
    const auto request = responder.received(bms, decode_apdu(apdu).value(), Instant{});
    const auto reply = services.answer(*request, true, Instant{});
    responder.reply(request->caller, *reply, Instant{});
    double last = 0;
    while (const auto out = responder.next_to_send()) {
      const Apdu taken = decode_apdu(out->apdu).value();
      const auto& ack = std::get<ComplexAck>(taken);
      if (ack.service == ConfirmedService::read_property) {
        ParameterReader in(ReadPropertyAck::decode(ack.data)->value);
        last = number(in.value()).value();
      } else {
        ReadResultReader results(ack.data);
        while (const auto result = results.next()) {
          ParameterReader in(result->value);
          last = number(in.value()).value();
        }
      }
    }
    return last;
  }

  Responder responder;
  Services services{
      device, plant, {}, {.later = [](const auto&, const auto&) {}, .changed = [](const auto&) {}}};
};

}  // namespace

TEST_CASE("to answer and to take apart a ReadProperty allocates nothing") {
  Bench b;
  const auto one = parse_hex("02 75 07 0C 0C 00 00 00 07 19 55").value();
  const auto many =
      parse_hex("02 75 08 0E 0C 00 00 00 07 1E 09 55 1F 0C 00 40 00 01 1E 09 55 09 41 1F").value();
  b.ask(one);
  b.ask(many);
  const std::size_t before = allocations;
  double sum = 0;
  for (int i = 0; i < 100; ++i)
    sum += b.ask(one) + b.ask(many);
  const std::size_t counted = allocations - before;
  CHECK(counted == 0);
  CHECK(sum == doctest::Approx(100 * (5.5 + 100)));
}

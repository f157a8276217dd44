#include "protocols/bacnet/destination.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

// Every day at any time, 127.0.0.1:47808 on our own network, process 7, unconfirmed, all transitions; as
// BACpypes3 writes it.
constexpr std::string_view address =
    "82 01 FE B4 00 00 00 00 B4 17 3B 3B 63 1E 21 00 65 06 7F 00 00 01 BA C0 1F "
    "21 07 10 82 05 E0";
// Device 999, Monday to Friday from 8 to 17, confirmed, to-offnormal only.
constexpr std::string_view device = "82 01 F8 B4 08 00 00 00 B4 11 00 00 00 0C 02 00 03 E7 21 01 11 82 05 80";

DateTime at(std::uint8_t weekday, std::uint8_t hour) {
  return {.date = {.year = 126, .month = 11, .day = 28, .weekday = weekday},
          .time = {.hour = hour, .minute = 0, .second = 0, .hundredths = 0}};
}

}  // namespace

TEST_CASE("who hears of events is read and written as clause 21 says") {
  const auto both = parse_hex(std::string(address) + " " + std::string(device)).value();
  const auto all = decode_destinations(both);
  REQUIRE(all.has_value());
  REQUIRE(all->size() == 2);
  CHECK(std::get<Address>((*all)[0].recipient).mac == to_mac({.host = {127, 0, 0, 1}}));
  CHECK((*all)[0].process == 7);
  CHECK_FALSE((*all)[0].confirmed);
  CHECK(std::get<ObjectId>((*all)[1].recipient) == device_object(999));
  CHECK((*all)[1].confirmed);
  CHECK(encoded(*all) == both);
  CHECK(to_string(*all) == "127.0.0.1:47808 process 7, device 999 process 1");
  CHECK(to_string(std::vector<Destination>{}) == "nobody");
  CHECK(decode_destinations({})->empty());
}

TEST_CASE("who hears of events is not taken from fewer bytes than there have to be") {
  for (const std::string_view text : {address, device}) {
    const auto whole = parse_hex(text).value();
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(decode_destinations(Bytes(whole).first(size)).has_value());
    }
  }
}

TEST_CASE("nobody hears of events outside of his days and hours, or of transitions that he does not want") {
  const Destination one = decode_destinations(parse_hex(device).value())->front();
  CHECK(one.wants(Transition::to_offnormal, at(1, 12)));
  CHECK_FALSE(one.wants(Transition::to_normal, at(1, 12)));
  CHECK_FALSE(one.wants(Transition::to_offnormal, at(6, 12)));
  CHECK_FALSE(one.wants(Transition::to_offnormal, at(1, 7)));
  CHECK_FALSE(one.wants(Transition::to_offnormal, at(1, 18)));
}

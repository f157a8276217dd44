#include "protocols/bacnet/server/deeds.hpp"

#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bacnet;
using server::in_words;

namespace {

std::string written(std::string_view value, PropertyReference property = {},
                    std::optional<std::uint8_t> priority = {}) {
  const auto bytes = parse_hex(value).value();
  return in_words(WriteProperty{.property = property, .value = bytes, .priority = priority});
}

}  // namespace

TEST_CASE("a write is told with property, value and priority") {
  CHECK(written("44 42 5C 00 00", {}, 8) == "present-value 55 at priority 8");
  CHECK(written("00", {}, 16) == "present-value null at priority 16");
  CHECK(written("75 06 00 68 65 6C 6C 6F", {PropertyId::description}) == "description hello");
  CHECK(written("44 42 5C 00 00", {PropertyId::priority_array, 3}) == "priority-array[3] 55");
}

TEST_CASE("what is no single value is so many octets, and a long text is cut") {
  CHECK(written("19 02") == "present-value 2 octets");
  CHECK(written("44 42") == "present-value 2 octets");
  CHECK(written("") == "present-value 0 octets");
  const std::string text(60'000, 'x');
  const auto bytes = encoded(CharacterString::utf8(text));
  CHECK(in_words(WriteProperty{.value = bytes}).size() < 300);
}

TEST_CASE("recipients are told by who they are") {
  const auto one =
      parse_hex("82 01 FE B4 00 00 00 00 B4 17 3B 3B 63 0C 02 00 03 E7 21 03 10 82 05 E0").value();
  const ChangeList change{.property = {PropertyId::recipient_list}, .elements = one};
  CHECK(in_words(change, true) == "recipient-list and device 999 process 3");
  CHECK(in_words(change, false) == "recipient-list without device 999 process 3");
  CHECK(written("", {PropertyId::recipient_list}) == "recipient-list nobody");
}

TEST_CASE("an acknowledgement says of what, since when, by whom") {
  const auto stamp = parse_hex("2E A4 7E 0B 1C 06 B4 0C 00 00 00 2F").value();
  CHECK(in_words(AcknowledgeAlarm{.process = 7,
                                  .state = EventState::high_limit,
                                  .time_stamp = stamp,
                                  .source = CharacterString::utf8("anna"),
                                  .time = {}}) ==
        "high-limit of 2026-11-28 12:00:00.00, seen by 'anna', process 7");
  CHECK(in_words(AcknowledgeAlarm{
            .state = static_cast<EventState>(70), .time_stamp = {}, .source = {}, .time = {}}) ==
        "70 of ?, seen by '', process 0");
}

TEST_CASE("what becomes of communication is told without the password") {
  const auto words = [](CommunicationState state, std::optional<std::uint16_t> minutes) {
    return in_words(DeviceCommunicationControl{
        .minutes = minutes, .state = state, .password = CharacterString::utf8("quiet please")});
  };
  CHECK(words(CommunicationState::disable_initiation, 10) == "disable-initiation for 10 minutes");
  CHECK(words(CommunicationState::disable, {}) == "disable");
  CHECK(words(CommunicationState::enable, {}) == "enable");
}

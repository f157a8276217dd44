#include "commissioning/bacnet_words.hpp"

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::commissioning;
using bacnet::PropertyId;

namespace {

bacnet::ReadValue value(std::string_view hex) { return {.property = {}, .value = parse_hex(hex).value()}; }

}  // namespace

TEST_CASE("all elements of a value are shown, what is constructed as such, an error as its words") {
  CHECK(shown(value("44 40 B0 00 00")) == "5.5");
  CHECK(shown(value("00 00 44 40 B0 00 00")) == "null, null, 5.5");
  CHECK(shown(value("2E 44 40 B0 00 00 2F 91 01")) == "{...}, 1");
  CHECK(shown(value("")).empty());
  bacnet::ReadValue refused = value("");
  refused.error = bacnet::BacnetError{bacnet::ErrorClass::property, bacnet::ErrorCode::unknown_property};
  CHECK(shown(refused) == "property: unknown-property");
}

TEST_CASE("a value that is cut off is shown as far as it goes") {
  for (const auto* cut : {"44 40 B0", "75 FF", "2E 44 40 B0 00 00", "91"}) {
    CAPTURE(cut);
    CHECK(shown(value(cut)).size() < 10);
  }
}

TEST_CASE("numbers that mean something are words, others stay numbers") {
  CHECK(in_words(PropertyId::units, value("91 3E")) == "degrees-celsius");
  CHECK(in_words(PropertyId::reliability, value("91 0C")) == "communication-failure");
  CHECK(in_words(PropertyId::event_state, value("91 03")) == "high-limit");
  CHECK(in_words(PropertyId::segmentation_supported, value("91 00")) == "segmented-both");
  CHECK(in_words(PropertyId::system_status, value("91 00")) == "operational");
  CHECK(in_words(PropertyId::reliability, value("92 03 E8")) == "1000");  // a vendor's own
  CHECK(in_words(PropertyId::present_value, value("91 01")) == "1");
  CHECK(in_words(PropertyId::units, value("21 3E")) == "62");  // not enumerated: as it is
}

TEST_CASE("how an accumulator counts is said in words") {
  CHECK(in_words(PropertyId::scale, value("19 FE")) == "0.01");
  CHECK(in_words(PropertyId::prescale, value("09 02 19 0A")) == "2 for 10 pulses");
  CHECK(in_words(PropertyId::prescale, value("09 02")) == "{...}");
}

// Services: parameters as captured, or as the examples of annex F have them; in and out again.
#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/cov_services.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/write_services.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

std::vector<std::byte> hex(std::string_view text) { return parse_hex(text).value(); }

template <class Write>
std::string written(Write write) {
  std::array<std::byte, 2048> buffer;
  ParameterWriter out(buffer);
  write(out);
  REQUIRE(out.ok());
  return to_hex(out.written());
}

template <class Service>
void round_trip(std::string_view text) {
  CAPTURE(text);
  const auto bytes = hex(text);
  const auto decoded = Service::decode(bytes);
  REQUIRE(decoded.has_value());
  CHECK(written([&](ParameterWriter& out) { decoded->encode(out); }) == text);
  // Cut anywhere it is something else, or refused: never more than there is.
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const auto less = Service::decode(cut);
    if (less) CHECK(written([&](ParameterWriter& out) { less->encode(out); }) == to_hex(cut));
  }
  auto longer = bytes;
  longer.push_back(std::byte{0xF8});
  longer.push_back(std::byte{0x7F});
  CHECK_FALSE(Service::decode(longer).has_value());
}

template <class ListReader>
std::size_t count(Bytes data, bool& well_formed) {
  ListReader in(data);
  std::size_t n = 0;
  while (in.next())
    ++n;
  well_formed = in.finished().has_value();
  return n;
}

constexpr ObjectId analog_input_1{ObjectType::analog_input, 1};
constexpr ObjectId analog_output_3{ObjectType::analog_output, 3};

}  // namespace

TEST_CASE("all services round-trip and survive being cut at every byte") {
  round_trip<ReadProperty>("0C 02 00 13 8A 19 4D");
  round_trip<ReadProperty>("0C 00 40 00 03 19 57 29 08");
  round_trip<ReadPropertyAck>("0C 00 00 00 05 19 55 3E 44 42 90 99 9A 3F");
  round_trip<ReadPropertyAck>("0C 00 00 00 05 1A 02 58 29 01 3E 0E 91 01 0F 3F");
  round_trip<ReadRange>("0C 05 00 00 01 19 83");
  round_trip<ReadRange>("0C 05 00 00 01 19 83 3E 21 01 31 0A 3F");
  round_trip<ReadRange>("0C 05 00 00 01 19 83 6E 21 2A 31 F6 6F");
  round_trip<ReadRange>("0C 05 00 00 01 19 83 7E A4 62 03 17 01 B4 13 34 36 00 31 04 7F");
  round_trip<ReadRangeAck>(
      "0C 05 00 00 01 19 83 3A 05 C0 49 01 5E 0E A4 62 03 17 01 B4 13 36 1B 00 0F 1E "
      "2C 41 90 00 00 1F 2A 04 00 5F 6B 01 35 17");
  round_trip<ReadRangeAck>("0C 05 00 00 01 19 83 3A 05 00 49 00 5E 5F");
  round_trip<WriteProperty>("0C 00 80 00 01 19 55 3E 44 43 34 00 00 3F");
  round_trip<WriteProperty>("0C 00 40 00 03 19 55 3E 00 3F 49 08");
  round_trip<WritePropertyMultipleError>("0E 91 02 91 25 0F 1E 0C 00 80 00 06 19 55 1F");
  round_trip<ChangeList>("0C 03 C0 00 01 19 66 3E 21 01 3F");
  round_trip<ChangeListError>("0E 91 02 91 25 0F 19 02");
  round_trip<CreateObject>("0E 09 0A 0F 1E 09 4D 2E 73 00 41 42 2F 09 55 2E 21 01 2F 39 08 1F");
  round_trip<CreateObject>("0E 1C 02 80 00 0D 0F");
  round_trip<CreateObjectAck>("C4 02 80 00 0D");
  round_trip<DeleteObject>("C4 02 C0 00 06");
  round_trip<WhoIs>("");
  round_trip<WhoIs>("09 03 19 03");
  round_trip<IAm>("C4 02 03 F7 A1 22 05 C4 91 03 22 01 04");
  round_trip<WhoHas>("2C 00 00 00 03");
  round_trip<WhoHas>("09 00 1A 03 E8 3D 07 00 4F 41 54 65 6D 70");
  round_trip<IHave>("C4 02 00 00 08 C4 00 00 00 03 75 07 00 4F 41 54 65 6D 70");
  round_trip<TimeSynchronization>("A4 5C 0B 11 02 B4 16 2D 1E 46");
  round_trip<DeviceCommunicationControl>("09 05 19 02 2D 08 00 23 65 67 62 64 66 21");
  round_trip<DeviceCommunicationControl>("19 00");
  round_trip<ReinitializeDevice>("09 01 1D 09 00 41 62 43 64 45 66 47 68");
  round_trip<ReinitializeDevice>("09 07");
  round_trip<PrivateTransfer>("09 19 19 08 2E 44 42 90 CC CD 62 16 49 2F");
  round_trip<PrivateTransfer>("09 19 19 08");
  round_trip<WriteGroup>("09 17 19 08 2E 0A 01 0C 22 04 57 0A 01 0D 19 0A 44 42 86 00 00 2F 39 01");
  round_trip<WhoAmI>("22 01 04 72 00 4D 72 00 31");
  round_trip<YouAre>("22 01 04 72 00 4D 72 00 31 C4 02 00 00 08 61 05");
  round_trip<YouAre>("22 01 04 72 00 4D 72 00 31");
  round_trip<AtomicReadFile>("C4 02 80 00 01 0E 31 00 21 1B 0F");
  round_trip<AtomicReadFile>("C4 02 80 00 02 1E 31 0E 21 03 1F");
  round_trip<AtomicReadFileAck>("10 0E 31 00 63 41 42 43 0F");
  round_trip<AtomicReadFileAck>("11 1E 31 0E 21 02 61 41 61 42 1F");
  round_trip<AtomicWriteFile>("C4 02 80 00 01 0E 31 1E 63 41 42 43 0F");
  round_trip<AtomicWriteFile>("C4 02 80 00 02 1E 31 FF 21 01 61 41 1F");
  round_trip<AtomicWriteFileAck>("09 1E");
  round_trip<AtomicWriteFileAck>("19 0E");
  round_trip<SubscribeCov>("09 12 1C 00 00 00 0A 29 01 39 00");
  round_trip<SubscribeCov>("09 12 1C 00 00 00 0A");
  round_trip<SubscribeCovProperty>("09 12 1C 00 00 00 0A 29 01 39 3C 4E 09 55 4F 5C 3F 80 00 00");
  round_trip<SubscribeCovPropertyMultiple>(
      "09 12 19 01 29 3C 39 05 4E 0C 00 00 00 0A 1E 0E 09 55 0F 1C 3F 80 00 00 29 01 0E 09 6F 0F 29 00 1F "
      "4F");
  round_trip<CovNotification>(
      "09 07 1C 02 03 F7 A1 2C 00 00 00 01 39 3C 4E 09 55 2E 44 00 00 00 00 2F 09 6F "
      "2E 82 04 00 2F 4F");
  round_trip<CovNotificationMultiple>(
      "09 12 1C 02 00 00 04 29 23 3E A4 6F 03 01 FF B4 0F 05 02 00 3F 4E 0C 00 00 00 0A 1E 09 55 2E 44 42 82 "
      "00 00 2F 3C 0F 05 00 00 1F 4F");
  round_trip<EventNotification>(
      "09 01 1C 02 00 00 04 2C 00 00 00 02 3E 19 10 3F 49 04 59 64 69 05 89 00 99 01 "
      "A9 00 B9 03 CE 5E 0C 42 A0 33 33 1A 04 80 2C 3F 80 00 00 3C 42 A0 00 00 5F CF");
  round_trip<EventNotification>(
      "09 01 1C 02 00 00 04 2C 00 00 00 02 3E 0C 0C 00 00 00 3F 49 04 59 64 69 05 "
      "7B 00 48 69 89 02 B9 00");
  round_trip<AcknowledgeAlarm>(
      "09 01 1C 00 00 00 02 29 03 3E 19 10 3F 4C 00 4D 44 4C 5E 2E A4 5C 06 15 FF B4 "
      "0D 03 29 09 2F 5F");
  round_trip<GetEventInformation>("");
  round_trip<GetEventInformation>("0C 00 00 00 02");
  round_trip<GetEventInformationAck>(
      "0E 0C 00 00 00 02 19 03 2A 05 60 3E 0C 0F 23 00 14 0C FF FF FF FF 0C FF FF FF FF 3F 49 00 5A 05 E0 6E "
      "21 0F 21 0F 21 14 6F 0F 19 00");
  round_trip<GetAlarmSummaryAck>("C4 00 00 00 02 91 03 82 05 60 C4 00 00 00 03 91 04 82 05 E0");
  round_trip<GetEnrollmentSummary>("09 02 4E 09 06 19 0A 4F");
  round_trip<GetEnrollmentSummary>("09 00 1E 0E 0C 02 00 00 11 0F 19 09 1F 29 03 39 05 59 02");
  round_trip<GetEnrollmentSummaryAck>(
      "C4 00 00 00 02 91 05 91 03 21 64 21 04 C4 01 40 00 06 91 01 91 00 21 32");
}

TEST_CASE("a relinquish is a Null at its priority") {
  const auto null = encoded(Null{});
  const WriteProperty release{
      .object = analog_output_3, .property = {}, .value = null, .priority = std::uint8_t{8}};
  CHECK(written([&](ParameterWriter& out) { release.encode(out); }) == "0C 00 40 00 03 19 55 3E 00 3F 49 08");
}

TEST_CASE("priorities are 1 to 16") {
  CHECK(WriteProperty::decode(hex("0C 00 40 00 03 19 55 3E 00 3F 49 10")).has_value());
  for (const std::string_view text :
       {"0C 00 40 00 03 19 55 3E 00 3F 49 11", "0C 00 40 00 03 19 55 3E 00 3F 49 00"}) {
    CHECK(WriteProperty::decode(hex(text)).error() == RejectReason::parameter_out_of_range);
  }
}

TEST_CASE("ReadPropertyMultiple asks for all properties of an object at once") {
  const std::array asked{ObjectPropertyReference{analog_input_1, {PropertyId::present_value}},
                         ObjectPropertyReference{analog_input_1, {PropertyId::status_flags}},
                         ObjectPropertyReference{analog_output_3, {PropertyId::priority_array, 8}}};
  const std::string text = written([&](ParameterWriter& out) { write_read_property_multiple(out, asked); });
  CHECK(text == "0C 00 00 00 01 1E 09 55 09 6F 1F 0C 00 40 00 03 1E 09 57 19 08 1F");

  const auto bytes = hex(text);
  ReadAccessReader in(bytes);
  for (const auto& reference : asked)
    CHECK(in.next() == reference);
  CHECK_FALSE(in.next().has_value());
  CHECK(in.finished().has_value());

  // Between two objects it is whole, and inside of one it never is.
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    bool well_formed = false;
    const std::size_t n = count<ReadAccessReader>(Bytes(bytes).first(size), well_formed);
    CHECK(n <= asked.size());
    CHECK(well_formed == (size == 0 || size == 11));
  }
  bool well_formed = true;
  CHECK(count<ReadAccessReader>(hex("0C 00 00 00 01 1E 1F"), well_formed) == 0);
  CHECK_FALSE(well_formed);
}

TEST_CASE("ReadPropertyMultiple is answered item by item, values and errors mixed") {
  const auto value = hex("44 41 AC 00 00");
  const auto null = hex("00");
  const std::array results{
      ReadResult{.object = analog_input_1, .property = {PropertyId::present_value}, .value = value},
      ReadResult{.object = analog_input_1,
                 .property = {PropertyId::reliability},
                 .error = BacnetError{ErrorClass::property, ErrorCode::unknown_property}},
      ReadResult{.object = analog_output_3, .property = {PropertyId::priority_array, 8}, .value = null}};
  const std::string text = written([&](ParameterWriter& out) {
    ReadResultWriter list(out);
    for (const auto& result : results)
      list.put(result);
    list.finish();
  });
  CHECK(text ==
        "0C 00 00 00 01 1E 29 55 4E 44 41 AC 00 00 4F 29 67 5E 91 02 91 20 5F 1F "
        "0C 00 40 00 03 1E 29 57 39 08 4E 00 4F 1F");

  const auto bytes = hex(text);
  ReadResultReader in(bytes);
  const auto first = in.next();
  REQUIRE(first.has_value());
  CHECK(to_hex(first->value) == "44 41 AC 00 00");
  CHECK_FALSE(first->error.has_value());
  const auto second = in.next();
  REQUIRE(second.has_value());
  CHECK(second->error == BacnetError{ErrorClass::property, ErrorCode::unknown_property});
  const auto third = in.next();
  REQUIRE(third.has_value());
  CHECK(third->object == analog_output_3);
  CHECK(third->property == PropertyReference{PropertyId::priority_array, 8});
  CHECK_FALSE(in.next().has_value());
  CHECK(in.finished().has_value());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    bool well_formed = false;
    CHECK(count<ReadResultReader>(Bytes(bytes).first(size), well_formed) <= results.size());
  }
}

TEST_CASE("WritePropertyMultiple writes in order, each with a priority of its own") {
  const auto real = encoded(42.5F);
  const auto null = encoded(Null{});
  const std::array writes{
      WriteProperty{.object = analog_output_3, .property = {}, .value = real, .priority = std::uint8_t{8}},
      WriteProperty{.object = analog_output_3, .property = {PropertyId::cov_increment}, .value = real},
      WriteProperty{.object = analog_input_1, .property = {}, .value = null, .priority = std::uint8_t{9}}};
  const std::string text = written([&](ParameterWriter& out) { write_write_property_multiple(out, writes); });
  const auto bytes = hex(text);
  WriteAccessReader in(bytes);
  for (const WriteProperty& write : writes) {
    const auto got = in.next();
    REQUIRE(got.has_value());
    CHECK(got->object == write.object);
    CHECK(got->property == write.property);
    CHECK(to_hex(got->value) == to_hex(write.value));
    CHECK(got->priority == write.priority);
  }
  CHECK_FALSE(in.next().has_value());
  CHECK(in.finished().has_value());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    bool well_formed = false;
    CHECK(count<WriteAccessReader>(Bytes(bytes).first(size), well_formed) <= writes.size());
  }
}

TEST_CASE("the values of a notification are read one after the other") {
  const auto bytes =
      hex("09 07 1C 02 03 F7 A1 2C 00 00 00 01 39 3C 4E 09 55 2E 44 00 00 00 00 2F 09 6F 2E 82 04 "
          "00 2F 4F");
  const auto notification = CovNotification::decode(bytes);
  REQUIRE(notification.has_value());
  CHECK(notification->process == 7);
  CHECK(notification->device == device_object(260'001));
  CHECK(notification->time_remaining == 60);
  PropertyValueReader values(notification->values);
  CHECK(values.next()->property.property == PropertyId::present_value);
  const auto flags = values.next();
  REQUIRE(flags.has_value());
  CHECK(flags->property.property == PropertyId::status_flags);
  CHECK_FALSE(values.next().has_value());
  CHECK(values.finished().has_value());
  CHECK(written([&](ParameterWriter& out) { write_property_value(out, *flags); }) == "09 6F 2E 82 04 00 2F");
}

TEST_CASE("log records of every kind round-trip") {
  for (const std::string_view datum :
       {"0A 05 A0", "19 01", "2C 41 90 00 00", "39 03", "49 07", "59 F9", "6A 04 F0", "78",
        "8E 91 01 91 1F 8F", "9C 3F 80 00 00", "AE 75 03 00 48 69 AF"}) {
    CAPTURE(datum);
    const std::string text = "0E A4 62 03 17 01 B4 13 36 1B 00 0F 1E " + std::string(datum) + " 1F 2A 04 80";
    const auto bytes = hex(text);
    LogRecordReader in(bytes);
    const auto record = in.next();
    REQUIRE(record.has_value());
    CHECK(in.finished().has_value());
    CHECK(record->status_flags->at(0));
    CHECK(written([&](ParameterWriter& out) { write_log_record(out, *record); }) == text);
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      bool well_formed = false;
      CHECK(count<LogRecordReader>(Bytes(bytes).first(size), well_formed) <= 1);
    }
  }
}

TEST_CASE("errors of class and code are read, and say what to do") {
  const auto error = decode_error(hex("91 01 91 1F"));
  REQUIRE(error.has_value());
  CHECK(*error == BacnetError{ErrorClass::object, ErrorCode::unknown_object});
  CHECK(to_string(*error) == "object: unknown-object");
  CHECK(to_error(*error).kind == ErrorKind::not_found);
  CHECK_FALSE(to_error(*error).remedy.empty());
  CHECK(to_error(RejectReason::unrecognized_service).kind == ErrorKind::unsupported);
  CHECK(to_error(AbortReason::segmentation_not_supported).message.contains("segmentation-not-supported"));
  CHECK_FALSE(decode_error(hex("91 01")).has_value());
}

TEST_CASE("impossible enumerations and ranges of services are refused") {
  CHECK(DeviceCommunicationControl::decode(hex("19 03")).error() == RejectReason::undefined_enumeration);
  CHECK(ReinitializeDevice::decode(hex("09 08")).error() == RejectReason::undefined_enumeration);
  CHECK(WhoIs::decode(hex("09 03")).error() == RejectReason::missing_required_parameter);
  CHECK_FALSE(IAm::decode(hex("C4 00 03 F7 A1 22 05 C4 91 03 22 01 04")).has_value());
  CHECK_FALSE(IAm::decode(hex("C4 02 3F FF FF 22 05 C4 91 03 22 01 04")).has_value());
  CHECK_FALSE(IAm::decode(hex("C4 02 03 F7 A1 22 05 C4 91 04 22 01 04")).has_value());
  CHECK_FALSE(TimeSynchronization::decode(hex("A4 5C 0B 11 02")).has_value());
}

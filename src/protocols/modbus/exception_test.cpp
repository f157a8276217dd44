#include "protocols/modbus/exception.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::modbus;

TEST_CASE("the exceptions of the standard have their numbers and names") {
  CHECK(to_string(ExceptionCode{0x01}) == "MODBUS_EXC_ILLEGAL_FUNCTION");
  CHECK(to_string(ExceptionCode{0x02}) == "MODBUS_EXC_ILLEGAL_DATA_ADDRESS");
  CHECK(to_string(ExceptionCode{0x03}) == "MODBUS_EXC_ILLEGAL_DATA_VALUE");
  CHECK(to_string(ExceptionCode{0x04}) == "MODBUS_EXC_SERVER_DEVICE_FAILURE");
  CHECK(to_string(ExceptionCode{0x05}) == "MODBUS_EXC_ACKNOWLEDGE");
  CHECK(to_string(ExceptionCode{0x06}) == "MODBUS_EXC_SERVER_DEVICE_BUSY");
  CHECK(to_string(ExceptionCode{0x07}) == "MODBUS_EXC_NEGATIVE_ACKNOWLEDGE");
  CHECK(to_string(ExceptionCode{0x08}) == "MODBUS_EXC_MEMORY_PARITY_ERROR");
  CHECK(to_string(ExceptionCode{0x0A}) == "MODBUS_EXC_GATEWAY_PATH_UNAVAILABLE");
  CHECK(to_string(ExceptionCode{0x0B}) == "MODBUS_EXC_GATEWAY_TARGET_FAILED_TO_RESPOND");
}

TEST_CASE("a vendor's exception keeps its number") {
  CHECK(to_string(ExceptionCode{0x63}) == "exception 0x63");
  CHECK(to_string(ExceptionCode{0x00}) == "exception 0x00");
  CHECK(explain(ExceptionCode{0x80}).starts_with("exception 0x80: "));
}

TEST_CASE("each exception of the standard says what it means and what to do") {
  for (const ExceptionInfo& info : exceptions()) {
    CHECK(explain(info.code) == std::string(info.name) + ": " + std::string(info.meaning));
    CHECK(to_error(info.code).remedy == info.remedy);
    CHECK_FALSE(info.remedy.empty());
  }
}

TEST_CASE("a busy device is busy, any other exception is a rejection") {
  CHECK(to_error(ExceptionCode::server_device_busy).kind == ErrorKind::busy);
  CHECK(to_error(ExceptionCode::illegal_data_address).kind == ErrorKind::rejected);
  CHECK(to_error(ExceptionCode{0x63}).kind == ErrorKind::rejected);
}

#include "protocols/bacnet/server/load_control.hpp"

#include <array>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "protocols/bacnet/read_services.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;

namespace {

const WallTime noon = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) + 12h;

struct Bench {
  Refusable<void> write(PropertyId property, const Value& value) {
    return load.write({.property = property}, encoded(value));
  }
  Refusable<void> write(PropertyId property, std::string_view hex) {
    return load.write({.property = property}, parse_hex(hex).value());
  }
  Refusable<void> start_at(const DateTime& time) {
    std::array<std::byte, 16> buffer;
    ParameterWriter out(buffer);
    write_date_time(out, time);
    return load.write({.property = PropertyId::start_time}, out.written());
  }
  void ask(std::string_view level) {
    REQUIRE(write(PropertyId::requested_shed_level, level));
    REQUIRE(write(PropertyId::shed_duration, Unsigned{30}));
    REQUIRE(start_at(to_date_time(noon, {})));
  }

  LoadControl load{{.baseline_w = 8000, .levels = {75, 50}}};
};

ErrorCode code_of(const Refusable<void>& result) { return result.error().code; }

}  // namespace

TEST_CASE("a level, a start and a duration are a limit for a while") {
  Bench b;
  CHECK_FALSE(b.load.request().has_value());
  b.ask("19 02");  // level 2
  CHECK(b.load.request() == ShedRequest{.limit_w = 4000, .start = noon, .duration = 30min});
  b.ask("09 3C");  // 60 per cent
  CHECK(b.load.request()->limit_w == 4800);
  b.ask("2C 40 00 00 00");  // 2 kW less
  CHECK(b.load.request()->limit_w == 6000);
}

TEST_CASE("the state follows the clock and the load, and in the end all is as before") {
  Bench b;
  b.ask("19 01");
  b.load.step(noon - 1min, true);
  CHECK(b.load.state() == ShedState::request_pending);
  b.load.step(noon, false);
  CHECK(b.load.state() == ShedState::non_compliant);
  b.load.step(noon + 1min, true);
  CHECK(b.load.state() == ShedState::compliant);
  Object object = b.load.object({.instance = 1, .name = "load"});
  CHECK(to_hex(object.find(PropertyId::actual_shed_level)->value) == "19 01");
  b.load.step(noon + 30min, true);
  CHECK(b.load.state() == ShedState::inactive);
  CHECK_FALSE(b.load.request().has_value());
  CHECK(b.load.show(object));
  CHECK(to_hex(object.find(PropertyId::requested_shed_level)->value) == "19 00");
}

TEST_CASE("a request is taken back by the default level, by no start, or by Enable") {
  Bench b;
  b.ask("19 01");
  REQUIRE(b.write(PropertyId::enable, false));
  CHECK_FALSE(b.load.request().has_value());
  REQUIRE(b.write(PropertyId::enable, true));
  CHECK(b.load.request().has_value());
  REQUIRE(b.start_at({}));
  CHECK_FALSE(b.load.request().has_value());
  b.ask("09 64");
  CHECK_FALSE(b.load.request().has_value());
}

TEST_CASE("what is no level, time or duration is refused") {
  Bench b;
  CHECK(code_of(b.write(PropertyId::requested_shed_level, "19 03")) == ErrorCode::value_out_of_range);
  CHECK(code_of(b.write(PropertyId::requested_shed_level, "09 65")) == ErrorCode::value_out_of_range);
  CHECK(code_of(b.write(PropertyId::requested_shed_level, "2C 41 10 00 00")) ==
        ErrorCode::value_out_of_range);
  CHECK(code_of(b.write(PropertyId::requested_shed_level, "2C 7F C0 00 00")) ==
        ErrorCode::value_out_of_range);
  CHECK(code_of(b.write(PropertyId::requested_shed_level, Unsigned{1})) == ErrorCode::invalid_data_type);
  CHECK(code_of(b.write(PropertyId::shed_duration, 3.0F)) == ErrorCode::invalid_data_type);
  CHECK(code_of(b.write(PropertyId::shed_duration, Unsigned{1'000'000})) == ErrorCode::value_out_of_range);
  CHECK(code_of(b.write(PropertyId::start_time, Unsigned{1})) == ErrorCode::invalid_data_type);
  CHECK(code_of(b.start_at({.date = {.year = 126}, .time = {}})) == ErrorCode::value_out_of_range);
  CHECK(code_of(b.write(PropertyId::present_value, Enumerated{1})) == ErrorCode::write_access_denied);
}

TEST_CASE("the object has all that clause 12.28 requires") {
  const Bench b;
  const Object object = b.load.object({.instance = 1, .name = "load"});
  for (const PropertyId id : required_properties(ObjectType::load_control))
    CHECK(object.find(id) != nullptr);
}

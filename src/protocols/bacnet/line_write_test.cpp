// Several values of one device that are commanded at once.
#include <array>

#include "protocols/bacnet/testing/line_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::testing;
using model::WriteState;

namespace {

ObjectId ao(std::uint32_t instance) { return {ObjectType::analog_output, instance}; }

// Points 3 to 7 are outputs 1 to 5.
struct Outputs : Bench {
  explicit Outputs(bool several = true) {
    for (std::uint32_t i = 2; i <= 5; ++i)
      device.add_analog(ao(i), fmt::format("Valve {}", i), 1.0F, 98);
    if (several) device.has_services({16});
    start();
    world.run_for(3s);
    device.requests.clear();
  }
  [[nodiscard]] std::size_t singly() const { return asked(ConfirmedService::write_property); }
  [[nodiscard]] std::size_t together() const { return asked(ConfirmedService::write_property_multiple); }
  [[nodiscard]] bool holds(std::uint32_t output, float value) const {
    const auto slot = device.slots.find({ao(output), 8});
    return slot != device.slots.end() && slot->second == encoded(value);
  }
};

bool all_confirmed(const std::vector<model::WriteResult>& results) {
  return std::ranges::all_of(results, [](const auto& r) { return r.state == WriteState::confirmed; });
}

}  // namespace

TEST_CASE("what is commanded at once is written by one request and read back by another") {
  Outputs b;
  const auto results =
      b.write({{.point = 3, .value = 31}, {.point = 4, .value = 41}, {.point = 5, .value = 51}});
  CHECK(all_confirmed(results));
  CHECK(results[0].id == 7);
  CHECK(results[2].id == 9);
  CHECK(results[2].read_back == 51);
  CHECK(b.together() == 1);
  CHECK(b.singly() == 0);
  CHECK(b.holds(1, 31));
  CHECK(b.holds(3, 51));
}

TEST_CASE(
    "a single command is a single write, and a device that can not take several gets one after the other") {
  Outputs alone;
  CHECK(alone.write(3, 31).state == WriteState::confirmed);
  CHECK(alone.singly() == 1);
  CHECK(alone.together() == 0);

  Outputs simple(false);
  CHECK(all_confirmed(simple.write({{.point = 3, .value = 31}, {.point = 4, .value = 41}})));
  CHECK(simple.singly() == 2);
  CHECK(simple.together() == 0);
}

TEST_CASE("a device that rejects several at once gets them one by one, and is not asked so again") {
  for (const bool aborts : {false, true}) {
    CAPTURE(aborts);
    Outputs b;
    b.device.misbehaves = [aborts](const ConfirmedRequest& request) -> std::optional<Apdu> {
      if (request.service != ConfirmedService::write_property_multiple) return std::nullopt;
      if (aborts)
        return AbortPdu{.invoke_id = request.invoke_id, .reason = AbortReason::other, .from_server = true};
      return RejectPdu{.invoke_id = request.invoke_id, .reason = RejectReason::unrecognized_service};
    };
    CHECK(all_confirmed(b.write({{.point = 3, .value = 31}, {.point = 4, .value = 41}})));
    CHECK(all_confirmed(b.write({{.point = 3, .value = 32}, {.point = 4, .value = 42}})));
    CHECK(b.together() == 1);
    CHECK(b.singly() == 4);
  }
}

TEST_CASE("what is refused among several is refused alone, and nothing is written twice") {
  Outputs b;
  b.device.refuses = ao(2);
  const auto results =
      b.write({{.point = 3, .value = 31}, {.point = 4, .value = 41}, {.point = 5, .value = 51}});
  CHECK(results[0].state == WriteState::confirmed);
  CHECK(results[1].state == WriteState::refused);
  CHECK(results[1].error->message.contains("write-access-denied"));
  CHECK(results[2].state == WriteState::confirmed);
  CHECK(b.together() == 1);
  CHECK(b.singly() == 1);  // what stood behind the refused one
}

TEST_CASE("a point that is commanded twice has the value that came last") {
  Outputs b;
  const auto results =
      b.write({{.point = 3, .value = 31}, {.point = 4, .value = 41}, {.point = 3, .value = 32}});
  CHECK(results[1].state == WriteState::confirmed);
  CHECK(results[2].state == WriteState::confirmed);
  CHECK(b.holds(1, 32));
}

TEST_CASE("more than an APDU holds goes in several requests, none longer than the device takes") {
  Bench b;
  b.device.max_apdu = 206;
  b.device.set(device_object(1234), PropertyId::max_apdu_length_accepted, Unsigned{206});
  for (std::uint32_t i = 2; i <= 20; ++i)
    b.device.add_analog(ao(i), fmt::format("Valve {}", i), 1.0F, 98);
  b.device.has_services({16});
  b.start();
  b.world.run_for(5s);
  std::vector<Bench::Wish> wishes;
  for (std::uint16_t point = 3; point < 23; ++point)
    wishes.push_back({.point = point, .value = 50.0 + point});
  CHECK(all_confirmed(b.write(wishes)));
  CHECK(b.asked(ConfirmedService::write_property_multiple) == 4);
  CHECK(b.device.largest_request <= 206);
}

TEST_CASE("a lost answer leaves open what was done, and the read-back decides") {
  Outputs b;
  bool first = true;
  b.device.loses_answer = [&first](const ConfirmedRequest& request) {
    return request.service == ConfirmedService::write_property_multiple && std::exchange(first, false);
  };
  CHECK(all_confirmed(b.write({{.point = 3, .value = 31}, {.point = 4, .value = 41}})));
  CHECK(b.together() == 1);  // never twice
  CHECK(b.singly() == 0);
}

TEST_CASE("commands that wait are refused when the line stops, and none is left over") {
  Outputs b;
  b.device.silent = true;
  std::size_t ended = 0;
  auto task = [](Line& l, model::WriteCommand command, std::size_t& count) -> io::Task<void> {
    (void)co_await l.write(std::move(command));
    ++count;
  };
  for (std::uint16_t point = 3; point < 6; ++point)
    b.tasks.spawn(task(*b.line, {.point = {plant, point}, .value = 30, .owner = "test"}, ended));
  b.world.run_for(100ms);
  for (std::uint16_t point = 3; point < 6; ++point)
    b.tasks.spawn(task(*b.line, {.point = {plant, point}, .value = 40, .owner = "test"}, ended));
  b.line->stop();
  b.world.run_for(2s);
  CHECK(ended == 6);
}

TEST_CASE("a value is written in the type that the object has: real, double, enumerated, unsigned") {
  struct Case {
    ObjectType type;
    Value before;
    double wished;
    Value written;
  };
  const std::array<Case, 4> cases{{{ObjectType::analog_output, 1.0F, 2.5, 2.5F},
                                   {ObjectType::large_analog_value, 1.0, 1e9 + 0.5, 1e9 + 0.5},
                                   {ObjectType::binary_output, Enumerated{0}, 1, Enumerated{1}},
                                   {ObjectType::multi_state_output, Unsigned{1}, 3, Unsigned{3}}}};
  for (const Case& one : cases) {
    CAPTURE(to_string(ObjectId{one.type, 7}));
    Bench b(0);
    const ObjectId object{one.type, 7};
    b.device.add_analog(object, "Thing", 0, 95);
    b.device.set(object, PropertyId::present_value, one.before);
    b.start();
    b.world.run_for(3s);
    REQUIRE(b.feed.points.at(plant).size() == 2);  // beside the damper
    CHECK(b.write(1, one.wished).state == model::WriteState::confirmed);
    CHECK(b.device.slots.at({object, 8}) == encoded(one.written));
  }
}

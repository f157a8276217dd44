#include "protocols/bacnet/server/subscriptions.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "protocols/bacnet/server/testing/served_plant.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;
using namespace iw::bacnet::server::testing;

namespace {

constexpr Instant start{};

Address subscriber(std::uint8_t last) {
  return {.network = local_network, .mac = to_mac({.host = {10, 0, 0, last}})};
}

struct Bench : ServedPlant {
  explicit Bench(SubscriptionSettings settings = {}) : subscriptions(settings) {}

  Refusable<void> subscribe(std::uint8_t who, std::uint32_t process, bool confirmed = false,
                            std::uint32_t lifetime = 300, Instant now = start) {
    return subscriptions.subscribe(
        subscriber(who),
        {.subscription = {.process = process, .object = power, .confirmed = confirmed, .lifetime = lifetime}},
        false, *input, now);
  }
  const Subscriptions::Subscription* due(Instant now) {
    return subscriptions.next_due([this](ObjectId id) { return device.find(id); }, now);
  }
  std::size_t told(Instant now) {
    std::size_t count = 0;
    while (due(now) != nullptr)
      ++count;
    return count;
  }
  void show(float value, Instant now) {
    input->set(PropertyId::present_value, value);
    subscriptions.changed(*input, now);
  }

  Subscriptions subscriptions;
};

}  // namespace

TEST_CASE("who subscribes is told at once, and then of changes by the increment") {
  Bench b;
  REQUIRE(b.subscribe(9, 1));
  CHECK(b.told(start) == 1);
  b.show(6.0F, start + 1s);
  CHECK(b.told(start + 1s) == 0);
  b.show(6.5F, start + 2s);
  CHECK(b.told(start + 2s) == 1);
  // From what was said last.
  b.show(7.4F, start + 3s);
  CHECK(b.told(start + 3s) == 0);
}

TEST_CASE("any change of Status_Flags is told") {
  Bench b;
  REQUIRE(b.subscribe(9, 1));
  b.told(start);
  b.input->set_condition({.reliability = 12});
  b.subscriptions.changed(*b.input, start + 1s);
  const auto* due = b.due(start + 1s);
  REQUIRE(due != nullptr);
  std::array<std::byte, 128> buffer;
  ParameterWriter out(buffer);
  write_notified_values(out, *due, *b.input);
  CHECK(to_hex(out.written()) == "09 55 2E 44 40 B0 00 00 2F 09 6F 2E 82 04 C0 2F");
}

TEST_CASE("a value that never rests is told once a period, as it is then") {
  Bench b;
  REQUIRE(b.subscribe(9, 1));
  b.told(start);
  std::size_t told = 0;
  for (Instant now = start; now < start + 10s; now += 50ms) {
    b.show(static_cast<float>((now - start) / 50ms) * 10, now);
    told += b.told(now);
  }
  CHECK(told >= 18);
  CHECK(told <= 20);
}

TEST_CASE("a subscription ends with its lifetime, and lives on when it is renewed") {
  Bench b;
  REQUIRE(b.subscribe(9, 1, false, 60));
  REQUIRE(b.subscribe(9, 2, false, 60));
  b.told(start);
  REQUIRE(b.subscribe(9, 2, false, 600, start + 30s));
  CHECK(b.subscriptions.size() == 2);
  b.subscriptions.expire(start + 61s);
  CHECK(b.subscriptions.size() == 1);
  CHECK(b.due(start + 61s)->seconds_left(start + 61s) == 569);
}

TEST_CASE("a cancelled subscription is gone, and cancelling what is not there is no error") {
  Bench b;
  REQUIRE(b.subscribe(9, 1));
  b.subscriptions.cancel(subscriber(8), {.process = 1, .object = power}, {});
  CHECK(b.subscriptions.size() == 1);
  b.subscriptions.cancel(subscriber(9), {.process = 1, .object = power}, {});
  CHECK(b.subscriptions.size() == 0);
  b.show(100, start + 1s);
  CHECK(b.told(start + 1s) == 0);
}

TEST_CASE("a thousand subscriptions of five clients are told, and the next one is refused") {
  Bench b({.most = 1000});
  for (std::uint32_t process = 0; process < 200; ++process) {
    for (std::uint8_t client = 1; client <= 5; ++client)
      REQUIRE(b.subscribe(client, process));
  }
  CHECK(b.told(start) == 1000);
  const auto refused = b.subscribe(6, 1);
  CHECK(refused.error() == BacnetError{ErrorClass::resources, ErrorCode::no_space_to_add_list_element});
  CHECK(b.subscribe(5, 199).has_value());  // renewing needs no place
}

TEST_CASE("a confirmed subscription hears one thing after the other") {
  Bench b;
  REQUIRE(b.subscribe(9, 1, true));
  const auto* first = b.due(start);
  REQUIRE(first != nullptr);
  const std::uint64_t id = first->id;
  b.show(50, start + 1s);
  b.show(60, start + 2s);
  CHECK(b.told(start + 2s) == 0);
  CHECK(b.subscriptions.answered(id, true, start + 3s));
  CHECK(b.told(start + 3s) == 1);
}

TEST_CASE("who never acknowledges is told no more") {
  Bench b;
  REQUIRE(b.subscribe(9, 1, true, 0));
  Instant now = start;
  std::size_t told = 0;
  for (; told < 10 && b.subscriptions.size() > 0; ++told) {
    now = std::max(now, b.subscriptions.next_deadline());
    const auto* due = b.due(now);
    REQUIRE(due != nullptr);
    now += 9s;
    b.subscriptions.answered(due->id, false, now);
  }
  CHECK(told == 3);
  CHECK(b.subscriptions.size() == 0);
}

TEST_CASE("the list of subscriptions is as clause 12.11 wants it") {
  Bench b;
  REQUIRE(b.subscribe(9, 18));
  std::array<std::byte, 128> buffer;
  ParameterWriter out(buffer);
  b.subscriptions.write_all(out, start);
  CHECK(to_hex(out.written()) ==
        "0E 0E 1E 21 00 65 06 0A 00 00 09 BA C0 1F 0F 19 12 0F 1E 0C 00 00 00 07 19 55 1F 29 00 3A 01 2C 4C "
        "3F 80 00 00");
}

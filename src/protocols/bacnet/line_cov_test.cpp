// Change of value: subscriptions, their renewal, and what happens when they fail.
#include <array>

#include "protocols/bacnet/testing/line_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::testing;

namespace {

LineDevice subscribing(Bench& b, CovSettings settings = {}) {
  LineDevice config = b.config();
  config.cov = settings;
  return config;
}

io::Endpoint gateway(const Bench& b) { return {.host = b.node.address(), .port = 47808}; }

template <class Pdu>
std::size_t answers(const Bench& b) {
  return static_cast<std::size_t>(std::ranges::count_if(
      b.device.answers, [](const Apdu& apdu) { return std::holds_alternative<Pdu>(apdu); }));
}

}  // namespace

TEST_CASE("subscribed values come by themselves; the device is hardly polled any more") {
  Bench b;
  b.device.notifies_at_once = true;
  LineDevice config = b.config();
  config.cov = CovSettings{.lifetime = 10min};
  b.start({config});
  b.world.run_for(3s);
  CHECK(b.device.subscriptions == 4);
  for (const ObjectId object : b.device.objects)
    b.device.notify(object, 7.0F);
  b.world.run_for(1s);
  CHECK(b.value(1) == 7000);
  b.device.requests.clear();
  b.device.notify(ai(2), 8.0F);
  b.world.run_for(60s);
  CHECK(b.value(1) == 8000);
  CHECK(b.asked(ConfirmedService::read_property_multiple) <= 1);

  // Renewed before they end, over and over; read once in a while, to be sure.
  b.world.run_for(30min);
  CHECK(b.device.subscriptions >= 4 + 4 * 4);
  CHECK(b.asked(ConfirmedService::read_property_multiple) >= 2);
  CHECK(b.asked(ConfirmedService::read_property_multiple) <= 20);
  b.line->stop();
  b.world.run_for(500ms);
  CHECK(b.device.cancellations == 4);
}

TEST_CASE("points that can not be subscribed to, or are not notified, are polled") {
  for (const bool refuses : {true, false}) {
    CAPTURE(refuses);
    Bench b;
    b.device.takes_subscriptions = !refuses;
    LineDevice config = b.config();
    config.cov = CovSettings{};
    b.start({config});
    b.world.run_for(5s);
    b.device.set(ai(2), PropertyId::present_value, 9.0F);
    b.world.run_for(3s);
    CHECK(b.value(1) == 9000);
    CHECK(b.asked(ConfirmedService::subscribe_cov) == 4);  // not over and over
  }
}

TEST_CASE("a device that has started anew is subscribed to again") {
  Bench b;
  LineDevice config = b.config();
  config.cov = CovSettings{};
  b.start({config});
  b.world.run_for(3s);
  CHECK(b.device.subscriptions == 4);
  b.device.say_i_am(gateway(b));
  b.world.run_for(3s);
  CHECK(b.device.subscriptions == 8);
}

TEST_CASE("a confirmed notification is acknowledged; one that nobody subscribed to is refused") {
  Bench b;
  b.start({subscribing(b, {.lifetime = 10min, .confirmed = true})});
  b.world.run_for(3s);
  CHECK(b.device.confirms);
  b.device.notify(ai(2), 9.0F);
  b.world.run_for(1s);
  CHECK(b.value(1) == 9000);
  CHECK(answers<SimpleAck>(b) == 1);
  b.device.subscriber_process = 77;
  b.device.notify(ai(2), 11.0F);
  b.world.run_for(100ms);
  CHECK(answers<ErrorPdu>(b) == 1);
}

TEST_CASE("a subscription is renewed before the device forgets it, whatever its lifetime") {
  for (const Duration lifetime : std::array<Duration, 3>{1min, 10min, 6h}) {
    CAPTURE(lifetime.count());
    Bench b;
    b.start({subscribing(b, {.lifetime = lifetime})});
    b.world.run_for(3s);
    const std::size_t first = b.device.subscriptions;
    CHECK(first == 4);
    b.world.run_for(lifetime * 6 / 10 - 4s);
    CHECK(b.device.subscriptions == first);
    b.world.run_for(10s);
    CHECK(b.device.subscriptions == 2 * first);
  }
}

TEST_CASE("a device that was told to be silent is polled, is said to be silent, and is asked again") {
  Bench b;
  b.device.notifies_at_once = true;
  b.start({subscribing(b)});
  b.world.run_for(3s);
  REQUIRE(b.feed.alarms[plant].empty());
  b.device.notifies_at_once = false;  // disable-initiation: it answers, and says nothing of itself
  b.device.set(ai(2), PropertyId::present_value, 9.0F);
  b.world.run_for(6min + 15s);  // renewed, and nothing came
  CHECK(b.value(1) == 9000);
  b.device.set(ai(2), PropertyId::present_value, 10.0F);
  b.world.run_for(2s);
  CHECK(b.value(1) == 10'000);
  REQUIRE(b.feed.alarms[plant].size() == 1);
  CHECK(b.feed.alarms[plant].front().what == "notifications");
  CHECK(b.feed.alarms[plant].front().remedy.contains("--end"));
  CHECK(b.feed.state() == "online");
  b.device.notifies_at_once = true;  // and it may speak again
  b.world.run_for(6min);
  CHECK(b.feed.alarms[plant].empty());
}

TEST_CASE("a device whose communication is disabled is said to be so, and is back when it is enabled") {
  Bench b;
  b.start({subscribing(b)});
  b.world.run_for(3s);
  static constexpr std::array disabled{std::byte{0x91}, std::byte{0x07}, std::byte{0x91}, std::byte{0x53}};
  b.device.misbehaves = [](const ConfirmedRequest& request) -> std::optional<Apdu> {
    return ErrorPdu{.invoke_id = request.invoke_id, .service = request.service, .data = disabled};
  };
  b.world.run_for(10s);
  CHECK(b.feed.state() == "offline");
  CHECK(b.feed.events.back().reason.contains("communication-disabled"));
  CHECK(b.feed.events.back().remedy.contains("DeviceCommunicationControl"));
  const std::size_t asked = b.device.requests.size();
  b.world.run_for(1min);
  CHECK(b.device.requests.size() > asked);
  b.device.misbehaves = nullptr;
  b.world.run_for(2min);
  CHECK(b.feed.state() == "online");
  CHECK(b.quality(0) == "good");
  CHECK(b.asked(ConfirmedService::read_property) < 20);  // it is not taken for one that can little
}

TEST_CASE("a lost notification is made good by the poll that goes on, within ten minutes") {
  Bench b;
  b.device.notifies_at_once = true;
  b.start({subscribing(b)});
  b.world.run_for(3s);
  for (const ObjectId object : b.device.objects)
    b.device.notify(object, 7.0F);
  b.world.run_for(1s);
  b.device.set(ai(2), PropertyId::present_value, 8.0F);  // and its notification is lost
  b.world.run_for(30s);
  CHECK(b.value(1) == 7000);
  b.world.run_for(10min);
  CHECK(b.value(1) == 8000);
}

TEST_CASE("a device that was away is subscribed to again, and polled meanwhile") {
  Bench b;
  b.start({subscribing(b, {.lifetime = 1min})});
  b.world.run_for(3s);
  b.device.notify(ai(1), 5.0F);
  b.world.run_for(1s);
  const std::size_t before = b.device.subscriptions;
  b.device.silent = true;
  b.world.run_for(2min);
  CHECK(b.feed.state() == "offline");
  b.device.silent = false;
  b.device.set(ai(2), PropertyId::present_value, 6.0F);
  b.world.run_for(3min);
  CHECK(b.feed.state() == "online");
  CHECK(b.value(1) == 6000);
  CHECK(b.device.subscriptions >= before + 4);
  b.device.notify(ai(2), 4.0F);
  b.world.run_for(1s);
  CHECK(b.value(1) == 4000);
}

TEST_CASE("a refused subscription is asked for again only after hours") {
  Bench b;
  b.device.takes_subscriptions = false;
  b.start({subscribing(b)});
  b.world.run_for(3h);
  CHECK(b.asked(ConfirmedService::subscribe_cov) == 4);
  b.device.takes_subscriptions = true;
  b.world.run_for(2h);
  CHECK(b.device.subscriptions >= 4);
}

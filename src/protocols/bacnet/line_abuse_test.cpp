// Devices that do what they should not, and what it costs the others: nothing.
#include <array>

#include "protocols/bacnet/testing/line_bench.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::testing;

namespace {

// The device of the bench, and a healthy one beside it.
struct Neighbours : Bench {
  Neighbours() { good.add_analog(ai(1), "Good Power", 1.0F, kilowatts); }
  ~Neighbours() {
    good.socket->close();
    world.run_for(1s);
  }

  void start_both() {
    LineDevice second = config();
    second.id = model::DeviceId(2);
    second.name = "good";
    second.url = parse_url(fmt::format("bacnet://{}?device=5", good_node.address())).value();
    start({config(), second});
  }
  // Polls of the healthy device within a minute, 1 s apart.
  std::size_t polls_in_a_minute() {
    good.requests.clear();
    world.run_for(1min);
    return static_cast<std::size_t>(
        std::ranges::count(good.requests, ConfirmedService::read_property_multiple));
  }

  io::world::Node& good_node = world.add_node("good");
  FakeDevice good{good_node.network(), 5};
};

bool is_read(const ConfirmedRequest& request) {
  return request.service == ConfirmedService::read_property ||
         request.service == ConfirmedService::read_property_multiple;
}

}  // namespace

TEST_CASE("a device that aborts everything is read property by property, said, and nobody else waits") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  b.device.misbehaves = [](const ConfirmedRequest& request) -> std::optional<Apdu> {
    return AbortPdu{.invoke_id = request.invoke_id, .reason = AbortReason::other, .from_server = true};
  };
  b.world.run_for(5s);
  CHECK(b.quality(0) == "invalid: failure");
  CHECK(b.polls_in_a_minute() >= 59);
  b.device.misbehaves = nullptr;
  b.world.run_for(10s);
  CHECK(b.quality(0) == "good");
}

TEST_CASE("a device that rejects everything marks its points, and is asked no more than before") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  b.device.misbehaves = [](const ConfirmedRequest& request) -> std::optional<Apdu> {
    return RejectPdu{.invoke_id = request.invoke_id, .reason = RejectReason::other};
  };
  b.world.run_for(5s);
  CHECK(b.quality(0) == "invalid: failure");
  b.device.requests.clear();
  CHECK(b.polls_in_a_minute() >= 59);
  CHECK(b.device.requests.size() <= 61 * 8);  // four objects, two properties each, one by one
}

TEST_CASE("a device that dies in the middle of a segmented answer is silent, no more") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  b.device.misbehaves = [](const ConfirmedRequest& request) -> std::optional<Apdu> {
    static const std::array piece{std::byte{0x0C}};
    if (!is_read(request)) return std::nullopt;
    return ComplexAck{.invoke_id = request.invoke_id,
                      .service = request.service,
                      .segment = Segment{.sequence = 0, .window = 4, .more_follows = true},
                      .data = piece};
  };
  CHECK(b.polls_in_a_minute() >= 59);
  CHECK(b.feed.last.at({plant, 0}).second.validity() != model::Validity::good);
  b.device.misbehaves = nullptr;
  b.world.run_for(11min);
  CHECK(b.quality(0) == "good");
}

TEST_CASE("a device that sends segments without end is cut off") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  b.device.misbehaves = [sequence = 0U](const ConfirmedRequest& request) mutable -> std::optional<Apdu> {
    static const std::vector<std::byte> piece(1400);
    if (!is_read(request)) return std::nullopt;
    return ComplexAck{
        .invoke_id = request.invoke_id,
        .service = request.service,
        .segment =
            Segment{.sequence = static_cast<std::uint8_t>(sequence++), .window = 127, .more_follows = true},
        .data = piece};
  };
  CHECK(b.polls_in_a_minute() >= 59);
}

TEST_CASE("answers for other objects, and answers that are none, are not taken for values") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  for (const std::size_t kind : {0U, 1U, 2U}) {
    CAPTURE(kind);
    b.device.misbehaves = [kind](const ConfirmedRequest& request) -> std::optional<Apdu> {
      static std::array<std::byte, 64> buffer;
      ParameterWriter out(buffer);
      if (kind == 0) ReadPropertyAck{.object = ai(77), .value = encoded(9.0F)}.encode(out);
      if (kind == 1) out.open(3);
      return ComplexAck{.invoke_id = request.invoke_id, .service = request.service, .data = out.written()};
    };
    b.world.run_for(5s);
    CHECK(b.quality(0) == "invalid: failure");
    b.device.misbehaves = nullptr;
    b.world.run_for(15s);
    CHECK(b.quality(0) == "good");
    CHECK(b.value(0) == 1000);
  }
}

TEST_CASE("a device that answers to another id, service or late completes nothing") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  b.device.misbehaves = [](const ConfirmedRequest& request) -> std::optional<Apdu> {
    return SimpleAck{.invoke_id = static_cast<InvokeId>(request.invoke_id + 100), .service = request.service};
  };
  b.world.run_for(1min);
  CHECK(b.feed.state() == "offline");
  CHECK(b.polls_in_a_minute() >= 59);
  CHECK(b.line->status().late > 0);
}

TEST_CASE("ten thousand Who-Is a second do not put off a single poll") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  io::world::Node& noisy = b.world.add_node("noisy");
  FakeDevice storm{noisy.network(), 99};
  b.good.requests.clear();
  Instant last = b.world.now();
  Duration longest{};
  for (int slice = 0; slice < 1000; ++slice) {  // of 10 ms
    for (int i = 0; i < 100; ++i)
      storm.send(UnconfirmedRequest{.service = UnconfirmedService::who_is},
                 {.host = b.node.address(), .port = 47808});
    const std::size_t batches = b.feed.batches;
    b.world.run_for(10ms);
    if (b.feed.batches == batches) continue;
    longest = std::max(longest, b.world.now() - last);
    last = b.world.now();
  }
  CHECK(b.line->client().counters().datagrams_in >= 100'000);
  CHECK(longest <= 1050ms);  // polled once a second
  CHECK(std::ranges::count(b.good.requests, ConfirmedService::read_property_multiple) >= 10);
  CHECK(b.quality(0) == "good");
  storm.socket->close();
  b.world.run_for(1s);
}

TEST_CASE("garbage from anywhere is counted, and nothing else") {
  Neighbours b;
  b.start_both();
  b.world.run_for(3s);
  std::vector<std::byte> bytes{std::byte{0x81}, std::byte{0x0A}, std::byte{0}, std::byte{8},
                               std::byte{1},    std::byte{0},    std::byte{0}, std::byte{0}};
  for (unsigned kind = 0; kind < 256; ++kind) {
    bytes[6] = static_cast<std::byte>(kind);
    REQUIRE(b.device.socket->send(bytes, {.host = b.node.address(), .port = 47808}).has_value());
  }
  CHECK(b.polls_in_a_minute() >= 59);
  CHECK(b.quality(0) == "good");
  CHECK(b.line->status().spoiled > 0);
}

TEST_CASE("a hundred devices in steady state are polled without a broadcast") {
  Bench b;
  LineDevice config = b.config();
  std::vector<std::unique_ptr<FakeDevice>> devices;
  std::vector<LineDevice> all;
  for (std::uint32_t i = 0; i < 100; ++i) {
    io::world::Node& node = b.world.add_node(fmt::format("device-{}", i));
    devices.push_back(std::make_unique<FakeDevice>(node.network(), 5000 + i));
    devices.back()->add_analog(ai(1), "Power", 1.0F, kilowatts);
    LineDevice one = config;
    one.id = model::DeviceId(static_cast<std::uint16_t>(10 + i));
    one.name = fmt::format("device-{}", i);
    one.url = parse_url(fmt::format("bacnet://{}?device={}", node.address(), 5000 + i)).value();
    all.push_back(std::move(one));
  }
  b.start(std::move(all));
  b.world.run_for(30s);
  const auto broadcasts = b.line->client().counters().broadcasts;
  b.world.run_for(5min);
  CHECK(b.line->client().counters().broadcasts == broadcasts);
  CHECK(b.feed.last.size() == 100);
  for (const auto& device : devices)
    device->socket->close();
  b.world.run_for(1s);
}

#include "protocols/bacnet/session.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <doctest/doctest.h>

#include "base/hex.hpp"
#include "base/overloaded.hpp"

using namespace iw;
using namespace iw::bacnet;

namespace {

constexpr Instant start{};
const Address plant{.network = local_network, .mac = to_mac({.host = {10, 0, 0, 7}})};
const Address chiller{.network = 2001, .mac = Mac::of(5)};

std::vector<std::byte> numbered(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return bytes;
}

// What the session wants to send, as it stands on the wire.
struct Sent {
  Address peer;
  std::vector<std::byte> bytes;

  [[nodiscard]] Apdu apdu() const { return decode_apdu(bytes).value(); }
};

std::vector<Sent> sent(Session& session) {
  std::vector<Sent> all;
  while (const auto out = session.next_to_send())
    all.push_back({out->peer, {out->apdu.begin(), out->apdu.end()}});
  return all;
}

Sent only(Session& session) {
  auto all = sent(session);
  REQUIRE(all.size() == 1);
  return all.front();
}

ConfirmedRequest request_in(const Sent& sent) { return std::get<ConfirmedRequest>(sent.apdu()); }

const auto question = parse_hex("0C 00 00 00 05 19 55").value();
const auto value = parse_hex("0C 00 00 00 05 19 55 3E 44 42 90 99 9A 3F").value();

void ask(Session& session, Ticket ticket, const Address& peer, Instant now = start, bool once = false) {
  REQUIRE(
      session.request(ticket, peer, {}, ConfirmedService::read_property, question, now, once).has_value());
}

ComplexAck answer_to(const ConfirmedRequest& request) {
  return {.invoke_id = request.invoke_id, .service = request.service, .data = value};
}

std::string outcome_of(const std::optional<Answer>& answer) {
  if (!answer) return "nothing";
  const auto error = error_of(answer->outcome);
  return fmt::format("{}: {}", answer->ticket, error ? error->message : "acknowledged");
}

}  // namespace

TEST_CASE("a request says what we take, and its answer ends it") {
  Session session;
  ask(session, 7, plant);
  const Sent out = only(session);
  CHECK(out.peer == plant);
  CHECK(to_hex(out.bytes) == "02 75 00 0C 0C 00 00 00 05 19 55");
  const auto answer = session.received(plant, answer_to(request_in(out)), start + 1ms);
  REQUIRE(answer.has_value());
  CHECK(answer->ticket == 7);
  CHECK(std::ranges::equal(std::get<Acknowledged>(answer->outcome).data, value));
  CHECK(session.outstanding() == 0);
  CHECK(session.next_deadline() == never);
}

TEST_CASE("every way to say no ends the request with its words") {
  const auto outcome = [](auto pdu) {
    Session session;
    ask(session, 1, plant);
    pdu.invoke_id = request_in(only(session)).invoke_id;
    return outcome_of(session.received(plant, pdu, start));
  };
  const auto error = parse_hex("91 01 91 1F").value();
  CHECK(outcome(ErrorPdu{.service = ConfirmedService::read_property, .data = error}) ==
        "1: the device answered with an error: object: unknown-object");
  const auto enclosed = parse_hex("0E 91 02 91 25 0F 1E 0C 00 80 00 06 19 55 1F").value();
  CHECK(outcome(ErrorPdu{.service = ConfirmedService::read_property, .data = enclosed}) ==
        "1: the device answered with an error: property: value-out-of-range");
  CHECK(outcome(RejectPdu{.reason = RejectReason::unrecognized_service}) ==
        "1: the device rejected the request: unrecognized-service");
  CHECK(outcome(AbortPdu{.reason = AbortReason::segmentation_not_supported, .from_server = true}) ==
        "1: the device aborted the transaction: segmentation-not-supported");
  CHECK(outcome(SimpleAck{.service = ConfirmedService::read_property}) == "1: acknowledged");
}

TEST_CASE("answers of others, of another id, service or side are nobody's") {
  Session session;
  ask(session, 1, plant);
  const ComplexAck right = answer_to(request_in(only(session)));
  ComplexAck wrong = right;
  wrong.invoke_id = static_cast<InvokeId>(right.invoke_id + 1);
  CHECK(outcome_of(session.received(plant, wrong, start)) == "nothing");
  wrong = right;
  wrong.service = ConfirmedService::read_range;
  CHECK(outcome_of(session.received(plant, wrong, start)) == "nothing");
  CHECK(outcome_of(session.received(chiller, right, start)) == "nothing");
  CHECK(outcome_of(session.received({.network = 2001, .mac = plant.mac}, right, start)) == "nothing");
  const AbortPdu of_a_client{
      .invoke_id = right.invoke_id, .reason = AbortReason::other, .from_server = false};
  CHECK(outcome_of(session.received(plant, of_a_client, start)) == "nothing");
  CHECK(session.counters().late == 4);
  CHECK(outcome_of(session.received(plant, right, start)) == "1: acknowledged");
  CHECK(outcome_of(session.received(plant, right, start)) == "nothing");
}

TEST_CASE("a silent peer is asked again with the same bytes, then given up") {
  Session session({.timeout = 3s, .retries = 2});
  ask(session, 1, plant);
  const Sent first = only(session);
  CHECK(session.next_deadline() == start + 3s);
  CHECK_FALSE(session.expired(start + 2999ms).has_value());
  CHECK_FALSE(session.expired(start + 3s).has_value());
  CHECK(only(session).bytes == first.bytes);
  CHECK_FALSE(session.expired(start + 6s).has_value());
  CHECK(only(session).bytes == first.bytes);
  CHECK(outcome_of(session.expired(start + 9s)) == "1: the device did not answer");
  CHECK(sent(session).empty());
  CHECK(session.counters().retries == 2);
  CHECK(session.counters().timeouts == 1);
}

TEST_CASE("the answer to a repeated request counts once") {
  Session session({.timeout = 3s, .retries = 2});
  ask(session, 1, plant);
  const ConfirmedRequest request = request_in(only(session));
  CHECK_FALSE(session.expired(start + 3s).has_value());
  CHECK(outcome_of(session.received(plant, answer_to(request), start + 4s)) == "1: acknowledged");
  CHECK(outcome_of(session.received(plant, answer_to(request), start + 5s)) == "nothing");
}

TEST_CASE("what must not be done twice is sent once") {
  Session session({.timeout = 3s, .retries = 2});
  ask(session, 1, plant, start, true);
  (void)sent(session);
  CHECK(outcome_of(session.expired(start + 3s)) == "1: the device did not answer");
  CHECK(sent(session).empty());
}

TEST_CASE("a late answer never completes a newer request, however many there were") {
  Session session({.timeout = 1s, .retries = 0});
  ask(session, 1, plant);
  const ConfirmedRequest lost = request_in(only(session));
  REQUIRE(session.expired(start + 1s).has_value());
  // All ids are used up once, the resting one excepted.
  for (Ticket ticket = 2; ticket < 600; ++ticket) {
    ask(session, ticket, plant, start + 2s);
    const ConfirmedRequest request = request_in(only(session));
    CHECK(request.invoke_id != lost.invoke_id);
    CHECK(outcome_of(session.received(plant, answer_to(lost), start + 2s)) == "nothing");
    REQUIRE(session.received(plant, answer_to(request), start + 2s).has_value());
  }
  // Later it is used again.
  std::set<InvokeId> used;
  for (Ticket ticket = 600; ticket < 856; ++ticket) {
    ask(session, ticket, plant, start + 60s);
    used.insert(request_in(only(session)).invoke_id);
  }
  CHECK(used.size() == 256);
}

TEST_CASE("each peer has 256 invoke ids of its own, and no more") {
  Session session;
  std::set<InvokeId> ids;
  for (Ticket ticket = 0; ticket < 256; ++ticket) {
    ask(session, ticket, plant);
    ids.insert(request_in(only(session)).invoke_id);
  }
  CHECK(ids.size() == 256);
  const auto refused = session.request(256, plant, {}, ConfirmedService::read_property, question, start);
  CHECK(refused.error().kind == ErrorKind::exhausted);
  ask(session, 257, chiller);
  CHECK(session.outstanding(plant) == 256);
  CHECK(session.outstanding(chiller) == 1);
  CHECK(session.outstanding() == 257);
}

TEST_CASE("a request that the peer can not take is refused before it is sent") {
  Session session;
  const auto parameters = numbered(100);
  const auto refused = session.request(1, plant, {.max_apdu = 50}, ConfirmedService::write_property_multiple,
                                       parameters, start);
  CHECK(refused.error().message.contains("takes 50"));
  CHECK(session.outstanding() == 0);
  CHECK(sent(session).empty());
}

TEST_CASE("a network that rejects ends all that is under way there, and nothing else") {
  Session session;
  ask(session, 1, plant);
  ask(session, 2, chiller);
  ask(session, 3, chiller);
  const Error why{ErrorKind::unreachable, "no route"};
  CHECK(outcome_of(session.rejected(2001, why)) == "2: no route");
  CHECK(outcome_of(session.rejected(2001, why)) == "3: no route");
  CHECK(outcome_of(session.rejected(2001, why)) == "nothing");
  CHECK(session.outstanding(plant) == 1);
}

// ---- Segmented answers

namespace {

// A device that sends an answer in segments; the wire between loses and reorders as told.
struct SegmentingDevice {
  Session& session;
  ConfirmedRequest request;
  std::vector<std::byte> message;
  SegmentSender sender;
  std::vector<Ticket> completed = {};

  SegmentingDevice(Session& s, const ConfirmedRequest& r, std::vector<std::byte> m, std::size_t size,
                   std::uint8_t window)
      : session(s), request(r), message(std::move(m)), sender(message, size, window) {}

  [[nodiscard]] std::vector<ComplexAck> window() {
    std::vector<ComplexAck> pdus;
    while (const auto piece = sender.next()) {
      pdus.push_back({.invoke_id = request.invoke_id,
                      .service = request.service,
                      .segment = piece->segment,
                      .data = piece->data});
    }
    return pdus;
  }
  void deliver(const ComplexAck& pdu, Instant now) {
    if (const auto answer = session.received(plant, pdu, now)) {
      completed.push_back(answer->ticket);
      CHECK(std::ranges::equal(std::get<Acknowledged>(answer->outcome).data, message));
    }
  }
  // Takes the acknowledgements of the session; false when there is none.
  bool take_acks() {
    bool any = false;
    for (const Sent& out : sent(session)) {
      const auto apdu = out.apdu();
      const auto* ack = std::get_if<SegmentAck>(&apdu);
      if (ack == nullptr) {  // a segment after the end
        CHECK(std::holds_alternative<AbortPdu>(apdu));
        CHECK_FALSE(completed.empty());
        continue;
      }
      CHECK_FALSE(ack->from_server);
      any = true;
      sender.acknowledged(*ack);
    }
    return any;
  }
};

SegmentingDevice segmenting(Session& session, std::size_t octets, std::uint8_t window) {
  ask(session, 9, plant);
  return {session, request_in(only(session)), numbered(octets), 1024, window};
}

}  // namespace

TEST_CASE("an answer in segments is put together, for every window") {
  for (const auto window : std::array<std::uint8_t, 5>{1, 2, 4, 16, 127}) {
    CAPTURE(window);
    Session session;
    auto device = segmenting(session, 300'000 / 2, window);
    while (!device.sender.done()) {
      for (const ComplexAck& pdu : device.window())
        device.deliver(pdu, start);
      REQUIRE(device.take_acks());
    }
    CHECK(device.completed == std::vector<Ticket>{9});
    CHECK(session.outstanding() == 0);
  }
}

TEST_CASE("segments that are lost, doubled or out of order do not spoil the message") {
  // Which segment of each window, and what happens to it.
  for (const std::string_view what :
       {"lose first", "lose middle", "lose last", "double", "reverse", "lose ack"}) {
    CAPTURE(what);
    Session session;
    auto device = segmenting(session, 40'000, 4);
    bool faulty = false;
    for (int turn = 0; turn < 200 && !device.sender.done(); ++turn) {
      auto pdus = device.window();
      // Every other window goes through the fault.
      faulty = !faulty;
      if (faulty && pdus.size() > 1) {
        if (what == "lose first") pdus.erase(pdus.begin());
        if (what == "lose middle") pdus.erase(pdus.begin() + 1);
        if (what == "lose last") pdus.pop_back();
        if (what == "double") pdus.insert(pdus.begin() + 1, pdus.front());
        if (what == "reverse") std::ranges::reverse(pdus);
      }
      for (const ComplexAck& pdu : pdus)
        device.deliver(pdu, start);
      if (what == "lose ack" && faulty && turn > 0) {
        (void)sent(session);
        device.sender.resend();
      } else if (!device.take_acks()) {
        device.sender.resend();  // its timer
      }
      if (!device.completed.empty()) break;
    }
    CHECK(device.completed == std::vector<Ticket>{9});
  }
}

TEST_CASE("a device that dies in the middle of its segments ends as no answer") {
  Session session({.segment_timeout = 2s});
  auto device = segmenting(session, 10'000, 2);
  for (const ComplexAck& pdu : device.window())
    device.deliver(pdu, start);
  REQUIRE(device.take_acks());
  CHECK(session.next_deadline() == start + 8s);
  CHECK(outcome_of(session.expired(start + 8s)) == "9: the device did not answer");
  CHECK(std::holds_alternative<AbortPdu>(only(session).apdu()));
  // Segments that come later are told so.
  for (const ComplexAck& pdu : device.window())
    device.deliver(pdu, start + 9s);
  for (const Sent& out : sent(session))
    CHECK(std::get<AbortPdu>(out.apdu()).reason == AbortReason::invalid_apdu_in_this_state);
}

TEST_CASE("a device that aborts in the middle of its segments ends with its reason, and once") {
  Session session;
  auto device = segmenting(session, 10'000, 2);
  for (const ComplexAck& pdu : device.window())
    device.deliver(pdu, start);
  REQUIRE(device.take_acks());
  const AbortPdu abort{
      .invoke_id = device.request.invoke_id, .reason = AbortReason::out_of_resources, .from_server = true};
  CHECK(outcome_of(session.received(plant, abort, start)) ==
        "9: the device aborted the transaction: out-of-resources");
  CHECK(session.outstanding() == 0);
  CHECK_FALSE(session.received(plant, abort, start).has_value());
  CHECK_FALSE(session.expired(start + 60s).has_value());
}

TEST_CASE("an answer without end is aborted") {
  Session session({.max_message = 5000});
  auto device = segmenting(session, 10'000, 16);
  std::vector<std::string> outcomes;
  for (int turn = 0; turn < 4 && outcomes.empty(); ++turn) {
    for (const ComplexAck& pdu : device.window()) {
      if (const auto answer = session.received(plant, pdu, start)) outcomes.push_back(outcome_of(answer));
    }
    if (outcomes.empty()) REQUIRE(device.take_acks());
  }
  CHECK(outcomes == std::vector<std::string>{"9: the device aborted the transaction: buffer-overflow"});
}

// ---- Segmented requests

TEST_CASE("a request too long for the peer goes out in segments, window by window") {
  Session session({.window = 4});
  const auto parameters = numbered(1000);
  REQUIRE(session
              .request(5, plant, {.max_apdu = 128, .receives_segments = true},
                       ConfirmedService::write_property_multiple, parameters, start)
              .has_value());
  SegmentReceiver device(2, 10'000);
  auto next = SegmentReceiver::Next::wait;
  InvokeId id = 0;
  std::vector<std::size_t> windows;
  for (int turn = 0; turn < 20 && next != SegmentReceiver::Next::complete; ++turn) {
    const auto out = sent(session);
    windows.push_back(out.size());
    for (const Sent& one : out) {
      CHECK(one.bytes.size() <= 128);
      const auto apdu = one.apdu();
      const auto& request = std::get<ConfirmedRequest>(apdu);
      REQUIRE(request.segment.has_value());
      id = request.invoke_id;
      next = device.received(*request.segment, request.data);
    }
    SegmentAck ack = device.ack();
    ack.invoke_id = id;
    ack.from_server = true;
    CHECK_FALSE(session.received(plant, ack, start).has_value());
  }
  CHECK(std::ranges::equal(device.message(), parameters));
  CHECK(windows == std::vector<std::size_t>{1, 2, 2, 2, 2});
  CHECK(session.next_deadline() == start + 3s);
  const SimpleAck done{.invoke_id = id, .service = ConfirmedService::write_property_multiple};
  CHECK(outcome_of(session.received(plant, done, start)) == "5: acknowledged");
}

TEST_CASE("segments that nobody acknowledges are sent again, and then no more") {
  Session session({.retries = 2, .segment_timeout = 1s});
  REQUIRE(session
              .request(5, plant, {.max_apdu = 128, .receives_segments = true},
                       ConfirmedService::write_property_multiple, numbered(1000), start)
              .has_value());
  const Sent first = only(session);
  CHECK_FALSE(session.expired(start + 1s).has_value());
  CHECK(only(session).bytes == first.bytes);
  CHECK_FALSE(session.expired(start + 2s).has_value());
  CHECK(only(session).bytes == first.bytes);
  CHECK(outcome_of(session.expired(start + 3s)) == "5: the device did not answer");
}

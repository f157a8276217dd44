#include "protocols/bacnet/server/responder.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "base/hex.hpp"

using namespace iw;
using namespace iw::bacnet;
using namespace iw::bacnet::server;

namespace {

constexpr Instant start{};
const Address bms{.network = local_network, .mac = to_mac({.host = {10, 0, 0, 9}})};

ConfirmedRequest asks(ConfirmedService service, Bytes data, InvokeId id = 1) {
  return {.invoke_id = id,
          .service = service,
          .max_apdu = 128,
          .segmented_response_accepted = true,
          .max_segments = unlimited_segments,
          .data = data};
}

struct Bench {
  std::vector<std::vector<std::byte>> sent() {
    std::vector<std::vector<std::byte>> all;
    while (const auto out = responder.next_to_send()) {
      const auto apdu = decode_apdu(out->apdu).value();
      const auto* ack = std::get_if<ComplexAck>(&apdu);
      CHECK(out->expecting_reply == (ack != nullptr && ack->segment.has_value()));  // 6.2.2
      all.emplace_back(out->apdu.begin(), out->apdu.end());
    }
    return all;
  }
  Apdu only() {
    kept = sent();
    REQUIRE(kept.size() == 1);
    return decode_apdu(kept.front()).value();
  }
  Request whole(const ConfirmedRequest& request, Instant now = start) {
    const auto taken = responder.received(bms, request, now);
    REQUIRE(taken.has_value());
    return *taken;
  }

  Responder responder;
  std::vector<std::vector<std::byte>> kept;
};

const auto reads = parse_hex("0C 00 00 00 05 19 55").value();
const auto writes = parse_hex("0C 00 40 00 01 19 55 3E 44 42 90 99 9A 3F").value();

std::vector<std::byte> numbered(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return bytes;
}

}  // namespace

TEST_CASE("each kind of answer has its PDU") {
  Bench b;
  const Request request = b.whole(asks(ConfirmedService::read_property, reads, 9));
  const auto answer = [&](const Reply& reply) {
    b.responder.reply(request.caller, reply, start);
    b.kept = b.sent();
    return to_hex(b.kept.at(0));
  };
  CHECK(answer(Done{}) == "20 09 0C");
  CHECK(answer(Results{reads}) == "30 09 0C 0C 00 00 00 05 19 55");
  CHECK(answer(BacnetError{ErrorClass::object, ErrorCode::unknown_object}) == "50 09 0C 91 01 91 1F");
  CHECK(answer(RejectReason::unrecognized_service) == "60 09 09");
  CHECK(answer(AbortReason::out_of_resources) == "71 09 09");
}

TEST_CASE("a write that comes again is not done again, and gets the same answer") {
  Bench b;
  const Request request = b.whole(asks(ConfirmedService::write_property, writes));
  // While it is being done, a repetition is silence.
  CHECK_FALSE(b.responder.received(bms, asks(ConfirmedService::write_property, writes), start));
  CHECK(b.sent().empty());
  b.responder.reply(request.caller, Done{}, start);
  CHECK(to_hex(b.sent().at(0)) == "20 01 0F");
  CHECK_FALSE(b.responder.received(bms, asks(ConfirmedService::write_property, writes), start + 3s));
  CHECK(to_hex(b.sent().at(0)) == "20 01 0F");
  CHECK(b.responder.counters().repeated == 2);
}

TEST_CASE("an invoke id that is used again for something else is another request") {
  Bench b;
  b.whole(asks(ConfirmedService::write_property, writes));
  auto other = writes;
  other[9] = std::byte{0x43};
  b.whole(asks(ConfirmedService::write_property, other));
  // And the first once more is a third.
  b.whole(asks(ConfirmedService::write_property, writes));
  // As it is when enough time has passed, or when somebody else asks.
  b.whole(asks(ConfirmedService::write_property, writes), start + 1min);
  const Address another{.network = 5, .mac = Mac::of(7)};
  CHECK(b.responder.received(another, asks(ConfirmedService::write_property, writes), start).has_value());
}

TEST_CASE("a read that comes again is simply done again") {
  Bench b;
  b.whole(asks(ConfirmedService::read_property, reads));
  b.whole(asks(ConfirmedService::read_property, reads));
}

TEST_CASE("a long answer goes in segments, as many as the window at once") {
  Bench b;
  const auto message = numbered(1000);
  const Request request = b.whole(asks(ConfirmedService::read_property_multiple, reads));
  b.responder.reply(request.caller, Results{message}, start);
  const auto first = std::get<ComplexAck>(b.only());
  REQUIRE(first.segment.has_value());
  CHECK(*first.segment == Segment{.sequence = 0, .window = 16, .more_follows = true});
  CHECK(first.data.size() == 128 - 5);
  CHECK(b.kept.front().size() == 128);

  std::vector<std::byte> received(first.data.begin(), first.data.end());
  std::uint8_t last = 0;
  while (received.size() < message.size()) {
    b.responder.received(bms, SegmentAck{.invoke_id = 1, .sequence = last, .window = 3}, start);
    b.kept = b.sent();
    CHECK(b.kept.size() <= 3);
    REQUIRE_FALSE(b.kept.empty());
    for (const auto& bytes : b.kept) {
      const auto ack = std::get<ComplexAck>(decode_apdu(bytes).value());
      received.insert(received.end(), ack.data.begin(), ack.data.end());
      last = ack.segment->sequence;
    }
  }
  CHECK(received == message);
  CHECK(b.responder.next_deadline() != never);
  b.responder.received(bms, SegmentAck{.invoke_id = 1, .sequence = last, .window = 3}, start);
  CHECK(b.sent().empty());
  CHECK(b.responder.next_deadline() == never);
}

TEST_CASE("segments that nobody acknowledges are sent again, and then no more") {
  Bench b;
  const auto message = numbered(1000);
  const Request request = b.whole(asks(ConfirmedService::read_property_multiple, reads));
  b.responder.reply(request.caller, Results{message}, start);
  CHECK(b.sent().size() == 1);
  Instant now = start;
  std::size_t again = 0;
  while (b.responder.next_deadline() != never) {
    now = b.responder.next_deadline();
    b.responder.expire(now);
    again += b.sent().size();
  }
  CHECK(again == 3);
  CHECK(now - start <= 10s);
}

TEST_CASE("an answer that the client can not take is an Abort that says why") {
  Bench b;
  const auto message = numbered(1000);
  auto question = asks(ConfirmedService::read_property_multiple, reads);
  const auto why = [&] {
    const Request request = b.whole(question);
    b.responder.reply(request.caller, Results{message}, start);
    const auto abort = std::get<AbortPdu>(b.only());
    CHECK(abort.from_server);
    return abort.reason;
  };
  question.segmented_response_accepted = false;
  CHECK(why() == AbortReason::segmentation_not_supported);
  question.segmented_response_accepted = true;
  question.max_segments = 4;
  CHECK(why() == AbortReason::buffer_overflow);
}

TEST_CASE("an Abort of the client ends the segments") {
  Bench b;
  const auto message = numbered(1000);
  const Request request = b.whole(asks(ConfirmedService::read_property_multiple, reads));
  b.responder.reply(request.caller, Results{message}, start);
  b.responder.received(bms, AbortPdu{.invoke_id = 1, .reason = AbortReason::other}, start);
  CHECK(b.responder.next_deadline() == never);
}

TEST_CASE("a request in segments is put together and acknowledged") {
  Bench b;
  const auto message = numbered(300);
  std::optional<Request> whole;
  for (std::uint8_t sequence = 0; sequence < 3; ++sequence) {
    auto part = asks(ConfirmedService::write_property_multiple,
                     Bytes(message).subspan(std::size_t{100} * sequence, 100));
    part.segment = Segment{.sequence = sequence, .window = 2, .more_follows = sequence < 2};
    whole = b.responder.received(bms, part, start);
    CHECK(whole.has_value() == (sequence == 2));
  }
  CHECK(std::vector<std::byte>(whole->data.begin(), whole->data.end()) == message);
  const auto acks = b.sent();
  REQUIRE(acks.size() == 2);  // the first segment, then a full window which is the end
  CHECK(to_hex(acks[0]) == "41 01 00 02");
  CHECK(to_hex(acks[1]) == "41 01 02 02");
  CHECK(b.responder.next_deadline() == never);
}

TEST_CASE("a request whose segments cease is forgotten") {
  Bench b;
  auto part = asks(ConfirmedService::write_property_multiple, reads);
  part.segment = Segment{.sequence = 0, .window = 2, .more_follows = true};
  CHECK_FALSE(b.responder.received(bms, part, start));
  CHECK(b.responder.next_deadline() == start + 8s);
  b.responder.expire(start + 8s);
  CHECK(b.responder.next_deadline() == never);
}

TEST_CASE("who begins ever more segmented requests is told that there is no room") {
  Bench b;
  auto part = asks(ConfirmedService::write_property_multiple, reads);
  part.segment = Segment{.sequence = 0, .window = 2, .more_follows = true};
  for (unsigned i = 0; i < 100; ++i) {
    part.invoke_id = static_cast<InvokeId>(i);
    b.responder.received(bms, part, start);
  }
  const auto last = decode_apdu(b.sent().back()).value();
  CHECK(std::get<AbortPdu>(last).reason == AbortReason::out_of_resources);
}

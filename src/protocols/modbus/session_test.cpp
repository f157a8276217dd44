#include "protocols/modbus/session.hpp"

#include <algorithm>
#include <deque>
#include <vector>

#include <doctest/doctest.h>

#include "base/crc.hpp"
#include "base/hex.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

constexpr UnitId unit{1};

void feed(Session& session, Bytes bytes) {
  const MutableBytes space = session.free_space();
  REQUIRE(space.size() >= bytes.size());
  std::ranges::copy(bytes, space.begin());
  session.filled(bytes.size());
}

void feed(Session& session, const char* hex) { feed(session, parse_hex(hex).value()); }

ReadRegisters read(std::uint16_t address, std::uint16_t count) {
  return {.table = Table::holding_registers, .address = address, .count = count};
}

std::vector<std::byte> ask(Session& session, Ticket ticket, const Request& request, Instant now = {}) {
  const auto bytes = session.ask(ticket, unit, request, now, 1s);
  REQUIRE(bytes.has_value());
  return {bytes->begin(), bytes->end()};
}

// A device on an RTU line: answers in order, each request after its own delay.
class Slave {
 public:
  // What register n holds: n itself, so that a value from a wrong register shows.
  void take(Bytes adu, Instant now, Duration delay) {
    const auto frame = decode_rtu(adu);
    REQUIRE(frame.has_value());
    const auto request = decode_request(frame->pdu);
    REQUIRE(request.has_value());
    std::array<std::byte, max_pdu> pdu{};
    Writer writer(pdu);
    if (const auto* r = std::get_if<ReadRegisters>(&*request);
        r != nullptr && r->table == Table::holding_registers) {
      std::vector<std::uint16_t> values(r->count);
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<std::uint16_t>(r->address + i);
      write_response(writer, *r, values);
    } else {
      write_exception(writer, function_of(*request), ExceptionCode::illegal_function);
    }
    std::array<std::byte, max_rtu_adu> out{};
    const auto size = encode_rtu(frame->unit, writer.written(), out);
    REQUIRE(size.has_value());
    free_at_ = std::max(free_at_, now) + delay;
    replies_.push_back({free_at_, {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size)}});
  }
  Instant next() const { return replies_.empty() ? never : replies_.front().at; }
  std::vector<std::byte> reply() {
    auto bytes = std::move(replies_.front().bytes);
    replies_.pop_front();
    return bytes;
  }

 private:
  struct Reply {
    Instant at;
    std::vector<std::byte> bytes;
  };
  std::deque<Reply> replies_;
  Instant free_at_{};
};

}  // namespace

TEST_CASE("TCP answers find their questions in any order") {
  Session session({});
  CHECK(to_hex(ask(session, 10, read(0, 1))) == "00 01 00 00 00 06 01 03 00 00 00 01");
  CHECK(to_hex(ask(session, 11, read(5, 1))) == "00 02 00 00 00 06 01 03 00 05 00 01");
  feed(session, "0002 0000 0005 01 03 02 00AA  0001 0000 0005 01 03 02 00BB");
  const auto first = std::get<Answer>(*session.next({}));
  CHECK(first.ticket == 11);
  CHECK(to_hex(first.pdu) == "03 02 00 AA");
  CHECK(std::get<Answer>(*session.next({})).ticket == 10);
  CHECK_FALSE(session.next({}).has_value());
  CHECK(session.outstanding() == 0);
}

TEST_CASE("a late TCP answer is counted and dropped, and the next questions are right") {
  Session session({});
  ask(session, 1, read(0, 1));
  CHECK_FALSE(session.expired(Instant(999ms)).has_value());
  CHECK(session.expired(Instant(1s))->ticket == 1);
  ask(session, 2, read(5, 1), Instant(1s));
  feed(session, "0001 0000 0005 01 03 02 1111  0002 0000 0005 01 03 02 2222");
  const auto answer = std::get<Answer>(*session.next(Instant(1s)));
  CHECK(answer.ticket == 2);
  CHECK(to_hex(answer.pdu) == "03 02 22 22");
  CHECK(session.counters().strays == 1);
}

TEST_CASE("a TCP answer with the right transaction but another function is nobody's") {
  Session session({});
  ask(session, 1, read(0, 1));
  feed(session, "0001 0000 0005 01 04 02 1111");
  CHECK_FALSE(session.next({}).has_value());
  CHECK(session.counters().strays == 1);
  CHECK(session.outstanding() == 1);
}

TEST_CASE("a wrong protocol id breaks the connection") {
  Session session({});
  ask(session, 1, read(0, 1));
  feed(session, "0001 0001 0005 01 03 02 1111");
  CHECK(std::holds_alternative<Broken>(*session.next({})));
}

TEST_CASE("an RTU line is silent between frames and carries one question at a time") {
  Session session({.rtu = true, .silence = 4ms});
  CHECK(to_hex(ask(session, 1, read(0, 10))) == "01 03 00 00 00 0A C5 CD");
  CHECK_FALSE(session.can_ask({}));
  feed(session, "01 03 14 0000000000000000000000000000000000000000 A3 67");
  const auto event = session.next(Instant(10ms));
  REQUIRE(event.has_value());
  CHECK(std::get<Answer>(*event).ticket == 1);
  CHECK_FALSE(session.can_ask(Instant(13ms)));
  CHECK(session.can_ask(Instant(14ms)));
}

TEST_CASE("after an RTU time-out a fence is sent first, and the question when it is answered") {
  Session session({.rtu = true});
  ask(session, 1, read(100, 4));
  CHECK(session.expired(Instant(1s))->was_sent);
  const auto fence = ask(session, 2, read(200, 4), Instant(1100ms));
  CHECK(to_hex(Bytes(fence).first(6)) == "01 03 00 64 00 03");  // what was asked before, one register less

  // The late answer: of the length that is owed, so it is not the fence's.
  Slave late;
  std::array<std::byte, max_rtu_adu> adu{};
  const auto size = encode_rtu(unit, read(100, 4), adu).value();
  late.take(Bytes(adu).first(size), {}, 0ns);
  feed(session, late.reply());
  CHECK_FALSE(session.next(Instant(1200ms)).has_value());
  CHECK(session.counters().strays == 1);

  late.take(fence, {}, 0ns);
  feed(session, late.reply());
  const auto event = session.next(Instant(1300ms));
  REQUIRE(event.has_value());
  CHECK(std::holds_alternative<FenceAnswered>(*event));
  CHECK(to_hex(session.held_back(Instant(1300ms)).first(6)) == "01 03 00 C8 00 04");
}

TEST_CASE("the question behind a fence goes out after the silence, and its time begins then") {
  Session session({.rtu = true, .silence = 4ms});
  ask(session, 1, read(100, 4));
  session.expired(Instant(1s));
  const auto fence = ask(session, 2, read(200, 4), Instant(1100ms));
  Slave slave;
  slave.take(fence, {}, 0ns);
  feed(session, slave.reply());
  CHECK(std::holds_alternative<FenceAnswered>(*session.next(Instant(1300ms))));
  CHECK(session.next_deadline() == Instant(1304ms));
  CHECK(session.held_back(Instant(1303ms)).empty());
  CHECK_FALSE(session.can_ask(Instant(1304ms)));
  CHECK_FALSE(session.expired(Instant(5s)).has_value());
  CHECK(session.held_back(Instant(5s)).size() == 8);
  CHECK_FALSE(session.holds_back());
  CHECK(session.next_deadline() == Instant(6s));
}

TEST_CASE("a question that can not be sent is refused at once, also behind a fence") {
  Session session({.rtu = true});
  ask(session, 1, read(100, 4));
  session.expired(Instant(1s));
  CHECK_FALSE(session.ask(2, unit, read(100, 200), Instant(2s), 1s).has_value());
  CHECK(session.can_ask(Instant(2s)));
}

TEST_CASE("a unit that answers no fence is asked with another function, whose exception is proof as well") {
  Session session({.rtu = true});
  ask(session, 1, read(100, 1));
  session.expired(Instant(1s));
  const auto fence = ask(session, 2, read(200, 1), Instant(2s));
  CHECK(to_hex(Bytes(fence).first(6)) == "01 04 00 64 00 01");
  Slave slave;
  slave.take(fence, {}, 0ns);
  feed(session, slave.reply());  // 84 01
  CHECK(std::holds_alternative<FenceAnswered>(*session.next(Instant(2s))));
}

TEST_CASE("a new connection to an RTU line forgets no fence that is on it") {
  Session session({.rtu = true});
  ask(session, 1, read(100, 4));
  session.expired(Instant(1s));
  const auto lost = ask(session, 2, read(200, 4), Instant(2s));
  CHECK(to_hex(Bytes(lost).first(6)) == "01 03 00 64 00 03");
  session.restart();
  const auto fence = ask(session, 3, read(200, 4), Instant(3s));
  CHECK(to_hex(Bytes(fence).first(6)) == "01 03 00 64 00 02");
  Slave late;
  late.take(lost, {}, 0ns);
  feed(session, late.reply());
  CHECK_FALSE(session.next(Instant(3s)).has_value());
}

TEST_CASE("a new connection to an RTU line does not end the silence that it is left in") {
  Session session({.rtu = true});
  Instant now{};
  while (session.ready_at() - now < 2s) {
    now = std::max(now, session.ready_at());
    REQUIRE(now < Instant(20s));
    ask(session, 1, read(100, 4), now);
    now = session.next_deadline();
    REQUIRE(session.expired(now).has_value());
  }
  session.restart();
  CHECK_FALSE(session.can_ask(now + 2s));
  CHECK(session.can_ask(now + 3s));
}

TEST_CASE("a dead unit that is probed again and again never brings silence upon the line") {
  Session session({.rtu = true});
  Instant now{};
  for (Duration pause = 1s; now < Instant(1h); pause = std::min<Duration>(2 * pause, 60s)) {
    now = std::max(now, session.ready_at());
    ask(session, 1, read(100, 4), now);
    now = session.next_deadline();
    REQUIRE(session.expired(now).has_value());
    CHECK(session.ready_at() - now < 500ms);
    now += pause;
  }
}

TEST_CASE("an RTU device that is late at random never gives a value of a wrong register") {
  Session session({.rtu = true, .silence = 2ms});
  Slave slave;
  std::uint64_t chance = 42;
  const auto draw = [&chance](std::uint64_t bound) {
    chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
    return (chance >> 33) % bound;
  };
  constexpr Duration timeout = 100ms;
  Instant now{};
  int right = 0;
  int timeouts = 0;
  const auto delay = [&]() -> Duration {
    return draw(100) < 5 ? timeout * (1 + static_cast<int>(draw(30))) / 10 : 5ms;
  };

  for (Ticket ticket = 1; ticket <= 10'000; ++ticket) {
    now = std::max(now, session.ready_at());
    // Neighbours of equal length, as in a real plan.
    const auto address = static_cast<std::uint16_t>(draw(50) * 4);
    const auto count = static_cast<std::uint16_t>(draw(4) == 0 ? 1 : 4);
    const auto bytes = session.ask(ticket, unit, read(address, count), now, timeout);
    REQUIRE(bytes.has_value());
    slave.take(*bytes, now, delay());
    for (bool done = false; !done;) {
      if (slave.next() <= session.next_deadline()) {
        now = std::max(now, slave.next());
        feed(session, slave.reply());
        while (auto event = session.next(now)) {
          if (const auto* answer = std::get_if<Answer>(&*event)) {
            const auto values = registers_of(read(address, count), answer->pdu);
            REQUIRE(values.has_value());
            CHECK(answer->ticket == ticket);
            for (std::uint16_t i = 0; i < count; ++i)
              REQUIRE(values->at(i) == address + i);
            ++right;
            done = true;
          } else if (std::holds_alternative<FenceAnswered>(*event)) {
            now = session.next_deadline();
            slave.take(session.held_back(now), now, delay());
          } else {
            done = true;
          }
        }
      } else {
        now = session.next_deadline();
        CHECK(session.expired(now).has_value());
        ++timeouts;
        done = true;
      }
    }
  }
  CHECK(right > 8500);
  CHECK(timeouts > 100);
  CHECK(session.counters().strays > 100);
}

TEST_CASE("a spoiled RTU reply ends the question at once, and the line is silent for a while") {
  Session session({.rtu = true, .silence = 2ms, .resync_silence = 20ms});
  ask(session, 1, read(0, 1));
  feed(session, "01 03 02 00 AA 00 00");
  CHECK(std::get<Spoiled>(*session.next(Instant(10ms))).ticket == 1);
  CHECK(session.counters().bad_frames == 1);
  CHECK_FALSE(session.can_ask(Instant(29ms)));
  CHECK(session.can_ask(Instant(30ms)));
}

// Session: which answer belongs to which question, on one connection. Pure: bytes, events and `now` in, bytes
// out.
//
// TCP (and TLS): several questions may be outstanding; the transaction id joins answer and question, and a
// late answer, whose transaction id is dead, is counted and dropped.
//
// RTU: one question at a time, and no transaction id: after a time-out the late answer could pass for the
// answer to the next question. So when a unit owes an answer, a fence is sent first: a read whose reply can
// not be mistaken for what is owed (another length, or another function code). A unit answers in order, so
// once the fence is answered nothing older can come. Then the question itself goes out, after the silence
// that every frame needs. The caller sees only that its question takes a little longer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "protocols/modbus/pdu.hpp"
#include "protocols/modbus/rtu_frame.hpp"
#include "protocols/modbus/tcp_frame.hpp"

namespace iw::modbus {

// How frames are cut on this connection.
struct Framing {
  bool rtu = false;
  Duration silence = 0ns;          // between RTU frames (t3.5); 0 where another box keeps it
  Duration character = 0ns;        // time on the wire of one character; 0 where it does not matter
  Duration resync_silence = 20ms;  // after garbage, before the next RTU frame

  friend bool operator==(const Framing&, const Framing&) = default;
};

// Chosen by the caller, given back with the answer.
using Ticket = std::uint32_t;

// The answer to a question; the PDU is a view, valid until free_space().
struct Answer {
  Ticket ticket = 0;
  Bytes pdu;
};
// What came can not be the answer, and nothing better will come.
struct Spoiled {
  Ticket ticket = 0;
  Error error;
};
// The fence was answered: the question itself is held back until the line was silent, see held_back().
struct FenceAnswered {};
// The stream has lost its framing: close the connection.
struct Broken {
  Error error;
};
using SessionEvent = std::variant<Answer, Spoiled, FenceAnswered, Broken>;

struct Expired {
  Ticket ticket = 0;
  bool was_sent = true;  // false: the unit did not even answer the fence, the question was never asked
};

struct SessionCounters {
  std::uint64_t strays = 0;      // late answers, answers to nobody
  std::uint64_t bad_frames = 0;  // CRC, length
  std::uint64_t fences = 0;
};

class Session {
 public:
  explicit Session(const Framing& framing);

  // For a new connection. What was outstanding is forgotten; ask outstanding_tickets() before. Behind it may
  // be the same RTU line: what its units owe, and the silence that it needs, stay.
  void restart();

  // May another question be asked now? RTU: when none is outstanding and the line was silent long enough.
  [[nodiscard]] bool can_ask(Instant now) const;
  // When can_ask() becomes true by the passing of time alone.
  [[nodiscard]] Instant ready_at() const { return ready_at_; }

  // The bytes to write, valid until the next call. `timeout`: how long the unit may think; time on the wire
  // is added.
  Result<Bytes> ask(Ticket ticket, UnitId unit, const Request& request, Instant now, Duration timeout);

  // Read into free_space(), tell filled(), then take next() until there is none.
  MutableBytes free_space();
  void filled(std::size_t n);
  std::optional<SessionEvent> next(Instant now);

  // The bytes of the question that was held back behind its fence, once it may go; none: there is none yet.
  // The caller may let it wait longer: its time begins now.
  Bytes held_back(Instant now);
  [[nodiscard]] bool holds_back() const { return asking_ && asking_->held_back; }

  // Questions whose time is over, one at a time.
  std::optional<Expired> expired(Instant now);
  // When there is one, or when what is held back may go.
  [[nodiscard]] Instant next_deadline() const;

  [[nodiscard]] std::size_t outstanding() const { return rtu_ ? (asking_ ? 1 : 0) : questions_.size(); }
  [[nodiscard]] std::vector<Ticket> outstanding_tickets() const;
  [[nodiscard]] const SessionCounters& counters() const { return counters_; }

 private:
  // TCP: a question under way.
  struct Question {
    std::uint16_t tid = 0;
    UnitId unit;
    FunctionCode function{};
    Ticket ticket = 0;
    Instant deadline;
  };
  // RTU: the question under way; while `fencing`, the fence is on the line and the question still waits;
  // while `held_back`, nothing is on the line.
  struct Asking {
    Ticket ticket = 0;
    UnitId unit;
    Request request;
    Request on_line;
    bool fencing = false;
    bool held_back = false;
    Duration timeout{};
    Instant deadline;
  };
  // RTU: a question that was not answered in time; its answer may still come.
  struct Owed {
    UnitId unit;
    Request request;
    Instant since;
  };

  Result<Bytes> ask_tcp(Ticket ticket, UnitId unit, const Request& request, Instant deadline);
  Result<Bytes> send_rtu(const Request& request, Instant now);
  std::optional<SessionEvent> next_tcp();
  std::optional<SessionEvent> next_rtu(Instant now);
  std::optional<SessionEvent> answered_rtu(Bytes pdu, Instant now);
  void owe(Instant now);
  void forget_old_debts(Instant now);
  [[nodiscard]] bool owes(UnitId unit) const;
  [[nodiscard]] bool mistakable(UnitId unit, const Request& request) const;
  [[nodiscard]] bool mistakable_exception(UnitId unit, FunctionCode function) const;
  [[nodiscard]] Request fence(UnitId unit) const;

  Framing framing_;
  bool rtu_;
  Instant ready_at_{};
  SessionCounters counters_;

  TcpFramer tcp_;
  std::array<std::byte, max_tcp_adu> out_{};
  std::vector<Question> questions_;
  std::uint16_t next_tid_ = 1;

  RtuFramer framer_;
  std::optional<Asking> asking_;
  std::vector<Owed> owed_;
  bool other_function_ = false;  // fences so far were not answered: try another function code
};

}  // namespace iw::modbus

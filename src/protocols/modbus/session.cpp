#include "protocols/modbus/session.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"

namespace iw::modbus {
namespace {

// Owing so much means that the line is not worth fences: it is left in silence until all that is late has
// come.
constexpr std::size_t most_owed = 8;
constexpr Duration long_silence = 3s;
// Nothing comes as late as that: a unit that is probed now and then does not pile up what it owes.
constexpr Duration owed_for = 30s;

struct Shape {
  FunctionCode function{};
  std::size_t size = 0;  // bytes of data; echoes of writes all look alike
  friend bool operator==(const Shape&, const Shape&) = default;
};

// What can be told of a request from its reply.
Shape shape_of(const Request& request) {
  const std::size_t size =
      std::visit(overloaded{
                     [](const ReadBits& r) { return (std::size_t{r.count} + 7) / 8; },
                     [](const ReadRegisters& r) { return std::size_t{r.count} * 2; },
                     [](const ReadWriteMultipleRegisters& r) { return std::size_t{r.read_count} * 2; },
                     [](const auto&) { return std::size_t{0}; },
                 },
                 request);
  return {function_of(request), size};
}

bool is_exception(Bytes pdu) {
  return !pdu.empty() && (std::to_integer<unsigned>(pdu[0]) & exception_flag) != 0;
}

}  // namespace

Session::Session(const Framing& framing) : framing_(framing), rtu_(framing.rtu) { questions_.reserve(16); }

void Session::restart() {
  tcp_.reset();
  questions_.clear();
  framer_.resync();
  if (asking_ && !asking_->held_back) owed_.push_back({asking_->unit, asking_->on_line, asking_->deadline});
  asking_.reset();
}

bool Session::can_ask(Instant now) const { return now >= ready_at_ && (!rtu_ || !asking_); }

Result<Bytes> Session::ask(Ticket ticket, UnitId unit, const Request& request, Instant now,
                           Duration timeout) {
  if (!rtu_) return ask_tcp(ticket, unit, request, now + timeout);
  forget_old_debts(now);
  asking_ = Asking{.ticket = ticket,
                   .unit = unit,
                   .request = request,
                   .on_line = request,
                   .fencing = owes(unit),
                   .timeout = timeout,
                   .deadline = {}};
  auto bytes = send_rtu(request, now);  // what can not be sent is refused, also behind a fence
  if (bytes && asking_->fencing) {
    ++counters_.fences;
    asking_->on_line = fence(unit);
    bytes = send_rtu(asking_->on_line, now);
  }
  if (!bytes) asking_.reset();
  return bytes;
}

Result<Bytes> Session::ask_tcp(Ticket ticket, UnitId unit, const Request& request, Instant deadline) {
  const std::uint16_t tid = next_tid_++;
  const auto size = encode_tcp(tid, unit, request, out_);
  if (!size) return fail(size.error());
  questions_.push_back(
      {.tid = tid, .unit = unit, .function = function_of(request), .ticket = ticket, .deadline = deadline});
  return Bytes(out_).first(*size);
}

Result<Bytes> Session::send_rtu(const Request& request, Instant now) {
  auto bytes = framer_.ask(asking_->unit, request);
  if (!bytes) return bytes;
  const Duration wire = airtime(framing_.character, bytes->size() + framer_.reply_length());
  asking_->deadline = now + wire + asking_->timeout;
  return bytes;
}

MutableBytes Session::free_space() { return rtu_ ? framer_.free_space() : tcp_.free_space(); }

void Session::filled(std::size_t n) {
  if (rtu_) {
    framer_.filled(n);
  } else {
    tcp_.filled(n);
  }
}

std::optional<SessionEvent> Session::next(Instant now) { return rtu_ ? next_rtu(now) : next_tcp(); }

std::optional<SessionEvent> Session::next_tcp() {
  for (;;) {
    auto frame = tcp_.next();
    if (!frame) return std::nullopt;
    if (!*frame) return Broken{std::move(*frame).error()};
    const auto question = std::ranges::find(questions_, (*frame)->tid, &Question::tid);
    const auto function =
        static_cast<std::uint8_t>(std::to_integer<unsigned>((*frame)->pdu[0]) & ~unsigned{exception_flag});
    // Some devices answer with unit 0 or 255 whatever was asked; the transaction id has the last word.
    if (question == questions_.end() || function != std::to_underlying(question->function)) {
      ++counters_.strays;
      continue;
    }
    const Answer answer{.ticket = question->ticket, .pdu = (*frame)->pdu};
    questions_.erase(question);
    return answer;
  }
}

std::optional<SessionEvent> Session::next_rtu(Instant now) {
  for (;;) {
    if (!asking_) {
      counters_.strays += framer_.resync() > 0 ? 1 : 0;
      return std::nullopt;
    }
    auto frame = framer_.next();
    if (!frame) return std::nullopt;
    if (*frame) {
      if (auto event = answered_rtu((*frame)->pdu, now)) return event;
      continue;
    }
    const RtuError& fault = frame->error();
    if (fault.fault == RtuFault::unit || fault.fault == RtuFault::function ||
        fault.fault == RtuFault::byte_count) {
      ++counters_.strays;  // somebody's late answer: ours may still come
      framer_.resync();
      continue;
    }
    ++counters_.bad_frames;
    const Spoiled spoiled{.ticket = asking_->ticket, .error = fault.error};
    owe(now);
    return spoiled;
  }
}

// A reply that fits what is on the line; none when it may just as well be one that was owed.
std::optional<SessionEvent> Session::answered_rtu(Bytes pdu, Instant now) {
  if (asking_->fencing) {
    if (is_exception(pdu) && mistakable_exception(asking_->unit, function_of(asking_->on_line))) {
      ++counters_.strays;
      framer_.resync();
      return std::nullopt;
    }
    std::erase_if(owed_, [&](const Owed& owed) { return owed.unit == asking_->unit; });
    other_function_ = false;
    asking_->fencing = false;
    asking_->held_back = true;
    ready_at_ = now + framing_.silence;
    return FenceAnswered{};
  }
  const Answer answer{.ticket = asking_->ticket, .pdu = pdu};
  asking_.reset();
  ready_at_ = now + framing_.silence;
  return answer;
}

Bytes Session::held_back(Instant now) {
  if (!holds_back() || now < ready_at_) return {};
  asking_->held_back = false;
  asking_->on_line = asking_->request;
  return send_rtu(asking_->request, now).value();  // it could be sent before
}

std::optional<Expired> Session::expired(Instant now) {
  if (rtu_) {
    if (!asking_ || asking_->held_back || now < asking_->deadline) return std::nullopt;
    const Expired expired{.ticket = asking_->ticket, .was_sent = !asking_->fencing};
    other_function_ = asking_->fencing && !other_function_;
    owe(now);
    return expired;
  }
  const auto question =
      std::ranges::find_if(questions_, [now](const Question& q) { return q.deadline <= now; });
  if (question == questions_.end()) return std::nullopt;
  const Expired expired{.ticket = question->ticket};
  questions_.erase(question);
  return expired;
}

// The question under way was not answered: from now on its answer is owed, and may come at any time.
void Session::owe(Instant now) {
  owed_.push_back({asking_->unit, asking_->on_line, now});
  asking_.reset();
  framer_.resync();
  ready_at_ = now + std::max(framing_.silence, framing_.resync_silence);
  const auto owes_unit = [unit = owed_.back().unit](const Owed& owed) { return owed.unit == unit; };
  if (std::ranges::count_if(owed_, owes_unit) > static_cast<std::ptrdiff_t>(most_owed)) {
    std::erase_if(owed_, owes_unit);
    ready_at_ = now + long_silence;
  }
}

void Session::forget_old_debts(Instant now) {
  std::erase_if(owed_, [now](const Owed& owed) { return now - owed.since > owed_for; });
}

Instant Session::next_deadline() const {
  if (holds_back()) return ready_at_;
  if (rtu_) return asking_ ? asking_->deadline : never;
  Instant earliest = never;
  for (const Question& question : questions_)
    earliest = std::min(earliest, question.deadline);
  return earliest;
}

std::vector<Ticket> Session::outstanding_tickets() const {
  std::vector<Ticket> tickets;
  if (asking_) tickets.push_back(asking_->ticket);
  for (const Question& question : questions_)
    tickets.push_back(question.ticket);
  return tickets;
}

bool Session::owes(UnitId unit) const {
  return std::ranges::any_of(owed_, [unit](const Owed& owed) { return owed.unit == unit; });
}

bool Session::mistakable(UnitId unit, const Request& request) const {
  return std::ranges::any_of(owed_, [&](const Owed& owed) {
    return owed.unit == unit && shape_of(owed.request) == shape_of(request);
  });
}

// An exception says only which function it refuses.
bool Session::mistakable_exception(UnitId unit, FunctionCode function) const {
  return std::ranges::any_of(
      owed_, [&](const Owed& owed) { return owed.unit == unit && function_of(owed.request) == function; });
}

// A read whose reply is unlike all that the unit owes: by choice a shorter read of registers that were asked
// for before, which the device surely has, otherwise one with another function code, whose exception is proof
// as well.
Request Session::fence(UnitId unit) const {
  ReadRegisters read{.table = Table::holding_registers, .address = 0, .count = 1};
  for (const Owed& owed : owed_) {
    const auto* asked = std::get_if<ReadRegisters>(&owed.request);
    if (owed.unit == unit && asked != nullptr) read = *asked;
  }
  if (!other_function_) {
    ReadRegisters shorter = read;
    while (shorter.count > 1) {
      --shorter.count;
      if (!mistakable(unit, shorter)) return shorter;
    }
  }
  for (const Table table : {Table::input_registers, Table::holding_registers}) {
    const ReadRegisters other{.table = table, .address = read.address, .count = 1};
    if (!mistakable_exception(unit, function_of(other))) return other;
  }
  for (const Table table : {Table::coils, Table::discrete_inputs}) {
    const ReadBits bits{.table = table, .address = read.address, .count = 1};
    if (!mistakable_exception(unit, function_of(bits))) return bits;
  }
  // All four functions are owed: a length that is not.
  for (read.count = 1; mistakable(unit, read) && read.count < max_read_registers;)
    ++read.count;
  return read;
}

}  // namespace iw::modbus

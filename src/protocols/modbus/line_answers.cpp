// What comes over a line, and what does not come.

#include <algorithm>
#include <utility>

#include "protocols/modbus/line_device.hpp"
#include "protocols/modbus/words.hpp"

namespace iw::modbus {
namespace {

using bus::DeviceState;
using driver::RequestOutcome;
using model::Detail;
using model::Quality;
using model::Validity;

// Nothing came from a connection for so many requests in a row: it may be only half open.
constexpr std::uint32_t half_open_after = 3;

// Bit 7 of the function code (Modbus Application Protocol 7).
bool is_exception(Bytes pdu) { return !pdu.empty() && (pdu.front() & std::byte{0x80}) != std::byte{0}; }

Error no_answer(const std::string& who, Duration timeout) {
  return {ErrorKind::timeout,
          fmt::format("{} did not answer within {} ms", who,
                      std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count()),
          "is the device switched on, is the unit id right, is the timeout long enough?"};
}

}  // namespace

// ---- Receiving

io::Task<void> Line::receive() {
  while (!link_error_ && !stopping_) {
    const auto n = co_await stream_->read_some(session_.free_space());
    if (!n) {
      if (!link_error_) link_error_ = n.error();
      break;
    }
    unanswered_ = 0;
    session_.filled(*n);
    const Instant now = executor_.now();
    while (auto event = session_.next(now)) {
      if (const auto* answer = std::get_if<Answer>(&*event)) {
        handle(*answer, now);
      } else if (auto* spoiled = std::get_if<Spoiled>(&*event)) {
        ++counters_.spoiled;
        const Outstanding entry = take(spoiled->ticket);
        log_end(entry, RequestOutcome::spoiled, now);
        missed(entry, std::move(spoiled->error), now);
      } else if (std::holds_alternative<FenceAnswered>(*event)) {
        not_before_ = std::max(not_before_, now + settings_.gap);
      } else if (auto* broken = std::get_if<Broken>(&*event)) {
        link_error_ = std::move(broken->error);
        break;
      }
    }
    wake_.set();
  }
  wake_.set();
}

Line::Outstanding Line::take(Ticket ticket) {
  const auto at = std::ranges::find(outstanding_, ticket, &Outstanding::ticket);
  if (at == outstanding_.end()) return {};
  Outstanding entry = std::move(*at);
  outstanding_.erase(at);
  return entry;
}

void Line::handle(Answer answer, Instant now) {
  ++counters_.answers;
  not_before_ = std::max(not_before_, now + settings_.gap);
  link_back_off_.succeeded();
  const Outstanding entry = take(answer.ticket);
  log_end(entry, is_exception(answer.pdu) ? RequestOutcome::refused : RequestOutcome::answered, now,
          answer.pdu);
  if (entry.question != nullptr) {
    entry.question->operation->complete(ReplyPdu(answer.pdu));
    return;
  }
  widen_window();
  if (entry.device && !entry.device->removed) handle_poll(entry, answer.pdu, now);
}

// A larger window is tried after a while of good answers, one more at a time.
void Line::widen_window() {
  if (window_settled_ || window_ >= settings_.in_flight) return;
  if (++window_good_ < widen_after * window_) return;
  window_good_ = 0;
  ++window_;
}

void Line::handle_poll(const Outstanding& poll, Bytes pdu, Instant now) {
  Device& device = *poll.device;
  PolledBlock& block = *poll.block;
  const Request request = block.request();
  if (const auto* read = std::get_if<ReadRegisters>(&request)) {
    if (const auto reply = registers_of(*read, pdu)) {
      block.reader.read(*reply, batch_);
      if (block.keeps_reply) block.reply.assign(reply->registers.begin(), reply->registers.end());
    }
  } else if (const auto* bits = std::get_if<ReadBits>(&request)) {
    if (const auto reply = bits_of(*bits, pdu)) block.reader.read(*reply, batch_);
  }
  if (batch_.empty()) {
    const auto response = decode_response(request, pdu);
    const auto* exception = response ? std::get_if<ExceptionResponse>(&*response) : nullptr;
    if (exception != nullptr) return handle_exception(poll, exception->code, now);
    ++counters_.spoiled;
    return missed(poll, response ? Error{ErrorKind::malformed, "an answer without values"} : response.error(),
                  now);
  }
  device.schedule->answered(block, now);
  gateway_back_off_.succeeded();
  device.gave_values_at = now;
  device.no_path_since = never;
  heard_of(device);
  if (block.damaged) tell_damage(device, block, false);
  publish_values(device, block, poll.sent, now);
}

void Line::handle_exception(const Outstanding& poll, ExceptionCode code, Instant now) {
  ++counters_.exceptions;
  Device& device = *poll.device;
  Schedule& schedule = *device.schedule;
  PolledBlock& block = *poll.block;
  switch (code) {
    case ExceptionCode::illegal_function:
    case ExceptionCode::illegal_data_address:
    case ExceptionCode::illegal_data_value: {
      const std::size_t missing_before = schedule.plan().missing().size();
      schedule.refused(block, now);
      heard_of(device);
      const auto missing = schedule.plan().missing();
      for (const std::uint16_t index : missing.subspan(missing_before)) {
        const RegisterPoint& point = schedule.map().points[index];
        log_.warning("{}: the device has no {} at address {} ({})", device.config.name,
                     model::to_string(point.point.name), point.address, to_string(code));
      }
      if (missing.size() > missing_before) mark_missing(device);
      return;
    }
    case ExceptionCode::gateway_target_failed_to_respond:
      // The gateway lives and waited in vain: the unit is dead, nobody else.
      return missed(poll, to_error(code), now);
    case ExceptionCode::gateway_path_unavailable: return no_path(poll, now);
    case ExceptionCode::memory_parity_error:
      postpone(poll, code, now);
      return tell_damage(device, block, true);
    default: return postpone(poll, code, now);
  }
}

// While others give values, the gateway has no route to this one: it is as good as dead, nobody else.
// Otherwise the gateway is overloaded: it gets a pause, and so do all units behind it.
void Line::no_path(const Outstanding& poll, Instant now) {
  Device& device = *poll.device;
  const Error why = to_error(ExceptionCode::gateway_path_unavailable);
  device.no_path_since = std::min(device.no_path_since, now);
  const bool others_live = std::ranges::any_of(
      devices_, [&](const auto& other) { return other->gave_values_at > device.no_path_since; });
  if (others_live || device.schedule->given_up()) return missed(poll, why, now);
  gateway_back_off_.failed(now, random_.unit());
  not_before_ = std::max(not_before_, gateway_back_off_.retry_at());
  device.schedule->put_off(*poll.block, now, random_.unit());
  if (!device.schedule->heard_of()) return offline(device, why);
  mark_block(device, *poll.block,
             Quality(Validity::questionable).with(Detail::old_data).with(Detail::failure));
}

// The block is asked again later; until then its values are old.
void Line::postpone(const Outstanding& poll, ExceptionCode code, Instant now) {
  const bool busy = code == ExceptionCode::server_device_busy || code == ExceptionCode::acknowledge;
  poll.device->schedule->postponed(*poll.block, now, busy, random_.unit());
  heard_of(*poll.device);
  mark_block(*poll.device, *poll.block,
             Quality(Validity::questionable).with(Detail::old_data).with(Detail::failure));
}

// A device that finds its own memory damaged needs service, which no later poll says.
void Line::tell_damage(Device& device, PolledBlock& block, bool damaged) {
  if (std::exchange(block.damaged, damaged) == damaged) return;
  bus::DeviceAlarms alarms{.device = device.config.id, .active = {}};
  for (const PolledBlockPtr& each : device.schedule->blocks()) {
    if (!each->damaged) continue;
    const Error error = to_error(ExceptionCode::memory_parity_error);
    alarms.active.push_back(
        {.what = fmt::format("{} from {} on", in_words(each->block.table), each->block.address),
         .message = error.message,
         .remedy = error.remedy});
  }
  feed_.state(std::move(alarms));
}

// ---- Silence

void Line::expire(Instant now) {
  while (const auto expired = session_.expired(now)) {
    ++counters_.timeouts;
    const Outstanding entry = take(expired->ticket);
    log_end(entry, RequestOutcome::timeout, now);
    if (entry.in_company && !window_settled_) {
      // It may be the pipelining: one at a time from now on, and what was lost is asked again at once.
      window_ = 1;
      window_settled_ = true;
      log_.info("{}: an answer is missing with several requests under way, one at a time from now on",
                settings_.name);
    }
    if (entry.in_company && entry.device) {
      entry.device->schedule->lost(*entry.block, now);
      ++unanswered_;
      continue;
    }
    Error error = no_answer(entry.device ? entry.device->config.name : "the unit",
                            entry.question != nullptr ? entry.question->patience : settings_.timeout);
    if (!expired->was_sent) error.message += " (it still owes an earlier answer; the request was not sent)";
    missed(entry, std::move(error), now);
    if (tells_of_the_connection(entry.unit)) ++unanswered_;
  }
  const bool serial = settings_.address.transport == Transport::serial;
  if (unanswered_ >= half_open_after && !serial && !link_error_) {
    link_error_ = Error{ErrorKind::timeout, fmt::format("nothing came for {} requests", unanswered_),
                        "the connection is opened anew"};
  }
}

// The silence of a unit that is dead says nothing of the connection on which others live.
bool Line::tells_of_the_connection(UnitId unit) const {
  const auto online = [](const auto& device) { return device->state == DeviceState::online; };
  return std::ranges::none_of(devices_, online) || std::ranges::any_of(devices_, [&](const auto& device) {
           return online(device) && device->config.unit == unit;
         });
}

void Line::missed(const Outstanding& entry, Error why, Instant now) {
  if (entry.question != nullptr) {
    entry.question->operation->complete(fail(std::move(why)));
    return;
  }
  if (!entry.device || entry.device->removed) return;
  Device& device = *entry.device;
  const bool was_given_up = device.schedule->given_up();
  const bool given_up = device.schedule->silent(*entry.block, now, random_.unit());
  if (was_given_up) {
    const bool alone = devices_.size() == 1;
    if (!alone) probe_not_before_ = now + (now - entry.sent) * (probe_share - 1);
    offline(device, why);
  } else if (given_up || !device.schedule->heard_of()) {
    offline(device, why);
  } else {
    mark_block(device, *entry.block, old_value);
  }
}

}  // namespace iw::modbus

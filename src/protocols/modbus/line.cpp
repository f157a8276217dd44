#include "protocols/modbus/line.hpp"

#include <algorithm>
#include <utility>

#include "base/overloaded.hpp"
#include "io/sleep.hpp"
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
// Good answers at one window before a larger one is tried.
constexpr std::uint32_t widen_after = 8;
// A device that stays offline for another reason than before: said no more often than that.
constexpr Duration new_reason_after = 10s;
// Probes of devices that are given up may take a fifth of the time of a line that others live on.
constexpr int probe_share = 5;

constexpr Quality old_value =
    Quality(Validity::questionable).with(Detail::old_data).with(Detail::no_connection);
constexpr Quality gone = Quality(Validity::invalid).with(Detail::failure).with(Detail::no_connection);
constexpr Quality not_there = Quality(Validity::invalid).with(Detail::bad_reference);

std::int64_t in_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// Bit 7 of the function code (Modbus Application Protocol 7).
bool is_exception(Bytes pdu) { return !pdu.empty() && (pdu.front() & std::byte{0x80}) != std::byte{0}; }

driver::Asked asked_of(const Request& request) {
  const auto about = [&](std::uint16_t first, std::size_t count) {
    return driver::Asked{.function = static_cast<std::uint8_t>(function_of(request)),
                         .first = first,
                         .count = static_cast<std::uint16_t>(count)};
  };
  return std::visit(
      overloaded{
          [&](const ReadBits& read) { return about(read.address, read.count); },
          [&](const ReadRegisters& read) { return about(read.address, read.count); },
          [&](const WriteSingleCoil& write) { return about(write.address, 1); },
          [&](const WriteSingleRegister& write) { return about(write.address, 1); },
          [&](const WriteMultipleCoils& write) { return about(write.address, write.values.size()); },
          [&](const WriteMultipleRegisters& write) { return about(write.address, write.values.size()); },
          [&](const MaskWriteRegister& write) { return about(write.address, 1); },
          [&](const ReadWriteMultipleRegisters& both) { return about(both.read_address, both.read_count); },
          [&](const ReadDeviceIdentification&) { return about(0, 0); }},
      request);
}

Error no_answer(const std::string& who, Duration timeout) {
  return {ErrorKind::timeout, fmt::format("{} did not answer within {} ms", who, in_ms(timeout)),
          "is the device switched on, is the unit id right, is the timeout long enough?"};
}

}  // namespace

struct Line::Device {
  LineDevice config;
  std::optional<Schedule> schedule;  // none until the map is known
  polling::BackOff discovery;        // of a device without a map
  bool discovering = false;
  Instant discovery_not_before{};
  bool removed = false;
  DeviceState state = DeviceState::starting;
  ErrorKind lost_by{};  // while offline
  Instant lost_at{};

  [[nodiscard]] Instant discovery_due() const {
    return discovery.given_up() ? std::max(discovery.retry_at(), discovery_not_before) : Instant{};
  }
  [[nodiscard]] bool wants_discovery(Instant now) const {
    return !schedule && !discovering && config.discover && now >= discovery_due();
  }
};

struct Line::Question {
  UnitId unit;
  const Request& request;
  Instant asked;
  io::Operation<Result<ReplyPdu>>* operation = nullptr;
};

Line::Line(LineSettings settings, Surroundings surroundings)
    : settings_(std::move(settings)),
      network_(surroundings.network),
      executor_(surroundings.network.executor()),
      random_(surroundings.random),
      feed_(surroundings.feed),
      log_(surroundings.log),
      tasks_(executor_),
      wake_(executor_),
      session_(framing_of(settings_.address)),
      link_back_off_(settings_.reconnect),
      gateway_back_off_({.forgiven = 1, .first = 200ms, .longest = 2s}) {}

Line::~Line() = default;

// ---- Devices

void Line::add(LineDevice config) {
  auto device = std::make_shared<Device>();
  device->discovery = polling::BackOff({.forgiven = 1, .first = 2s, .longest = 60s});
  device->config = std::move(config);
  devices_.push_back(device);
  if (!device->config.discover) start(device);
  if (link_error_ && !stream_) offline(*device, *link_error_);
  wake_.set();
}

void Line::remove(model::DeviceId id) {
  Device* device = find(id);
  if (device == nullptr) return;
  device->removed = true;
  mark(*device, gone);
  report(*device, DeviceState::removed, "no longer configured");
  requests_.forget(id);
  std::erase_if(devices_, [id](const auto& d) { return d->config.id == id; });
  wake_.set();
}

Line::Device* Line::find(model::DeviceId id) {
  const auto device = std::ranges::find_if(devices_, [id](const auto& d) { return d->config.id == id; });
  return device != devices_.end() ? device->get() : nullptr;
}

std::optional<Line::WriteTarget> Line::write_target(model::PointId point) {
  const Device* device = find(point.device);
  if (device == nullptr || !device->schedule || point.index >= device->config.map->points.size())
    return std::nullopt;
  const RegisterMap& map = *device->config.map;
  WriteTarget target{
      .unit = device->config.unit, .point = map.points[point.index], .limits = map.limits, .polled = {}};
  for (const PolledBlockPtr& block : device->schedule->blocks()) {
    const auto& points = block->block.points;
    if (block->reply.empty() || std::ranges::find(points, point.index) == points.end()) continue;
    const ReadRegistersResponse reply{block->reply};
    target.polled.emplace();
    for (std::size_t i = 0; i < register_count(target.point); ++i) {
      target.polled->push_back(reply.at(std::size_t{target.point.address} - block->block.address + i));
    }
  }
  return target;
}

std::vector<driver::RawPoint> Line::raw_points(model::DeviceId id) {
  std::vector<driver::RawPoint> all;
  const Device* device = find(id);
  if (device == nullptr || !device->schedule) return all;
  for (const PolledBlockPtr& block : device->schedule->blocks()) {
    block->keeps_reply = true;
    const ReadRegistersResponse reply{block->reply};
    for (const std::uint16_t index : block->block.points) {
      const RegisterPoint& point = device->config.map->points[index];
      const std::size_t begin = std::size_t{point.address} - block->block.address;
      const std::size_t count = register_count(point);
      if (begin + count > reply.count()) continue;  // not read since, or bits
      driver::RawPoint raw{.index = index, .source = point.point.source};
      for (std::size_t i = 0; i < count; ++i)
        raw.words.push_back(reply.at(begin + i));
      all.push_back(std::move(raw));
    }
  }
  std::ranges::sort(all, {}, &driver::RawPoint::index);
  return all;
}

// The map is known: the device is described and polled from now on.
void Line::start(const std::shared_ptr<Device>& device) {
  const LineDevice& config = device->config;
  std::vector<Duration> periods;
  for (const RegisterPoint& point : config.map->points) {
    periods.push_back(point.period.value_or(config.rates.period(point.point.rate)));
  }
  device->schedule.emplace(config.map, std::move(periods), config.id.value(), settings_.unit_back_off,
                           executor_.now());
  describe(*device);
  for (const std::string& warning : config.map->warnings)
    log_.warning("{}: {}", config.name, warning);
  for (const std::uint16_t index : device->schedule->plan().unreadable()) {
    log_.warning("{}: {} is not read: its registers and its scale factor do not fit into one request",
                 config.name, model::to_string(config.map->points[index].point.name));
  }
  mark_missing(*device);
}

void Line::describe(const Device& device) {
  model::DeviceDescription description{.device = device.config.id,
                                       .name = device.config.name,
                                       .identity = device.config.map->identity,
                                       .points = {},
                                       .kinds = device.config.map->kinds};
  for (const RegisterPoint& point : device.config.map->points)
    description.points.push_back(point.point);
  feed_.describe(std::move(description));
}

void Line::report(Device& device, DeviceState state, std::string reason, std::string remedy) {
  device.state = state;
  feed_.report({.device = device.config.id,
                .time = executor_.clock().wall_now(),
                .state = state,
                .reason = std::move(reason),
                .remedy = std::move(remedy)});
}

void Line::offline(Device& device, const Error& why) {
  const Instant now = executor_.now();
  const bool known = device.state == DeviceState::offline;
  if (known && (why.kind == device.lost_by || now - device.lost_at < new_reason_after)) return;
  device.lost_by = why.kind;
  device.lost_at = now;
  if (!known) mark(device, gone);
  report(device, DeviceState::offline, why.message, why.remedy);
}

void Line::heard_of(Device& device) {
  if (device.state != DeviceState::online) report(device, DeviceState::online, "answers");
}

// ---- What goes to the feed

void Line::publish_values(Device& device, const PolledBlock& /*block*/, Instant sent, Instant now) {
  batch_.device = device.config.id;
  batch_.received = now;
  batch_.source_time = executor_.clock().wall_now() - (now - sent) / 2;  // the middle of the request
  feed_.publish(batch_);
  batch_.clear();
}

void Line::mark_block(Device& device, const PolledBlock& block, Quality quality) {
  const Instant now = executor_.now();
  block.reader.mark(quality, batch_);
  publish_values(device, block, now, now);
}

void Line::mark(Device& device, Quality quality) {
  if (!device.schedule) return;
  for (const PolledBlockPtr& block : device.schedule->blocks())
    mark_block(device, *block, quality);
}

// Points that can not be had are said to be so, not left out.
void Line::mark_missing(Device& device) {
  const Plan& plan = device.schedule->plan();
  for (const auto& indexes : {plan.unreadable(), plan.missing()}) {
    for (const std::uint16_t index : indexes)
      batch_.add(index, std::numeric_limits<double>::quiet_NaN(), not_there);
  }
  if (batch_.empty()) return;
  batch_.device = device.config.id;
  batch_.received = executor_.now();
  batch_.source_time = executor_.clock().wall_now();
  feed_.publish(batch_);
  batch_.clear();
}

// ---- The life of the connection

io::Task<Result<io::StreamPtr>> Line::connect() {
  const Instant deadline = executor_.now() + settings_.connect_timeout;
  auto stream = co_await open_stream(network_, settings_.address, deadline);
  if (!stream || !settings_.wrap) co_return stream;
  co_return co_await settings_.wrap(std::move(*stream), deadline);
}

io::Task<void> Line::run() {
  while (!stopping_) {
    const std::uint64_t answers = counters_.answers;
    auto stream = co_await connect();
    if (stopping_) break;
    if (stream) {
      ++counters_.connects;
      log_.debug("{}: connected", settings_.name);
      stream_ = std::move(*stream);
      link_error_.reset();
      session_.restart();
      unanswered_ = 0;
      not_before_ = executor_.now() + settings_.connect_delay;
      tasks_.spawn(receive());
      co_await transmit();
      stream_->close();
      disconnected(link_error_.value_or(Error{ErrorKind::cancelled, "the line is stopped"}));
      co_await tasks_.join();
      stream_.reset();
    } else {
      ++counters_.connect_failures;
      link_error_ = std::move(stream).error();
      disconnected(*link_error_);
    }
    // No road, or one on which nothing sensible came.
    if (counters_.answers == answers && !stopping_) {
      for (const auto& device : devices_)
        offline(*device, *link_error_);
    }
    link_back_off_.failed(executor_.now(), random_.unit());
    while (!stopping_ && executor_.now() < link_back_off_.retry_at()) {
      co_await wake_.wait_until(link_back_off_.retry_at());
    }
  }
}

void Line::stop() {
  stopping_ = true;
  wake_.set();
}

// What was under way is lost; values are old from now on.
void Line::disconnected(const Error& why) {
  const Instant now = executor_.now();
  if (stream_ && !stopping_) log_.info("{}: connection lost: {}", settings_.name, why.message);
  const std::vector<Outstanding> lost = std::exchange(outstanding_, {});
  for (const Outstanding& entry : lost) {
    log_end(entry, RequestOutcome::lost, now);
    // Some devices hang up when a second request comes before the first is answered.
    if (entry.in_company && window_good_ < widen_after) window_settled_ = true;
  }
  if (window_settled_ && !lost.empty()) window_ = 1;
  for (const auto& device : devices_) {
    if (device->schedule) device->schedule->lost_all(now);
    if (device->state == DeviceState::online && !stopping_) mark(*device, old_value);
  }
  std::deque<Question*> waiting = std::exchange(questions_, {});
  waiting.insert(waiting.end(), inquiries_.begin(), inquiries_.end());
  inquiries_.clear();
  const Error error{why.kind, fmt::format("{}: not connected: {}", settings_.name, why.message), why.remedy};
  for (const Outstanding& entry : lost) {
    if (entry.question != nullptr) entry.question->operation->complete(fail(error));
  }
  for (Question* question : waiting)
    question->operation->complete(fail(error));
}

// ---- Sending

io::Task<void> Line::transmit() {
  while (!stopping_ && !link_error_) {
    const Instant now = executor_.now();
    expire(now);
    if (link_error_) break;
    const auto bytes = next_to_send(now);
    if (!bytes.empty()) {
      const auto written = co_await stream_->write(bytes);
      if (!written && !link_error_) link_error_ = written.error();
      continue;
    }
    co_await wake_.wait_until(next_wake_up());
  }
}

bool Line::may_send(Instant now) const {
  return outstanding_.size() < window_ && now >= not_before_ && session_.can_ask(now);
}

Bytes Line::next_to_send(Instant now) {
  for (const auto& device : devices_) {
    if (device->wants_discovery(now) && now >= not_before_) {
      device->discovering = true;
      tasks_.spawn(discover(device));
    }
  }
  if (!may_send(now)) return {};
  if (!questions_.empty()) return send_question(questions_, now);
  return send_poll(now);
}

Bytes Line::send_question(std::deque<Question*>& questions, Instant now) {
  Question* question = questions.front();
  questions.pop_front();
  const Ticket ticket = next_ticket_++;
  const auto bytes = session_.ask(ticket, question->unit, question->request, now, settings_.timeout);
  if (!bytes) {
    question->operation->complete(fail(bytes.error()));
    return {};
  }
  ++counters_.requests;
  outstanding_.push_back({.ticket = ticket,
                          .unit = question->unit,
                          .device = nullptr,
                          .block = nullptr,
                          .question = question,
                          .sent = now,
                          .logged = log_sent(question->unit, nullptr, question->request, *bytes),
                          .in_company = !outstanding_.empty()});
  return *bytes;
}

Bytes Line::send_poll(Instant now) {
  const std::shared_ptr<Device>* chosen = nullptr;
  PolledBlockPtr block;
  for (const auto& device : devices_) {
    if (!device->schedule) continue;
    if (device->schedule->given_up() && now < probe_not_before_) continue;
    PolledBlockPtr candidate = device->schedule->next(now);
    if (candidate && (!block || candidate->due() < block->due())) {
      chosen = &device;
      block = std::move(candidate);
    }
  }
  if (!inquiries_.empty() && (!block || inquiries_.front()->asked <= block->due()))
    return send_question(inquiries_, now);
  if (!block) return {};

  const Ticket ticket = next_ticket_++;
  const Request request = block->request();
  const auto bytes = session_.ask(ticket, (*chosen)->config.unit, request, now, settings_.timeout);
  (*chosen)->schedule->sent(*block, now);
  if (!bytes) {
    log_.error("{}: {}", (*chosen)->config.name, bytes.error().message);
    block->in_flight = false;
    return {};
  }
  ++counters_.requests;
  outstanding_.push_back({.ticket = ticket,
                          .unit = (*chosen)->config.unit,
                          .device = *chosen,
                          .block = std::move(block),
                          .question = nullptr,
                          .sent = now,
                          .logged = log_sent((*chosen)->config.unit, chosen->get(), request, *bytes),
                          .in_company = !outstanding_.empty()});
  return *bytes;
}

Instant Line::next_wake_up() const {
  Instant at = session_.next_deadline();
  const bool full = outstanding_.size() >= window_;
  if (full) return at;
  Instant due = questions_.empty() && inquiries_.empty() ? never : Instant{};
  for (const auto& device : devices_) {
    if (device->schedule) {
      const Instant next = device->schedule->next_due();
      due = std::min(due, device->schedule->given_up() ? std::max(next, probe_not_before_) : next);
    } else if (device->config.discover && !device->discovering) {
      due = std::min(due, device->discovery_due());
    }
  }
  // An RTU line with a question under way waits for the answer, whatever is due.
  const bool waits_for_answer = session_.outstanding() > 0 && settings_.address.transport != Transport::tcp &&
                                settings_.address.transport != Transport::tls;
  if (due != never && !waits_for_answer) at = std::min(at, std::max({due, not_before_, session_.ready_at()}));
  return at;
}

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
      } else if (const auto* send = std::get_if<SendNow>(&*event)) {
        const auto written = co_await stream_->write(send->bytes);
        if (!written) link_error_ = written.error();
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
    case ExceptionCode::gateway_path_unavailable:
      // The gateway is overloaded: it gets a pause, and so do all units behind it. One that it merely has no
      // route to costs the others little: their next answer ends that.
      gateway_back_off_.failed(now, random_.unit());
      not_before_ = std::max(not_before_, gateway_back_off_.retry_at());
      return postpone(poll, code, now);
    case ExceptionCode::memory_parity_error:
      postpone(poll, code, now);
      return tell_damage(device, block, true);
    default: return postpone(poll, code, now);
  }
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
    Error error = no_answer(entry.device ? entry.device->config.name : "the unit", settings_.timeout);
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

// ---- What is told of the last requests

std::uint64_t Line::log_sent(UnitId unit, const Device* device, const Request& request, Bytes frame) {
  if (device == nullptr) {  // of a question
    const auto found = std::ranges::find_if(devices_, [&](const auto& d) { return d->config.unit == unit; });
    if (found != devices_.end()) device = found->get();
  }
  const model::DeviceId id = device != nullptr ? device->config.id : model::DeviceId();
  return requests_.sent(id, asked_of(request), frame, executor_.clock().wall_now());
}

void Line::log_end(const Outstanding& entry, RequestOutcome outcome, Instant now, Bytes pdu) {
  if (entry.logged != 0) requests_.ended(entry.logged, outcome, now - entry.sent, pdu);
}

// ---- Questions

std::optional<Error> Line::not_connected() const {
  if (stream_ && !link_error_ && !stopping_) return std::nullopt;
  const Error why = link_error_.value_or(Error{ErrorKind::closed, "the line is not connected yet"});
  return Error{why.kind, fmt::format("{}: not connected: {}", settings_.name, why.message), why.remedy};
}

io::Task<Result<ReplyPdu>> Line::ask(UnitId unit, Request request, Turn turn) {
  std::array<std::byte, max_pdu> scratch{};
  if (const auto size = encode(request, scratch); !size) co_return fail(size.error());
  if (auto error = not_connected()) co_return fail(std::move(*error));
  Question question{.unit = unit, .request = request, .asked = executor_.now()};
  auto& waiting = turn == Turn::before_polls ? questions_ : inquiries_;
  co_return co_await io::awaiting<Result<ReplyPdu>>(
      [this, &question,
       &waiting](io::Operation<Result<ReplyPdu>>& operation) -> std::optional<Result<ReplyPdu>> {
        question.operation = &operation;
        waiting.push_back(&question);
        wake_.set();
        return std::nullopt;
      });
}

io::Task<void> Line::discover(std::shared_ptr<Device> device) {
  const Instant began = executor_.now();
  LineUnit unit(*this, device->config.unit, Turn::among_polls);
  auto map = co_await device->config.discover(unit);
  device->discovering = false;
  if (device->removed) co_return;
  if (map) {
    device->discovery.succeeded();
    device->config.map = std::make_shared<const RegisterMap>(std::move(*map));
    start(device);
    heard_of(*device);
  } else {
    const Instant now = executor_.now();
    device->discovery.failed(now, random_.unit());
    if (devices_.size() > 1) device->discovery_not_before = now + (now - began) * (probe_share - 1);
    offline(*device, map.error());
  }
  wake_.set();
}

std::uint64_t Line::skipped() const {
  std::uint64_t sum = 0;
  for (const auto& device : devices_)
    sum += device->schedule ? device->schedule->skipped() : 0;
  return sum;
}

}  // namespace iw::modbus

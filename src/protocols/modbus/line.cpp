#include "protocols/modbus/line.hpp"

#include <algorithm>
#include <utility>

#include "protocols/modbus/line_device.hpp"

namespace iw::modbus {

using bus::DeviceState;
using driver::RequestOutcome;

namespace {

// A point that was known keeps its number: a command for it may be on its way.
void keep_numbers(const RegisterMap& known, RegisterMap& map) {
  for (std::size_t i = 0; i < std::min(known.points.size(), map.points.size()); ++i) {
    const model::Point& was = known.points[i].point;
    const auto is = std::ranges::find_if(map.points, [&](const RegisterPoint& p) {
      return p.point.name == was.name && p.point.role == was.role;
    });
    if (is != map.points.end()) std::swap(*is, map.points[i]);
  }
}

}  // namespace

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
      gateway_back_off_({.forgiven = 1, .first = 200ms, .longest = 2s}),
      batch_(surroundings.feed.empty_batch()) {}

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
  for (Outstanding& entry : outstanding_)
    if (entry.logged.device == id) entry.logged.number = 0;
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
  WriteTarget target{
      .unit = device->config.unit, .map = device->config.map, .index = point.index, .polled = {}};
  for (const PolledBlockPtr& block : device->schedule->blocks()) {
    const auto& points = block->block.points;
    if (block->reply.empty() || std::ranges::find(points, point.index) == points.end()) continue;
    const ReadRegistersResponse reply{block->reply};
    const std::size_t first = std::size_t{target.point().address} - block->block.address;
    for (std::size_t i = 0; i < register_count(target.point()); ++i)
      target.polled.push_back(reply.at(first + i));
    break;
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
    device->timers.clear();
    if (device->state == DeviceState::online && !stopping_) mark(*device, old_value);
  }
  std::deque<Question*> waiting = std::exchange(questions_, {});
  waiting.insert(waiting.end(), inquiries_.begin(), inquiries_.end());
  inquiries_.clear();
  waiting.insert(waiting.end(), guests_.begin(), guests_.end());
  guests_.clear();
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
    turn_guests_away(now);
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
    if (now >= discovery_due(*device) && now >= not_before_) {
      device->discovering = true;
      tasks_.spawn(discover(device));
    }
  }
  if (session_.holds_back()) return now >= not_before_ ? session_.held_back(now) : Bytes();
  if (!may_send(now)) return {};
  if (!questions_.empty()) return send_question(questions_, now);
  return send_poll(now);
}

Line::Outstanding& Line::note_sent(Ticket ticket, UnitId unit, Instant now) {
  ++counters_.requests;
  const bool in_company = !outstanding_.empty();
  Outstanding& sent = outstanding_.emplace_back();
  sent.ticket = ticket;
  sent.unit = unit;
  sent.sent = now;
  sent.in_company = in_company;
  return sent;
}

Bytes Line::send_question(std::deque<Question*>& questions, Instant now) {
  Question* question = questions.front();
  questions.pop_front();
  const Ticket ticket = next_ticket_++;
  const auto bytes = session_.ask(ticket, question->unit, question->request, now, question->patience);
  if (!bytes) {
    question->operation->complete(fail(bytes.error()));
    return {};
  }
  Outstanding& sent = note_sent(ticket, question->unit, now);
  sent.question = question;
  sent.logged = log_sent(question->unit, nullptr, question->request, *bytes, now);
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
  if (!block && !guests_.empty() && has_time_for_guest(now)) {
    guests_.front()->patience = patience_of(*guests_.front());
    return send_question(guests_, now);
  }
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
  Outstanding& sent = note_sent(ticket, (*chosen)->config.unit, now);
  sent.device = *chosen;
  sent.block = std::move(block);
  sent.logged = log_sent((*chosen)->config.unit, chosen->get(), request, *bytes, now);
  return *bytes;
}

Instant Line::next_wake_up() const {
  Instant at = session_.next_deadline();
  if (session_.holds_back()) return std::max(at, not_before_);
  const bool full = outstanding_.size() >= window_;
  if (full) return at;
  const bool guest = !guests_.empty() && has_time_for_guest(executor_.now());
  Instant due = questions_.empty() && inquiries_.empty() && !guest ? never : Instant{};
  if (!guests_.empty()) at = std::min(at, guests_.front()->asked + guest_waits);
  for (const auto& device : devices_) {
    due = std::min(due, discovery_due(*device));
    if (!device->schedule) continue;
    const Instant next = device->schedule->next_due();
    due = std::min(due, device->schedule->given_up() ? std::max(next, probe_not_before_) : next);
  }
  // An RTU line with a question under way waits for the answer, whatever is due.
  const bool waits_for_answer = session_.outstanding() > 0 && settings_.address.transport != Transport::tcp &&
                                settings_.address.transport != Transport::tls;
  if (due != never && !waits_for_answer) at = std::min(at, std::max({due, not_before_, session_.ready_at()}));
  return at;
}

// ---- Questions

std::optional<Error> Line::not_connected() const {
  if (stream_ && !link_error_ && !stopping_) return std::nullopt;
  const Error why = link_error_.value_or(Error{ErrorKind::closed, "the line is not connected yet"});
  return Error{why.kind, fmt::format("{}: not connected: {}", settings_.name, why.message), why.remedy};
}

io::Task<Result<ReplyPdu>> Line::ask(UnitId unit, Request request, Turn turn,
                                     std::optional<Duration> patience) {
  if (auto error = not_connected()) co_return fail(std::move(*error));
  Question question{.unit = unit,
                    .request = request,
                    .asked = executor_.now(),
                    .patience = patience.value_or(settings_.timeout)};
  auto& waiting = turn == Turn::before_polls ? questions_ : turn == Turn::among_polls ? inquiries_ : guests_;
  co_return co_await io::awaiting<Result<ReplyPdu>>(
      [this, &question,
       &waiting](io::Operation<Result<ReplyPdu>>& operation) -> std::optional<Result<ReplyPdu>> {
        question.operation = &operation;
        waiting.push_back(&question);
        wake_.set();
        return std::nullopt;
      });
}

// Question and answer of a guest on the wire; what he may read is registers or bits, and little else.
Duration Line::wire_time(const Request& request) const {
  constexpr std::size_t frames = 16;  // unit, function, address, count and CRC of both
  std::size_t data = 0;
  if (const auto* read = std::get_if<ReadRegisters>(&request)) data = std::size_t{read->count} * 2;
  if (const auto* bits = std::get_if<ReadBits>(&request)) data = (std::size_t{bits->count} + 7) / 8;
  return airtime(framing_of(settings_.address).character, frames + data);
}

// Half the fastest period, of devices that answer: the others wait for their probes anyway.
Duration Line::patience_of(const Question& guest) const {
  Duration fastest = never - Instant{};
  for (const auto& device : devices_) {
    if (!device->schedule || device->schedule->given_up()) continue;
    for (const PolledBlockPtr& block : device->schedule->blocks())
      fastest = std::min(fastest, block->cadence.period());
  }
  return std::min(guest.patience, std::max(least_patience, fastest / 2 - wire_time(guest.request)));
}

// Should nobody answer him, all polls are sent in the first half of their slots nevertheless.
bool Line::has_time_for_guest(Instant now) const {
  const Question& guest = *guests_.front();
  const Instant over = now + wire_time(guest.request) + patience_of(guest);
  return std::ranges::all_of(devices_, [&](const auto& device) {
    if (!device->schedule || device->schedule->given_up()) return true;
    return std::ranges::all_of(device->schedule->blocks(), [&](const PolledBlockPtr& block) {
      return over <= block->due() + block->cadence.period() / 2;
    });
  });
}

void Line::turn_guests_away(Instant now) {
  while (!guests_.empty() && guests_.front()->asked + guest_waits <= now) {
    Question* guest = guests_.front();
    guests_.pop_front();
    guest->operation->complete(fail(
        ErrorKind::busy, fmt::format("{} has no time for other questions: its polls fill it", settings_.name),
        "poll its devices less often for a while, or disable some of them on their pages"));
  }
}

// While others are polled, those that nobody has heard of are asked one at a time, and for a share of the
// time.
Instant Line::discovery_due(const Device& device) const {
  const auto is_polled = [](const auto& other) { return other->schedule && !other->schedule->given_up(); };
  const Instant due = device.discovery_due();
  if (device.schedule || std::ranges::none_of(devices_, is_polled)) return due;
  const auto goes_first = [&](const auto& other) {
    return !other->schedule && (other->discovering || other->discovery_due() < due);
  };
  return std::ranges::any_of(devices_, goes_first) ? never : std::max(due, discovery_not_before_);
}

io::Task<void> Line::discover(std::shared_ptr<Device> device) {
  const Instant began = executor_.now();
  const bool again = device->schedule.has_value();
  LineUnit unit(*this, device->config.unit, again ? Turn::between_polls : Turn::among_polls);
  auto map = co_await device->config.discover(unit);
  device->discovering = false;
  if (device->removed) co_return;
  if (again) {
    look_again(device, std::move(map));
  } else if (map) {
    device->discovery.succeeded();
    device->config.map = std::make_shared<const RegisterMap>(std::move(*map));
    start(device);
    heard_of(*device);
  } else {
    const Instant now = executor_.now();
    device->discovery.failed(now, random_.unit());
    discovery_not_before_ = now + (now - began) * (probe_share - 1);
    offline(*device, map.error());
  }
  wake_.set();
}

// One that is no better says only that the device was silent once more.
void Line::look_again(const std::shared_ptr<Device>& device, Result<RegisterMap> map) {
  const RegisterMap& known = *device->config.map;
  if (map && (!map->cut_short || map->points.size() > known.points.size())) {
    keep_numbers(known, *map);
    // What is under way is read by the old map.
    for (Outstanding& entry : outstanding_)
      if (entry.device == device) entry.device.reset();
    device->config.map = std::make_shared<const RegisterMap>(std::move(*map));
    start(device);
  }
  if (device->config.map->cut_short) device->second_look.failed(executor_.now(), random_.unit());
}

std::uint64_t Line::skipped() const {
  std::uint64_t sum = 0;
  for (const auto& device : devices_)
    sum += device->schedule ? device->schedule->skipped() : 0;
  return sum;
}

}  // namespace iw::modbus

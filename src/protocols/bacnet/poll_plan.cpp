#include "protocols/bacnet/poll_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "protocols/bacnet/cov_services.hpp"

namespace iw::bacnet {
namespace {

using model::Detail;
using model::Quality;
using model::Validity;

// Octets of an answer for one object: identifier and list 7, present-value 9, status-flags 7; a string more.
constexpr std::size_t reply_head = 16;
constexpr std::size_t reply_of_object = 26;
constexpr std::size_t reply_of_text = 90;
constexpr std::size_t most_objects = 50;
// A point that the device does not have is looked for again, in case somebody adds it.
constexpr Duration look_again = 1h;
// A point that comes by notification is read all the same, in case a notification was lost.
constexpr Duration safety_poll = 10min;

constexpr std::uint8_t flag_fault = 0b0100;
constexpr std::uint8_t flag_out_of_service = 0b0001;

// BACnetReliability.
constexpr std::uint32_t over_range = 2;
constexpr std::uint32_t under_range = 3;
constexpr std::uint32_t communication_failure = 12;

Quality quality_of_bits(std::uint8_t flags, std::optional<std::uint32_t> reliability) {
  const std::uint32_t why = reliability.value_or(0);
  if ((flags & flag_fault) != 0 || why != 0) {
    Quality quality = Quality(Validity::invalid).with(Detail::failure);
    if (why == over_range || why == under_range) quality = quality.with(Detail::out_of_range);
    if (why == communication_failure) quality = quality.with(Detail::no_connection);
    return quality;
  }
  if ((flags & flag_out_of_service) != 0) return Quality(Validity::questionable).with(Detail::substituted);
  return {};
}

std::uint8_t bits_of(BitString flags) {
  std::uint8_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i)
    bits = static_cast<std::uint8_t>((unsigned{bits} << 1U) | (flags.at(i) ? 1U : 0U));
  return bits;
}

bool is_too_long(const Outcome& outcome) {
  if (const auto* abort = std::get_if<AbortReason>(&outcome)) {
    return *abort == AbortReason::buffer_overflow || *abort == AbortReason::segmentation_not_supported ||
           *abort == AbortReason::apdu_too_long || *abort == AbortReason::out_of_resources;
  }
  if (const auto* reject = std::get_if<RejectReason>(&outcome))
    return *reject == RejectReason::buffer_overflow || *reject == RejectReason::too_many_arguments;
  const auto* error = std::get_if<Error>(&outcome);
  return error != nullptr && error->kind == ErrorKind::exhausted;
}

// The device said nothing: it did not answer, was not reached, or may not.
bool is_silence(const Outcome& outcome) {
  const auto* error = std::get_if<Error>(&outcome);
  return std::holds_alternative<NoAnswer>(outcome) || is_silenced(outcome) ||
         (error != nullptr && error->kind != ErrorKind::exhausted);
}

bool is_unknown_service(const Outcome& outcome) {
  const auto* reject = std::get_if<RejectReason>(&outcome);
  return reject != nullptr && *reject == RejectReason::unrecognized_service;
}

bool is_not_there(BacnetError error) {
  return error.code == ErrorCode::unknown_object || error.code == ErrorCode::unknown_property ||
         error.code == ErrorCode::invalid_array_index || error.code == ErrorCode::unsupported_object_type;
}

}  // namespace

Quality quality_of(BitString status_flags, std::optional<std::uint32_t> reliability) {
  return quality_of_bits(bits_of(status_flags), reliability);
}

Quality quality_of(BacnetError error) {
  return Quality(Validity::invalid).with(is_not_there(error) ? Detail::bad_reference : Detail::failure);
}

PollPlan::PollPlan(std::shared_ptr<const ObjectMap> map, std::vector<Duration> periods, std::uint64_t seed,
                   PeerLimits limits, Instant now)
    : map_(std::move(map)),
      periods_(std::move(periods)),
      seed_(seed),
      readings_(map_->points.size()),
      parameters_(max_apdu_ip) {
  start_over(limits, now);
}

void PollPlan::start_over(PeerLimits limits, Instant now) {
  limits_ = limits;
  one_by_one_ = false;
  proven_ = 0;
  const bool texts = std::ranges::any_of(
      map_->points, [](const ObjectPoint& p) { return p.point.name.quantity == model::Quantity::Text; });
  const std::size_t room = std::max<std::size_t>(limits.max_apdu, min_apdu) - reply_head;
  batch_ = std::clamp<std::size_t>(room / (texts ? reply_of_text : reply_of_object), 1, most_objects);
  for (Reading& reading : readings_)
    reading = {.quiet = reading.quiet, .type = reading.type};
  make_blocks(now);
}

// Points of one period, so many at a time.
void PollPlan::make_blocks(Instant now) {
  std::map<Duration, std::vector<std::uint16_t>> by_period;
  for (std::size_t i = 0; i < map_->points.size(); ++i)
    by_period[periods_[i]].push_back(static_cast<std::uint16_t>(i));
  blocks_.clear();
  for (const auto& [period, points] : by_period) {
    for (std::size_t begin = 0; begin < points.size(); begin += batch_) {
      const auto end = std::min(points.size(), begin + batch_);
      Block block{
          .points = {points.begin() + static_cast<std::ptrdiff_t>(begin),
                     points.begin() + static_cast<std::ptrdiff_t>(end)},
          .cadence = polling::Cadence(now + polling::phase_of(seed_ * 131 + blocks_.size(), period), period),
          .items = {}};
      blocks_.push_back(std::move(block));
    }
  }
  // The first round comes at once: nobody wants to wait for the first value.
  for (Block& block : blocks_)
    block.cadence = polling::Cadence(std::min(block.cadence.due(), now + 1s), block.cadence.period());
}

Instant PollPlan::next_due() const {
  Instant due = never;
  for (const Block& block : blocks_)
    if (!block.in_flight) due = std::min(due, block.at > 0 ? Instant{} : block.cadence.due());
  return due;
}

std::uint64_t PollPlan::skipped() const {
  std::uint64_t sum = 0;
  for (const Block& block : blocks_)
    sum += block.cadence.skipped();
  return sum;
}

std::optional<PollPlan::Request> PollPlan::next(Instant now) {
  for (;;) {
    std::size_t chosen = blocks_.size();
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const Block& block = blocks_[i];
      if (block.in_flight) continue;
      if (block.at > 0) {  // half read, one by one
        chosen = i;
        break;
      }
      if (!block.cadence.is_due(now)) continue;
      if (chosen == blocks_.size() || block.cadence.due() < blocks_[chosen].cadence.due()) chosen = i;
    }
    if (chosen == blocks_.size()) return std::nullopt;
    Block& block = blocks_[chosen];
    if (block.at == 0) {
      block.cadence.served(now);
      choose_items(block, now);
      if (block.items.empty()) continue;
    }
    block.in_flight = true;
    block.sent = now;
    return encode(chosen);
  }
}

void PollPlan::choose_items(Block& block, Instant now) {
  block.items.clear();
  for (const std::uint16_t index : block.points) {
    Reading& reading = readings_[index];
    if ((reading.quiet || reading.missing) && now < reading.quiet_until) continue;
    reading.quiet_until = now + (reading.missing ? look_again : safety_poll);
    reading.got_value = false;
    reading.got_flags = false;
    reading.quality.reset();
    reading.reliability.reset();
    block.items.push_back({.point = index, .property = map_->points[index].property.property});
    if (reading.has_flags) block.items.push_back({.point = index, .property = PropertyId::status_flags});
    if (reading.faulty && reading.has_reliability)
      block.items.push_back({.point = index, .property = PropertyId::reliability});
  }
}

PollPlan::Request PollPlan::encode(std::size_t index) {
  const Block& block = blocks_[index];
  ParameterWriter out(parameters_);
  const auto reference = [&](const Item& item) {
    const ObjectPoint& point = map_->points[item.point];
    const bool own = item.property == point.property.property;
    return ObjectPropertyReference{.object = point.object,
                                   .property = own ? point.property : PropertyReference{item.property}};
  };
  if (one_by_one_) {
    const auto asked = reference(block.items[block.at]);
    ReadProperty{.object = asked.object, .property = asked.property}.encode(out);
    return {.block = index, .service = ConfirmedService::read_property, .parameters = out.written()};
  }
  std::vector<ObjectPropertyReference> asked;
  asked.reserve(block.items.size());
  for (const Item& item : block.items)
    asked.push_back(reference(item));
  write_read_property_multiple(out, asked);
  return {.block = index, .service = ConfirmedService::read_property_multiple, .parameters = out.written()};
}

PollPlan::Verdict PollPlan::answered(std::uint64_t index, const Outcome& outcome, Instant now,
                                     model::SampleBatch& into) {
  // The answer to a question from before start_over().
  if (index >= blocks_.size() || !blocks_[index].in_flight)
    return is_silence(outcome) ? Verdict::silent : Verdict::refused;
  Block& block = blocks_[index];
  block.in_flight = false;
  if (const auto* ack = std::get_if<Acknowledged>(&outcome)) {
    if (one_by_one_) {
      if (!take_single(block, ack->data))
        take_error(readings_[block.items[block.at].point], block.items[block.at].property, {});
      return ++block.at < block.items.size() ? Verdict::more : finish(block, now, into);
    }
    if (take_multiple(block, ack->data)) {
      proven_ = std::max(proven_, block.points.size());
      return finish(block, now, into);
    }
    return fewer(index, now);  // it answered something else: perhaps it manages less
  }
  const bool multiple = !one_by_one_;
  if (is_silence(outcome)) {
    block.at = 0;
    // It answers, but never so much at once.
    if (multiple && proven_ > 0 && block.points.size() > proven_) fewer(index, now);
    return Verdict::silent;
  }
  if (multiple && is_unknown_service(outcome)) {
    one_by_one_ = true;
    block.cadence = polling::Cadence(now, block.cadence.period());
    return Verdict::retry;
  }
  if (multiple && (is_too_long(outcome) || block.points.size() > 1)) return fewer(index, now);
  const auto* error = std::get_if<ErrorAnswer>(&outcome);
  const BacnetError why = error != nullptr ? error->error : BacnetError{};
  if (one_by_one_) {
    const Item item = block.items[block.at];
    take_error(readings_[item.point], item.property, why);
    return ++block.at < block.items.size() ? Verdict::more : finish(block, now, into);
  }
  mark_all(block, quality_of(why));
  finish(block, now, into);
  return Verdict::refused;
}

// The block becomes two, and with one object the device is read property by property.
PollPlan::Verdict PollPlan::fewer(std::size_t index, Instant now) {
  Block& block = blocks_[index];
  block.at = 0;
  block.cadence = polling::Cadence(now, block.cadence.period());
  if (block.points.size() == 1) {
    one_by_one_ = true;
    return Verdict::retry;
  }
  const std::size_t half = (block.points.size() + 1) / 2;
  batch_ = std::min(batch_, half);
  Block second{.points = {block.points.begin() + static_cast<std::ptrdiff_t>(half), block.points.end()},
               .cadence = block.cadence,
               .items = {}};
  block.points.resize(half);
  blocks_.push_back(std::move(second));
  return Verdict::retry;
}

bool PollPlan::take_single(Block& block, Bytes data) {
  const Item& item = block.items[block.at];
  const ObjectPoint& point = map_->points[item.point];
  const auto ack = ReadPropertyAck::decode(data);
  if (!ack || ack->object != point.object || ack->property.property != item.property) return false;
  take_value(point, readings_[item.point], item.property, ack->value);
  return true;
}

// Results come in the order of the request, as the standard says; those that do not are looked for.
bool PollPlan::take_multiple(Block& block, Bytes data) {
  ReadResultReader results(data);
  std::size_t next = 0;
  std::size_t taken = 0;
  while (const auto result = results.next()) {
    const auto is_it = [&](const Item& item) {
      return map_->points[item.point].object == result->object && item.property == result->property.property;
    };
    auto item = next < block.items.size() && is_it(block.items[next])
                    ? block.items.begin() + static_cast<std::ptrdiff_t>(next)
                    : std::ranges::find_if(block.items, is_it);
    if (item == block.items.end()) continue;
    next = static_cast<std::size_t>(item - block.items.begin()) + 1;
    ++taken;
    Reading& reading = readings_[item->point];
    if (result->error) {
      take_error(reading, item->property, *result->error);
    } else {
      take_value(map_->points[item->point], reading, item->property, result->value);
    }
  }
  return results.finished() && taken > 0;
}

void PollPlan::take_value(const ObjectPoint& point, Reading& reading, PropertyId property, Bytes encoded) {
  ParameterReader in(encoded);
  const Value value = in.value();
  if (!in.ok()) return take_error(reading, property, {});
  if (property == PropertyId::status_flags) {
    if (const auto* flags = std::get_if<BitString>(&value)) {
      reading.flags = bits_of(*flags);
      reading.got_flags = true;
    }
    return;
  }
  if (property == PropertyId::reliability && property != point.property.property) {
    if (const auto why = number(value)) reading.reliability = static_cast<std::uint32_t>(*why);
    return;
  }
  reading.got_value = true;
  reading.missing = false;
  reading.type = bacnet::type_of(value);
  if (const auto* text = std::get_if<CharacterString>(&value)) {
    reading.text = text->text();
    return;
  }
  const auto raw = number(value);
  reading.value = raw ? *raw * point.scale + point.offset : std::numeric_limits<double>::quiet_NaN();
}

void PollPlan::take_error(Reading& reading, PropertyId property, BacnetError error) {
  if (property == PropertyId::status_flags) {
    reading.has_flags = reading.has_flags && !is_not_there(error);
    return;
  }
  if (property == PropertyId::reliability) {
    reading.has_reliability = false;
    return;
  }
  reading.quality = quality_of(error);
  reading.missing = is_not_there(error);
}

void PollPlan::mark_all(Block& block, Quality quality) {
  for (const std::uint16_t index : block.points)
    readings_[index].quality = quality;
}

PollPlan::Verdict PollPlan::finish(Block& block, Instant /*now*/, model::SampleBatch& into) {
  block.at = 0;
  std::uint16_t last = UINT16_MAX;
  for (const Item& item : block.items) {
    if (item.point != last) add_sample(item.point, into);
    last = item.point;
  }
  return Verdict::values;
}

void PollPlan::add_sample(std::uint16_t index, model::SampleBatch& into) {
  Reading& reading = readings_[index];
  Quality quality = reading.got_flags || reading.reliability
                        ? quality_of_bits(reading.flags, reading.reliability)
                        : Quality();
  if (!reading.got_flags && !reading.reliability && !reading.got_value)
    quality = Quality(Validity::invalid).with(Detail::failure);
  if (reading.quality) quality = *reading.quality;
  reading.faulty = reading.got_flags && (reading.flags & flag_fault) != 0;
  const bool text = map_->points[index].point.name.quantity == model::Quantity::Text;
  if (text) {
    into.texts.push_back({.index = index, .text = reading.text, .quality = quality});
    return;
  }
  if (reading.got_value && !std::isfinite(reading.value))
    quality = Quality(Validity::invalid).with(Detail::bad_reference);
  const bool has_number = quality.validity() != Validity::invalid && reading.got_value;
  if (!has_number && quality.good()) quality = Quality(Validity::invalid).with(Detail::failure);
  into.add(index, has_number ? reading.value : std::numeric_limits<double>::quiet_NaN(), quality);
}

bool PollPlan::notified(ObjectId object, Bytes values, model::SampleBatch& into) {
  const auto found = std::ranges::find(map_->points, object, &ObjectPoint::object);
  if (found == map_->points.end()) return false;
  const auto index = static_cast<std::uint16_t>(found - map_->points.begin());
  Reading& reading = readings_[index];
  reading.got_value = false;
  reading.got_flags = false;
  reading.quality.reset();
  reading.reliability.reset();
  PropertyValueReader in(values);
  while (const auto each = in.next()) {
    const PropertyId property = each->property.property;
    if (property == found->property.property || property == PropertyId::status_flags ||
        property == PropertyId::reliability)
      take_value(*found, reading, property, each->value);
  }
  if (!in.finished() || !reading.got_value) return false;
  add_sample(index, into);
  return true;
}

}  // namespace iw::bacnet

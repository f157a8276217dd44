#include "protocols/bacnet/server/subscriptions.hpp"

#include <algorithm>
#include <cmath>

namespace iw::bacnet::server {
namespace {

constexpr std::size_t longest_value = 512;

// Encoded; empty where there is none.
std::vector<std::byte> read(const Object& object, const PropertyReference& property) {
  std::array<std::byte, longest_value> scratch;
  const auto value = object.read(property, scratch);
  return value ? std::vector<std::byte>(value->begin(), value->end()) : std::vector<std::byte>();
}

std::optional<double> number_in(Bytes value) {
  ParameterReader in(value);
  const Value first = in.value();
  const bool counts = std::holds_alternative<float>(first) || std::holds_alternative<double>(first) ||
                      std::holds_alternative<Unsigned>(first) || std::holds_alternative<Signed>(first);
  return in.ok() && counts ? number(first) : std::nullopt;
}

bool is_same(const Subscriptions::Subscription& one, const Address& from, std::uint32_t process,
             ObjectId object, const std::optional<PropertyReference>& property) {
  return one.subscriber == from && one.process == process && one.object == object && one.property == property;
}

}  // namespace

std::uint32_t Subscriptions::Subscription::seconds_left(Instant now) const {
  if (expiry == never) return 0;
  return static_cast<std::uint32_t>(
      std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(expiry - now).count()));
}

Refusable<void> Subscriptions::subscribe(const Address& from, const SubscribeCovProperty& wanted,
                                         bool of_property, const Object& object, Instant now) {
  const auto property = of_property ? std::optional(wanted.property) : std::nullopt;
  const SubscribeCov& asked = wanted.subscription;
  auto found = std::ranges::find_if(all_, [&](const Subscription& one) {
    return is_same(one, from, asked.process, asked.object, property);
  });
  if (found == all_.end()) {
    if (all_.size() >= settings_.most)
      return tl::unexpected(BacnetError{ErrorClass::resources, ErrorCode::no_space_to_add_list_element});
    found = all_.insert(all_.end(), {.id = ++last_id_,
                                     .subscriber = from,
                                     .process = asked.process,
                                     .object = asked.object,
                                     .property = property});
    by_object_.emplace(asked.object.bits(), &*found);
  }
  found->confirmed = asked.confirmed.value_or(false);
  found->increment = wanted.increment;
  if (!found->increment) {
    const auto own = object.value(PropertyId::cov_increment);
    if (own) found->increment = static_cast<float>(number(*own).value_or(0));
  }
  const std::uint32_t lifetime = asked.lifetime.value_or(0);
  found->expiry = lifetime == 0 ? never : now + std::chrono::seconds(lifetime);
  found->failures = 0;
  found->due = now;
  return {};
}

void Subscriptions::cancel(const Address& from, const SubscribeCov& wanted,
                           const std::optional<PropertyReference>& of) {
  const auto found = std::ranges::find_if(
      all_, [&](const Subscription& one) { return is_same(one, from, wanted.process, wanted.object, of); });
  if (found == all_.end()) return;
  std::erase_if(by_object_, [&](const auto& each) { return each.second == &*found; });
  all_.erase(found);
}

// ---- Changes

bool Subscriptions::differs(const Subscription& subscription, const Object& object) const {
  if (read(object, {.property = PropertyId::status_flags}) != subscription.said_flags) return true;
  const auto value = read(object, subscription.watched());
  if (value == subscription.said_value) return false;
  const auto now = number_in(value);
  if (!now || !subscription.said_number || !subscription.increment) return true;
  if (!std::isfinite(*now) || !std::isfinite(*subscription.said_number)) return true;
  return std::abs(*now - *subscription.said_number) >= static_cast<double>(*subscription.increment);
}

bool Subscriptions::changed(const Object& object, Instant now) {
  if (by_object_.empty()) return false;
  bool due = false;
  const auto [begin, end] = by_object_.equal_range(object.id().bits());
  for (auto each = begin; each != end; ++each) {
    Subscription& one = *each->second;
    if (one.due != never || !differs(one, object)) continue;
    if (one.in_flight) {
      one.again = true;
    } else {
      one.due = one.said_at == Instant::min() ? now : std::max(now, one.said_at + settings_.period);
      due = true;
    }
  }
  return due;
}

void Subscriptions::removed(ObjectId object) {
  by_object_.erase(object.bits());
  std::erase_if(all_, [&](const Subscription& one) { return one.object == object; });
}

void Subscriptions::remember(Subscription& subscription, const Object& object, Instant now) {
  subscription.said_value = read(object, subscription.watched());
  subscription.said_number = number_in(subscription.said_value);
  subscription.said_flags = read(object, {.property = PropertyId::status_flags});
  subscription.said_at = now;
  subscription.due = never;
  subscription.again = false;
  subscription.in_flight = subscription.confirmed;
}

const Subscriptions::Subscription* Subscriptions::next_due(const std::function<const Object*(ObjectId)>& find,
                                                           Instant now) {
  for (Subscription& one : all_) {
    if (one.due > now || one.in_flight) continue;
    const Object* object = find(one.object);
    if (object == nullptr) {
      one.due = never;
      continue;
    }
    remember(one, *object, now);
    return &one;
  }
  return nullptr;
}

bool Subscriptions::answered(std::uint64_t id, bool acknowledged, Instant now) {
  const auto found = std::ranges::find(all_, id, &Subscription::id);
  if (found == all_.end()) return false;
  found->in_flight = false;
  found->failures = acknowledged ? 0 : found->failures + 1;
  if (found->failures >= settings_.most_failures) {
    std::erase_if(by_object_, [&](const auto& each) { return each.second == &*found; });
    all_.erase(found);
    return false;
  }
  if (!acknowledged || found->again) found->due = std::max(now, found->said_at + settings_.period);
  return true;
}

void Subscriptions::expire(Instant now) {
  std::erase_if(by_object_, [&](const auto& each) { return each.second->expiry <= now; });
  std::erase_if(all_, [&](const Subscription& one) { return one.expiry <= now; });
}

Instant Subscriptions::next_deadline() const {
  Instant next = never;
  for (const Subscription& one : all_) {
    next = std::min(next, one.expiry);
    if (!one.in_flight) next = std::min(next, one.due);
  }
  return next;
}

// ---- On the wire

void write_notified_values(ParameterWriter& out, const Subscriptions::Subscription& subscription,
                           const Object& object) {
  std::array<std::byte, longest_value> scratch;
  const PropertyReference flags{.property = PropertyId::status_flags};
  for (const PropertyReference& property : {subscription.watched(), flags}) {
    if (const auto value = object.read(property, scratch))
      write_property_value(out, {.property = property, .value = *value});
  }
}

void Subscriptions::write_all(ParameterWriter& out, Instant now) const {
  for (const Subscription& one : all_) {
    out.open(0);  // recipient: BACnetRecipientProcess
    out.open(0);
    out.open(1);  // address: BACnetAddress
    out.application(Unsigned{one.subscriber.network});
    out.application(OctetString{one.subscriber.mac.octets()});
    out.close(1);
    out.close(0);
    out.context(1, Unsigned{one.process});
    out.close(0);
    out.open(1);  // monitored-property-reference
    out.context(0, one.object);
    write_property_reference(out, one.watched(), 1, 2);
    out.close(1);
    out.context(2, one.confirmed);
    out.context(3, Unsigned{one.seconds_left(now)});
    if (one.increment) out.context(4, *one.increment);
  }
}

}  // namespace iw::bacnet::server

// Subscriptions: who wants to hear of changes (13.1), what he heard last, and what he is to hear now. Without
// IO, for one thread.
//
//   subscriptions.subscribe(...);  subscriptions.changed(object, now);
//   while (auto due = subscriptions.next_due(now)) { ... send ...; }     // at next_deadline()
//
// A subscription hears at once, then of every change of Status_Flags and of changes of the value by the
// increment, but not more often than once a period. One confirmed notification of a subscription is under way
// at a time.
#pragma once

#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/cov_services.hpp"
#include "protocols/bacnet/server/served_object.hpp"

namespace iw::bacnet::server {

struct SubscriptionSettings {
  std::size_t most = 1000;
  Duration period = 500ms;     // between two notifications of one subscription
  unsigned most_failures = 3;  // confirmed notifications in a row that nobody acknowledged
};

class Subscriptions {
 public:
  struct Subscription {
    std::uint64_t id = 0;
    Address subscriber;
    std::uint32_t process = 0;
    ObjectId object;
    std::optional<PropertyReference> property = {};  // of SubscribeCOVProperty; none: what the type reports
    bool confirmed = false;
    std::optional<float> increment = {};
    Instant expiry = never;

    // The property that is watched.
    [[nodiscard]] PropertyReference watched() const { return property.value_or(PropertyReference{}); }
    [[nodiscard]] std::uint32_t seconds_left(Instant now) const;

    // What was said last.
    std::optional<double> said_number = {};
    std::vector<std::byte> said_value = {};
    std::vector<std::byte> said_flags = {};
    Instant said_at = Instant::min();
    Instant due = never;
    unsigned failures = 0;
    bool in_flight = false;
    bool again = false;  // it changed while the notification was under way
  };

  explicit Subscriptions(SubscriptionSettings settings = {}) : settings_(settings) {}

  // Makes or renews one. The object is ours and has the property. Refused: all places are taken, or the
  // property can not be watched.
  Refusable<void> subscribe(const Address& from, const SubscribeCovProperty& wanted, bool of_property,
                            const Object& object, Instant now);
  void cancel(const Address& from, const SubscribeCov& wanted, const std::optional<PropertyReference>& of);

  // The object may have another value or condition than before. True: somebody is to be told.
  bool changed(const Object& object, Instant now);
  // It is gone, and so are its subscriptions.
  void removed(ObjectId object);

  // One that is to be told now; it counts as told. Good until the next call.
  [[nodiscard]] const Subscription* next_due(const std::function<const Object*(ObjectId)>& find, Instant now);
  // A confirmed notification was acknowledged, or was not. False: the subscription is over.
  bool answered(std::uint64_t id, bool acknowledged, Instant now);
  void expire(Instant now);
  [[nodiscard]] Instant next_deadline() const;

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  // Active_COV_Subscriptions: a list of BACnetCOVSubscription.
  void write_all(ParameterWriter& out, Instant now) const;

 private:
  [[nodiscard]] bool differs(const Subscription& subscription, const Object& object) const;
  void remember(Subscription& subscription, const Object& object, Instant now);

  SubscriptionSettings settings_;
  std::list<Subscription> all_;
  std::unordered_multimap<std::uint32_t, Subscription*> by_object_;  // ObjectId::bits
  std::uint64_t last_id_ = 0;
};

// The list of values of a notification: what is watched, and Status_Flags.
void write_notified_values(ParameterWriter& out, const Subscriptions::Subscription& subscription,
                           const Object& object);

}  // namespace iw::bacnet::server

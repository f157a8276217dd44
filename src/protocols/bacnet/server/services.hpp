// Services: what a device answers: one request in, its answer out, by the tables of clauses 13, 15 and 16.
// Without IO, for one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/server/device.hpp"
#include "protocols/bacnet/server/plant.hpp"
#include "protocols/bacnet/server/reporting.hpp"
#include "protocols/bacnet/server/responder.hpp"
#include "protocols/bacnet/server/subscriptions.hpp"
#include "protocols/bacnet/server/writing.hpp"

namespace iw::bacnet::server {

struct ServiceSettings {
  unsigned announcements_per_second = 50;  // I-Am and I-Have, whoever asks
  std::optional<ReportingSettings> reporting = {};
  std::string password = {};  // of DeviceCommunicationControl; empty: the service is not there
  SubscriptionSettings subscriptions = {};
  std::size_t longest_answer = 1U << 17;  // octets, in however many segments
};

class Services {
 public:
  // `later` takes the answers that come later; `changed` hears of every object that was written.
  struct Hooks {
    std::function<void(const Caller&, const Reply&)> later;
    std::function<void(const Object&)> changed;
    std::function<WallTime()> wall_now;
  };
  Services(Device& device, Plant& plant, ServiceSettings settings, Hooks hooks);

  // The answer; none: it comes later. Views are good until the next call.
  std::optional<Reply> answer(const Request& request, bool may_write, Instant now);

  struct Told {
    UnconfirmedService service{};
    Bytes data;  // good until the next call
  };
  // What is said to who asked; most of what is heard needs no answer.
  std::optional<Told> heard(const Address& from, const UnconfirmedRequest& request, bool may_write,
                            Instant now);
  // For everybody, at the start.
  Told i_am();

  // Since DeviceCommunicationControl: nothing is sent that nobody asked for, but I-Am to who asks (16.1.2).
  [[nodiscard]] bool may_initiate(Instant now) const { return now >= quiet_until_; }
  // When somebody is to be told something.
  [[nodiscard]] Instant next_deadline(Instant now) const {
    return may_initiate(now) ? subscriptions_.next_deadline() : quiet_until_;
  }

  [[nodiscard]] Subscriptions& subscriptions() { return subscriptions_; }
  // None where nothing is reported.
  [[nodiscard]] Reporting* reporting() { return reporting_ ? &*reporting_ : nullptr; }
  // By the clock of the device.
  [[nodiscard]] WallTime wall_now() const { return hooks_.wall_now() + clock_ahead_; }

 private:
  std::optional<Reply> read_range(const Request& request);
  Reply subscribe(const Address& from, Bytes request, bool of_property, Instant now);
  std::optional<Reply> control_communication(const Request& request, Instant now);
  std::optional<BacnetError> control_communication(const DeviceCommunicationControl& wanted, Instant now);
  std::optional<Reply> answer_about_alarms(const Request& request, bool may_write);
  std::optional<Reply> acknowledge_alarm(const Request& request, bool may_write);
  std::optional<Reply> answer_on_record(const Caller& caller, const Plant::Deed& deed);
  Reply event_information(const Request& request);
  Reply alarm_summary();
  void told_time(const Address& from, const UnconfirmedRequest& request, bool may_write);
  std::optional<Told> who_has(const WhoHas& wanted);
  bool may_announce(const Address& to, Instant now);

  Device& device_;
  Plant& plant_;
  ServiceSettings settings_;
  Hooks hooks_;
  std::optional<Reporting> reporting_;
  Writing writing_;
  Subscriptions subscriptions_;
  Instant quiet_until_ = Instant::min();
  Duration clock_ahead_{};
  std::vector<std::byte> into_;
  std::vector<std::byte> scratch_;
  // Of the second that runs: to whom it was announced.
  Instant second_ends_ = Instant::min();
  std::unordered_map<Address, unsigned> announced_;
  unsigned announcements_ = 0;
};

}  // namespace iw::bacnet::server

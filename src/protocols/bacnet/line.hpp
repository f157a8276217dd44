// Line: the one owner of one BACnet port and of all devices that are reached through it. It finds them, asks
// them what they have, polls or subscribes, writes, and notices who is silent without letting the others pay.
//
// Devices are served in the order in which they are due, each with few requests at once; there is a coroutine
// for a device only while it is being found or asked for its objects.
#pragma once

#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "driver/line.hpp"
#include "io/task_group.hpp"
#include "polling/back_off.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/cov_services.hpp"
#include "protocols/bacnet/discovery_client.hpp"
#include "protocols/bacnet/line_memory.hpp"
#include "protocols/bacnet/line_plan.hpp"
#include "protocols/bacnet/poll_plan.hpp"
#include "protocols/bacnet/request_book.hpp"

namespace iw::bacnet {

class Line final : public driver::Line, private ClientOwner, private Asker {
 public:
  Line(const BacnetLinePlan& plan, const driver::Surroundings& surroundings);
  ~Line() override;

  io::Task<void> run() override;
  // Gives back what it commands (Null at our priority), cancels subscriptions, and closes.
  void stop() override;
  void end() override;
  bool follow(const driver::LinePlan& plan) override;
  bool let_go(const driver::LinePlan& plan) override;
  [[nodiscard]] bool has(model::DeviceId device) const override;
  // Writes at our priority and reads back the priority array: confirmed means that our value is in it and is
  // the one that counts.
  io::Task<model::WriteResult> write(model::WriteCommand command) override;
  void acknowledge(model::DeviceId device, const std::string& what, const std::string& by) override;
  [[nodiscard]] driver::LineStatus status() const override;
  [[nodiscard]] std::vector<driver::RequestRecord> recent_requests() const override {
    return requests_.recent(executor_.clock());
  }

  [[nodiscard]] const Client& client() const { return client_; }

 private:
  struct Device;
  using DevicePtr = std::shared_ptr<Device>;
  // A write that stands until it expires or we stop.
  struct Claim {
    DevicePtr device;
    std::uint16_t point = 0;
    Instant expiry = never;
  };
  struct Due {
    Instant at;
    DevicePtr device;
    friend bool operator>(const Due& a, const Due& b) { return a.at > b.at; }
  };
  // What an answer is to, by its tag.
  enum class Purpose : std::uint8_t { poll, subscribe, release, release_many, acknowledge };
  struct Pending {
    DevicePtr device;
    Purpose purpose = Purpose::poll;
    std::uint64_t which = 0;  // block, or point
    Instant sent{};
    std::vector<std::uint16_t> points = {};  // of release_many
  };

  Instant work(Instant now) override;
  void heard(const Address& from, const UnconfirmedRequest& request, Instant now) override;
  std::optional<Apdu> asked(const Address& from, const ConfirmedRequest& request, Instant now) override;
  void answered(std::uint64_t tag, const Outcome& outcome, Instant now) override;
  void request_begun(Ticket ticket, const Address& to, ConfirmedService service, Instant now) override;
  void request_sent(Ticket ticket, Bytes frame) override { requests_.sent(ticket, frame); }
  void request_ended(Ticket ticket, const Outcome& outcome, Bytes frame, Instant now) override {
    requests_.ended(ticket, outcome, frame, now);
  }

  void add(const LineDevice& device);
  void remove(const DevicePtr& device, std::string reason);
  [[nodiscard]] DevicePtr find(model::DeviceId device) const;

  // line.cpp: polling
  void schedule(const DevicePtr& device, Instant at);
  Instant step(const DevicePtr& device, Instant now);
  void poll_answered(const Pending& pending, const Outcome& outcome, Instant now);
  bool ask(const Pending& pending, ConfirmedService service, Bytes parameters, bool once);

  // line_finding.cpp
  Instant look_for(const DevicePtr& device, Instant now);
  void say_who_is(const Address& to, std::uint32_t instance);
  io::Task<void> confirm(DevicePtr device, Binding at);
  io::Task<void> learn(DevicePtr device);
  void bind(const DevicePtr& device, Binding binding, Instant now);
  void heard_i_am(const Address& from, const IAm& message, Instant now);
  void watch_rival(const DevicePtr& device, Instant now);
  void rival_is_real(const DevicePtr& device, Instant answered);

  // line_cov.cpp
  Instant subscribe_due(const DevicePtr& device, Instant now);
  void subscribe_answered(const Pending& pending, const Outcome& outcome, Instant now);
  void missed_notification(Device& device, std::size_t point);
  bool notified(const Address& from, const CovNotification& notification, Instant now);
  void cancel_subscriptions(const DevicePtr& device);

  // line_write.cpp: what is commanded at the same moment goes in one request, where the device can
  struct Target;
  struct Wish;
  [[nodiscard]] Result<Target> target_of(const model::WriteCommand& command) const;
  io::Task<Result<Value>> typed_value(Target target, double wished);
  io::Task<model::WriteResult> write_checked(model::WriteCommand command);
  io::Task<model::WriteResult> write_alone(Target target, Value value, model::WriteCommand command);
  io::Task<void> carry_out(Wish wish);
  io::Task<void> write_gathered(DevicePtr device);
  io::Task<void> write_together(DevicePtr device, std::vector<Wish> wishes);
  void stands(const Target& target, Instant expiry);
  io::Task<std::vector<model::WriteResult>> read_back(std::vector<Wish> wishes);

  // line_release.cpp: what we command we give back
  Instant release_expired(Instant now);
  bool release(const Claim& claim);
  void release_all(const DevicePtr& device, std::vector<std::uint16_t> points);
  void forget_claim(Device& device, std::uint64_t point);
  void released_many(const Pending& pending, const Outcome& outcome);

  // line_alarms.cpp: what devices report, and the time that they are told
  Instant look_after(const DevicePtr& device, Instant now);
  bool event_notified(const Address& from, const EventNotification& event, Instant now);
  io::Task<void> ask_for_alarms(DevicePtr device);
  void state_alarms(Device& device);
  void tell_time(const DevicePtr& device, Instant now);

  // line_history.cpp: what trend logs kept while nobody asked
  void missed(Device& device);
  io::Task<void> read_logs(DevicePtr device, WallTime until);
  io::Task<bool> find_logs(DevicePtr device, PropertyClient& client);
  io::Task<bool> read_log(DevicePtr device, PropertyClient& client, std::size_t log, WallTime until,
                          std::optional<Duration> offset);
  void recall(const Device& device, std::uint16_t point, const std::vector<LogRecord>& records,
              Duration offset, WallTime until, TrendCursor& cursor);

  // line_keeping.cpp: what is known after a restart
  [[nodiscard]] std::string memory_path() const;
  [[nodiscard]] LineMemory knowledge(Instant now) const;
  void recollect(const DevicePtr& device);
  Instant keep(Instant now);

  // line_report.cpp: what goes to the feed
  void describe(const Device& device);
  void publish(Device& device, Instant sent, Instant now);
  void mark(Device& device, model::Quality quality);
  void report(Device& device, bus::DeviceState state, std::string reason, std::string remedy = {});
  void failed(const DevicePtr& device, Error why, Instant now);

  LineSettings settings_;
  driver::Surroundings surroundings_;
  io::Executor& executor_;
  io::TaskGroup tasks_;
  Client client_;
  std::vector<DevicePtr> devices_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t next_tag_ = 1;
  std::vector<Claim> claims_;
  RequestBook requests_;
  std::optional<model::DeviceId> asking_;  // whom the request that is made just now is to
  std::size_t releasing_ = 0;
  Instant search_not_before_{};  // broadcasts keep their distance
  bool running_ = false;
  bool stopping_ = false;
  Instant stop_at_ = never;
  std::optional<Error> not_open_;
  model::SampleBatch batch_;
  std::uint64_t refusals_ = 0;
  LineMemory memory_;  // of before we were started
  std::string kept_;
  Instant keep_at_ = never;
};

}  // namespace iw::bacnet

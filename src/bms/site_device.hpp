// SiteDevice: the points of the site as a BACnet device on a UDP port. It knows catalogues and batches
// (formats), what control rules, and what is in the slots; where they come from, and where commands go, is
// its owner's affair.
//
// On the executor of the network.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "bms/alarm_memory.hpp"
#include "bms/commander.hpp"
#include "bms/instances.hpp"
#include "bms/point_object.hpp"
#include "bms/trends.hpp"
#include "bms/troubles.hpp"
#include "protocols/bacnet/server/load_control.hpp"
#include "protocols/bacnet/server/server.hpp"
#include "security/audit.hpp"

namespace iw::bms {

// How control stands with a point.
struct Standing {
  std::string path;
  control::Rules rules;
  double value = 0;       // what is in force
  bool by_bacnet = true;  // the slots decide, or nobody
  bool failing = false;   // the device does not do it, or can not be reached

  friend bool operator==(const Standing&, const Standing&) = default;
};

class SiteDevice final : private bacnet::server::Plant {
 public:
  struct Hooks {
    // A command that is right in itself; `done` on our executor.
    std::function<void(Commander::Order, Done)> command;
    // What is asked of a load; none: nothing any more.
    std::function<void(const std::string& path, std::optional<Commander::Shed>, Done)> shed;
    // There are new instances: as a text for the disk.
    std::function<void(std::string)> keep;
    // What the history knows of a point in these minutes; `done` on our executor.
    std::function<void(const model::Mrid&, const bacnet::server::LogBounds&, Logged)> read_log;
    // A client has seen what these events are about.
    std::function<void(std::vector<events::EventId>, const Seen& by)> acknowledge = {};
    // Recipient_List is another one, or what recipients know: as a text for the disk.
    std::function<void(std::string)> keep_recipients = {};
    std::function<void(std::string)> keep_alarms = {};
    // What a client did; `done` on our executor.
    std::function<void(security::AuditEntry, Done)> record;
    std::function<void(const TimeTold&)> told_time_by = {};
    // Which points have a Trend Log, and since when there is a history.
    std::function<bool(std::string_view path)> has_trend;
    WallTime since;
  };
  struct Load {
    std::string path;
    bacnet::server::LoadTraits traits;
  };

  // What is kept of an empty Recipient_List.
  static constexpr std::string_view nobody = "nobody";

  // What was kept of it before.
  struct Memory {
    Instances instances;
    AlarmMemories alarms = {};
  };

  SiteDevice(io::Network& network, Log& log, const bacnet::server::DeviceSettings& device,
             bacnet::server::ServerSettings server, std::vector<Load> loads, Memory memory, Hooks hooks);

  Result<io::Endpoint> open();
  io::Task<void> run() { co_await server_.run(); }
  void close() { server_.close(); }

  // All points; objects of those that stay as they are, stay.
  void take(const formats::Catalog& catalog);
  void take(const formats::Batch& batch);
  // Of all points that may be commanded; which those are decides what objects they are.
  void take(const std::vector<Standing>& standings);
  // All that are not Null; the others are.
  void take(const std::vector<Slot>& slots);
  // What is wrong by the events of the gateway, and with which points that can be.
  void take(const Troubles& troubles);
  // Time has passed: loads begin and end to shed.
  void tick();

  [[nodiscard]] const bacnet::server::Device& objects() const { return device_; }
  [[nodiscard]] const bacnet::server::ServerCounters& counters() const { return server_.counters(); }

 private:
  struct Shown {
    formats::CatalogPoint point;
    std::optional<control::Rules> rules = {};
    bacnet::ObjectId id = {};
    std::uint32_t reliability = communication_failure;  // of the value
    bool failing = false;                               // of the command
    bool overridden = false;
    bool limited = false;   // it reports by limits
    bool was_good = false;  // so that its loss is one
    bacnet::EventState event = bacnet::EventState::normal;
    std::string trouble = {};  // in words
    bacnet::server::Condition condition = {.reliability = communication_failure};

    [[nodiscard]] bool is_as(const Shown& other) const {
      return point == other.point && rules == other.rules && id == other.id;
    }
  };

  struct Trend {
    model::Mrid point;
    bacnet::ObjectId logged;
  };
  struct Shedding {
    std::string path;
    bacnet::server::LoadControl control;
  };

  // site_alarms.cpp: what is in alarm
  void enroll(Shown& shown, bacnet::server::Object& object);
  void place_devices();
  void show_point(Shown& shown);
  void show_device(const std::string& device, bacnet::ObjectId id);
  void look(bacnet::server::Object& object, const std::string& text,
            const std::vector<const SiteAlarm*>& alarms);
  void enroll(bacnet::server::Object& object, const bacnet::server::Enrollment& enrollment);
  void remember(bacnet::ObjectId id, const std::vector<const SiteAlarm*>& alarms);
  void keep_alarms();
  void acknowledged(const Seen& seen) override;
  void recipients_changed(Bytes encoded) override;
  void record(const Deed& deed, Done done) override;
  void told_time(const TimeTold& told) override { hooks_.told_time_by(told); }

  // What clients ask of the plant.
  void command(const bacnet::server::Command& command, Done done) override;
  void write(bacnet::ObjectId id, const bacnet::PropertyReference& property, Bytes value,
             const bacnet::Address& by, Done done) override;
  void read_log(bacnet::ObjectId id, const bacnet::server::LogBounds& records, Logged done) override;
  [[nodiscard]] std::optional<LogState> log_state(bacnet::ObjectId id) const override;

  void place_points();
  void place_trends();
  void place_loads();
  bacnet::ObjectId object_id(const model::Mrid& point, bacnet::ObjectType type);
  void show_condition(Shown& shown, bacnet::server::Object& object);
  [[nodiscard]] Shown* find(std::string_view path);
  [[nodiscard]] bacnet::server::LogBounds bounds() const;
  [[nodiscard]] bool is_within(const std::string& path, double limit) const;
  // What is asked of others may be answered when we are gone.
  template <class... Args>
  std::move_only_function<void(Args...)> while_alive(std::move_only_function<void(Args...)> done) const {
    return [alive = std::weak_ptr(alive_), done = std::move(done)](Args... args) mutable {
      if (!alive.expired()) done(std::forward<Args>(args)...);
    };
  }

  Log& log_;
  bacnet::server::Device device_;
  bacnet::server::Server server_;
  Instances instances_;
  Hooks hooks_;
  std::vector<formats::CatalogPoint> catalog_;
  std::vector<Standing> standings_;
  std::vector<Slot> slots_;
  std::vector<Shown> shown_;  // by alias
  std::map<std::string, std::size_t, std::less<>> by_path_;
  std::map<bacnet::ObjectId, std::size_t> by_object_;
  std::map<bacnet::ObjectId, Trend> trends_;
  std::vector<Load> loads_;
  std::map<bacnet::ObjectId, Shedding> shedding_;
  Troubles troubles_;
  std::map<std::string, bacnet::ObjectId> devices_;  // each shows whether it is in trouble
  AlarmMemories alarms_;                             // also when they are over
  bool alarms_changed_ = false;                      // since they were kept
  const io::Clock& clock_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace iw::bms

// Plant: what stands behind the objects of a device, and decides what becomes of commands.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocols/bacnet/address.hpp"
#include "protocols/bacnet/apdu.hpp"
#include "protocols/bacnet/error.hpp"
#include "protocols/bacnet/server/trend_log.hpp"
#include "protocols/bacnet/value.hpp"

namespace iw::bacnet::server {

// A slot of a priority array is to hold a value, or none: Null, which relinquishes.
struct Command {
  ObjectId object;
  std::uint8_t priority = 16;  // 1 the most important
  std::optional<Value> value = {};
  Address by;
};

class Plant {
 public:
  Plant() = default;
  Plant(const Plant&) = delete;
  Plant& operator=(const Plant&) = delete;
  virtual ~Plant() = default;

  // Calls `done`, at once or later, with why it is refused; none: it is in force, and the slot changes.
  using Done = std::move_only_function<void(std::optional<BacnetError>)>;
  virtual void command(const Command& command, Done done) = 0;

  // Another property that can be written; the plant judges the value, and shows it.
  virtual void write(ObjectId /*object*/, const PropertyReference& /*property*/, Bytes /*value*/,
                     const Address& /*by*/, Done done) {
    done(BacnetError{ErrorClass::property, ErrorCode::write_access_denied});
  }

  // A client has seen the alarm of an object.
  struct Seen {
    ObjectId object;
    Address by;
    std::uint32_t process = 0;
    std::string who;  // as he says
  };
  virtual void acknowledged(const Seen& /*seen*/) {}
  // Recipient_List of the Notification Class is another one; to be kept.
  virtual void recipients_changed(Bytes /*encoded*/) {}

  // What a client did to the device, or was refused, for who wants to know it later.
  struct Deed {
    Address by;
    ConfirmedService service{};
    std::optional<ObjectId> object = {};  // none: the device as a whole
    std::string what = {};                // in words
    std::optional<BacnetError> refused = {};
  };
  // Calls `done`, at once or later, when it is on record, or with why it can not be. The client is answered
  // then; but a command is on record with whoever decided it, and does not wait.
  virtual void record(const Deed& /*deed*/, Done done) { done(std::nullopt); }

  // What a client says the time is (16.7, 16.8).
  struct TimeTold {
    Address by;
    WallTime time;     // as he says; of local time: as if ours were his zone
    Duration ahead{};  // of our clock
    bool utc = false;
    bool taken = false;  // our device shows it from now on
  };
  virtual void told_time(const TimeTold& /*told*/) {}

  // Calls `done`, at once or later, with the records of a Trend Log that are known, in order.
  using Logged = std::move_only_function<void(std::vector<LogItem>)>;
  virtual void read_log(ObjectId /*log*/, const LogBounds& /*records*/, Logged done) { done({}); }
  // How a Trend Log is kept, and what is in it now; none: there is none of this id.
  struct LogState {
    LogTraits traits;
    LogBounds records;
  };
  [[nodiscard]] virtual std::optional<LogState> log_state(ObjectId /*log*/) const { return std::nullopt; }
};

}  // namespace iw::bacnet::server

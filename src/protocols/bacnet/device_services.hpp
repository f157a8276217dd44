// Services about devices: who is there, the time, silence and restart, what vendors add (clause 16), groups
// (15.11) and files (clause 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocols/bacnet/read_services.hpp"

namespace iw::bacnet {

struct InstanceRange {
  std::uint32_t low = 0;
  std::uint32_t high = max_instance;

  [[nodiscard]] constexpr bool contains(std::uint32_t instance) const {
    return low <= instance && instance <= high;
  }
  friend constexpr bool operator==(const InstanceRange&, const InstanceRange&) = default;
};

struct WhoIs {
  std::optional<InstanceRange> range = {};  // none: all

  static Decoded<WhoIs> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

enum class Segmentation : std::uint8_t { both = 0, transmit = 1, receive = 2, none = 3 };

struct IAm {
  std::uint32_t instance = 0;
  std::uint32_t max_apdu = 50;
  Segmentation segmentation = Segmentation::none;
  std::uint16_t vendor = 0;

  static Decoded<IAm> decode(Bytes data);
  void encode(ParameterWriter& out) const;

  friend constexpr bool operator==(const IAm&, const IAm&) = default;
};

struct WhoHas {
  std::optional<InstanceRange> range = {};
  std::variant<ObjectId, CharacterString> object;

  static Decoded<WhoHas> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct IHave {
  ObjectId device;
  ObjectId object;
  CharacterString name;

  static Decoded<IHave> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// TimeSynchronization (local time) and UTCTimeSynchronization.
struct TimeSynchronization {
  DateTime time;

  static Decoded<TimeSynchronization> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

enum class CommunicationState : std::uint8_t {
  enable = 0,
  disable = 1,  // deprecated (16.1, since revision 20)
  disable_initiation = 2,
};

struct DeviceCommunicationControl {
  std::optional<std::uint16_t> minutes = {};  // none: until enabled again
  CommunicationState state = CommunicationState::enable;
  std::optional<CharacterString> password = {};

  static Decoded<DeviceCommunicationControl> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

enum class ReinitializedState : std::uint8_t {
  coldstart = 0,
  warmstart = 1,
  start_backup = 2,
  end_backup = 3,
  start_restore = 4,
  end_restore = 5,
  abort_restore = 6,
  activate_changes = 7,
};

struct ReinitializeDevice {
  ReinitializedState state = ReinitializedState::warmstart;
  std::optional<CharacterString> password = {};

  static Decoded<ReinitializeDevice> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// Confirmed and unconfirmed; the acknowledgement has the same shape.
struct PrivateTransfer {
  std::uint16_t vendor = 0;
  std::uint32_t service = 0;
  std::optional<Bytes> parameters = {};

  static Decoded<PrivateTransfer> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct GroupValue {
  std::uint32_t channel = 0;
  std::optional<std::uint8_t> overriding_priority = {};
  Bytes value;  // one element, encoded
};

struct WriteGroup {
  std::uint32_t group = 0;
  std::uint8_t priority = 16;
  std::vector<GroupValue> values;
  std::optional<bool> inhibit_delay = {};

  static Decoded<WriteGroup> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// A device that has no instance yet asks for one (135-2020 16.12, 16.13).
struct WhoAmI {
  std::uint16_t vendor = 0;
  CharacterString model;
  CharacterString serial_number;

  static Decoded<WhoAmI> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct YouAre {
  std::uint16_t vendor = 0;
  CharacterString model;
  CharacterString serial_number;
  std::optional<ObjectId> device = {};
  std::optional<OctetString> mac = {};

  static Decoded<YouAre> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

// ---- Files (clause 14)

struct StreamAccess {
  std::int32_t start = 0;
  std::uint32_t octets = 0;
};
struct RecordAccess {
  std::int32_t start = 0;
  std::uint32_t records = 0;
};

struct AtomicReadFile {
  ObjectId file;
  std::variant<StreamAccess, RecordAccess> access;

  static Decoded<AtomicReadFile> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct StreamData {
  std::int32_t start = 0;  // of a write -1 appends
  Bytes octets;
};
struct RecordData {
  std::int32_t start = 0;
  std::vector<Bytes> records;
};

struct AtomicReadFileAck {
  bool end_of_file = false;
  std::variant<StreamData, RecordData> data;

  static Decoded<AtomicReadFileAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct AtomicWriteFile {
  ObjectId file;
  std::variant<StreamData, RecordData> data;

  static Decoded<AtomicWriteFile> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

struct AtomicWriteFileAck {
  bool records = false;  // else a stream
  std::int32_t start = 0;

  static Decoded<AtomicWriteFileAck> decode(Bytes data);
  void encode(ParameterWriter& out) const;
};

}  // namespace iw::bacnet

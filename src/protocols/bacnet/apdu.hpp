// The head of an APDU (clause 20.1): what kind of PDU, which transaction, which segment, which service.
//
// Decoded APDUs are views into the bytes they were decoded from; `data` is the service's parameters, or a
// segment of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "protocols/bacnet/error.hpp"

namespace iw::bacnet {

enum class ConfirmedService : std::uint8_t {
  acknowledge_alarm = 0,
  confirmed_cov_notification = 1,
  confirmed_event_notification = 2,
  get_alarm_summary = 3,
  get_enrollment_summary = 4,
  subscribe_cov = 5,
  atomic_read_file = 6,
  atomic_write_file = 7,
  add_list_element = 8,
  remove_list_element = 9,
  create_object = 10,
  delete_object = 11,
  read_property = 12,
  read_property_multiple = 14,
  write_property = 15,
  write_property_multiple = 16,
  device_communication_control = 17,
  confirmed_private_transfer = 18,
  reinitialize_device = 20,
  read_range = 26,
  subscribe_cov_property = 28,
  get_event_information = 29,
  subscribe_cov_property_multiple = 30,
  confirmed_cov_notification_multiple = 31,
  confirmed_audit_notification = 32,
  audit_log_query = 33,
};

enum class UnconfirmedService : std::uint8_t {
  i_am = 0,
  i_have = 1,
  unconfirmed_cov_notification = 2,
  unconfirmed_event_notification = 3,
  unconfirmed_private_transfer = 4,
  time_synchronization = 6,
  who_has = 7,
  who_is = 8,
  utc_time_synchronization = 9,
  write_group = 10,
  unconfirmed_cov_notification_multiple = 11,
  unconfirmed_audit_notification = 12,
  who_am_i = 13,
  you_are = 14,
};

std::string to_string(ConfirmedService service);
std::string to_string(UnconfirmedService service);

using InvokeId = std::uint8_t;

constexpr std::uint16_t max_apdu_ip = 1476;
constexpr std::uint16_t min_apdu = 50;
constexpr std::uint8_t max_window = 127;
constexpr unsigned unlimited_segments = 65;  // "more than 64"

// A part of a message that does not fit into one APDU (5.2).
struct Segment {
  std::uint8_t sequence = 0;  // modulo 256
  std::uint8_t window = 1;    // proposed: segments before an acknowledgement
  bool more_follows = false;

  friend constexpr bool operator==(const Segment&, const Segment&) = default;
};

struct ConfirmedRequest {
  InvokeId invoke_id = 0;
  ConfirmedService service{};
  std::uint16_t max_apdu = max_apdu_ip;  // that the requester takes, one of 50, 128, 206, 480, 1024, 1476
  bool segmented_response_accepted = false;
  unsigned max_segments = 0;  // that the requester takes: 0 unspecified, 2, 4 ... 64, unlimited_segments
  std::optional<Segment> segment = {};
  Bytes data = {};
};
struct UnconfirmedRequest {
  UnconfirmedService service{};
  Bytes data = {};
};
struct SimpleAck {
  InvokeId invoke_id = 0;
  ConfirmedService service{};
};
struct ComplexAck {
  InvokeId invoke_id = 0;
  ConfirmedService service{};
  std::optional<Segment> segment = {};
  Bytes data = {};
};
struct SegmentAck {
  InvokeId invoke_id = 0;
  std::uint8_t sequence = 0;  // the last segment that came in order
  std::uint8_t window = 1;    // actual
  bool negative = false;      // a segment came out of order
  bool from_server = false;
};
struct ErrorPdu {
  InvokeId invoke_id = 0;
  ConfirmedService service{};
  Bytes data = {};  // class and code; some services say more
};
struct RejectPdu {
  InvokeId invoke_id = 0;
  RejectReason reason{};
};
struct AbortPdu {
  InvokeId invoke_id = 0;
  AbortReason reason{};
  bool from_server = false;
};

using Apdu = std::variant<ConfirmedRequest, UnconfirmedRequest, SimpleAck, ComplexAck, SegmentAck, ErrorPdu,
                          RejectPdu, AbortPdu>;

Decoded<Apdu> decode_apdu(Bytes bytes);
// The head and the data.
void write_apdu(Writer& out, const Apdu& apdu);

// The largest of the sizes that a request can name (20.1.2.5) that is not above `octets`; at least 50.
std::uint16_t max_apdu_at_most(std::size_t octets);

}  // namespace iw::bacnet

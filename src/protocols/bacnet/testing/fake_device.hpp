// FakeDevice: a BACnet device for tests, on any Network: it holds objects with properties, and has the limits
// and the bad habits that a test gives it.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/hex.hpp"
#include "io/network.hpp"
#include "io/task_group.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/bvlc.hpp"
#include "protocols/bacnet/cov_services.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/npdu.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet::testing {

struct UnconfirmedRequestSeen {
  UnconfirmedService service{};
  std::vector<std::byte> data;
};

struct FakeDevice {
  explicit FakeDevice(io::Network& network, std::uint32_t device_instance, std::uint16_t port = default_port)
      : instance(device_instance),
        socket(network.bind({.host = "0.0.0.0", .port = port}).value()),
        tasks(network.executor()) {
    const ObjectId me = device_object(instance);
    set(me, PropertyId::object_identifier, me);
    set(me, PropertyId::max_apdu_length_accepted, Unsigned{max_apdu});
    set(me, PropertyId::segmentation_supported, Enumerated{3});
    set(me, PropertyId::vendor_name, CharacterString::utf8("Fake"));
    tasks.spawn(serve());
  }

  void set(ObjectId object, PropertyId property, const Value& value) {
    properties[{object, property}] = encoded(value);
  }
  void add_analog(ObjectId object, std::string_view name, float value, std::uint32_t units) {
    static const std::array all_clear{std::byte{0}};
    set(object, PropertyId::object_name, CharacterString::utf8(name));
    set(object, PropertyId::present_value, value);
    set(object, PropertyId::units, Enumerated{units});
    set(object, PropertyId::status_flags, BitString{.bytes = all_clear, .unused = 4});
    objects.push_back(object);
    std::vector<std::byte>& list = properties[{device_object(instance), PropertyId::object_list}];
    const auto id = encoded(object);
    list.insert(list.end(), id.begin(), id.end());
  }

  // The value of the property with this index, of the array's length with 0.
  [[nodiscard]] std::optional<std::vector<std::byte>> get(ObjectId object, PropertyReference property) const {
    if (object == device_object(wildcard_instance)) object.instance = instance;
    if (property.property == PropertyId::priority_array && commandable(object)) {
      if (property.index == 0U) return encoded(Unsigned{16});
      const auto slot = slots.find({object, property.index.value_or(0)});
      return slot != slots.end() ? slot->second : encoded(Null{});
    }
    const auto found = properties.find({object, property.property});
    if (found == properties.end()) return std::nullopt;
    if (!property.index) return found->second;
    std::vector<std::vector<std::byte>> elements;
    ParameterReader in(found->second);
    while (in.more()) {
      const Bytes element = in.element();
      elements.emplace_back(element.begin(), element.end());
    }
    if (*property.index == 0) return encoded(Unsigned{elements.size()});
    if (*property.index > elements.size()) return std::nullopt;
    return elements[*property.index - 1];
  }
  static bool commandable(ObjectId object) {
    return object.type == ObjectType::analog_output || object.type == ObjectType::binary_output ||
           object.type == ObjectType::multi_state_output || object.type == ObjectType::large_analog_value;
  }

  void send(const Apdu& apdu, const io::Endpoint& to) {
    std::vector<std::byte> bytes(2048);
    Writer apdu_out(bytes);
    write_apdu(apdu_out, apdu);
    std::vector<std::byte> npdu(2048);
    Writer npdu_out(npdu);
    write_npdu(npdu_out, {.payload = apdu_out.written()});
    std::vector<std::byte> datagram(2048);
    Writer out(datagram);
    write_bvlc(out, OriginalUnicastNpdu{npdu_out.written()});
    (void)socket->send(out.written(), to);
  }

  void write(const WriteProperty& one) {
    if (drops_writes) return;
    slots[{one.object, one.priority.value_or(16)}] = {one.value.begin(), one.value.end()};
    // The highest slot that holds something counts.
    for (std::uint32_t priority = 1; priority <= 16; ++priority) {
      const auto slot = slots.find({one.object, priority});
      if (slot == slots.end() || slot->second == encoded(Null{})) continue;
      properties[{one.object, PropertyId::present_value}] = slot->second;
      break;
    }
  }

  // Protocol_Services_Supported.
  void has_services(std::initializer_list<std::size_t> bits) {
    service_bits = {};
    for (const std::size_t bit : bits)
      service_bits[bit / 8] |= static_cast<std::byte>(0x80U >> bit % 8);
    set(device_object(instance), PropertyId::protocol_services_supported, BitString{.bytes = service_bits});
  }

  void notify_event(ObjectId object, EventState to, std::string_view text, const io::Endpoint& whom) {
    static const std::array stamp{std::byte{0x19}, std::byte{0x2A}};  // sequence number 42
    std::array<std::byte, 256> data;
    ParameterWriter out(data);
    EventNotification{.process = 1,
                      .device = device_object(instance),
                      .object = object,
                      .time_stamp = stamp,
                      .event_type = 5,
                      .message = CharacterString::utf8(text),
                      .ack_required = true,
                      .from_state = EventState::normal,
                      .to_state = to}
        .encode(out);
    send(UnconfirmedRequest{.service = UnconfirmedService::unconfirmed_event_notification,
                            .data = out.written()},
         whom);
  }

  // A record in trend log 1; the counts follow.
  void log_value(WallTime time, Duration offset, float value) {
    const ObjectId id{ObjectType::trend_log, 1};
    log.emplace_back(++logged, LogRecord{.time = to_date_time(time, offset), .datum = Value(value)});
    if (log.size() > log_room) log.erase(log.begin());
    set(id, PropertyId::total_record_count, Unsigned{logged});
    set(id, PropertyId::record_count, Unsigned{log.size()});
  }

  void notify(ObjectId object, float value) {
    set(object, PropertyId::present_value, value);
    notify(object);
  }
  void notify(ObjectId object) {
    std::array<std::byte, 64> list;
    ParameterWriter values(list);
    for (const PropertyId property : {PropertyId::present_value, PropertyId::status_flags})
      write_property_value(values, {.property = {property}, .value = properties.at({object, property})});
    std::array<std::byte, 128> data;
    ParameterWriter out(data);
    CovNotification{.process = subscriber_process,
                    .device = device_object(instance),
                    .object = object,
                    .time_remaining = 60,
                    .values = values.written()}
        .encode(out);
    if (confirms) {
      send(ConfirmedRequest{.invoke_id = ++notification_id,
                            .service = ConfirmedService::confirmed_cov_notification,
                            .data = out.written()},
           subscriber);
    } else {
      send(UnconfirmedRequest{.service = UnconfirmedService::unconfirmed_cov_notification,
                              .data = out.written()},
           subscriber);
    }
  }

  void say_i_am(const io::Endpoint& to) {
    std::array<std::byte, 32> data;
    ParameterWriter out(data);
    IAm{.instance = instance, .max_apdu = max_apdu}.encode(out);
    send(UnconfirmedRequest{.service = UnconfirmedService::i_am, .data = out.written()}, to);
  }

  std::uint32_t instance;
  std::uint16_t max_apdu = 1476;
  bool silent = false;
  bool knows_rpm = true;
  std::size_t most_properties = 1000;  // in an answer; more is aborted
  bool takes_subscriptions = true;
  bool notifies_at_once = false;  // who has subscribed (13.14.2)
  bool confirms = false;          // its notifications, as the subscription asked
  InvokeId notification_id = 0;
  std::vector<Apdu> answers;  // to its notifications; only their heads
  // What it does instead of answering to these services.
  std::function<std::optional<Apdu>(const ConfirmedRequest&)> misbehaves;
  std::function<bool(const ConfirmedRequest&)> loses_answer;  // what was asked for is done all the same
  std::optional<ObjectId> refuses_in_multiple = {};
  std::optional<ObjectId> refuses = {};  // to be written
  bool drops_writes = false;             // says that it has written, and has not
  std::array<std::byte, 6> service_bits{};
  std::map<ObjectId, std::pair<EventState, std::vector<std::byte>>> alarms;
  std::size_t events_in_a_page = 2;
  std::vector<std::pair<ObjectId, std::vector<std::byte>>> acknowledged;
  std::vector<std::pair<std::uint32_t, LogRecord>> log;
  std::uint32_t logged = 0;
  std::size_t log_room = 10'000;
  std::vector<UnconfirmedRequestSeen> told;
  std::map<std::pair<ObjectId, PropertyId>, std::vector<std::byte>> properties;
  std::map<std::pair<ObjectId, std::uint32_t>, std::vector<std::byte>> slots;
  std::vector<ObjectId> objects;
  std::vector<ConfirmedService> requests;  // as they came
  std::size_t largest_request = 0;         // of any APDU
  std::size_t subscriptions = 0;
  std::size_t cancellations = 0;
  std::uint32_t subscriber_process = 0;
  io::Endpoint subscriber;

  io::DatagramSocketPtr socket;
  io::TaskGroup tasks;

 private:
  std::vector<ObjectId> promised;  // to be notified of after this answer

  io::Task<void> serve() {
    std::vector<std::byte> buffer(2048);
    for (;;) {
      const auto datagram = co_await socket->receive(buffer);
      if (!datagram) co_return;
      if (silent) continue;
      handle(Bytes(buffer).first(datagram->size), datagram->peer);
    }
  }

  void handle(Bytes datagram, const io::Endpoint& from) {
    const auto bvlc = decode_bvlc(datagram);
    const auto* unicast = bvlc ? std::get_if<OriginalUnicastNpdu>(&*bvlc) : nullptr;
    const auto npdu =
        unicast != nullptr ? decode_npdu(unicast->npdu) : Decoded<Npdu>(tl::unexpected(RejectReason::other));
    if (!npdu || npdu->message) return;
    largest_request = std::max(largest_request, npdu->payload.size());
    const auto apdu = decode_apdu(npdu->payload);
    if (const auto* unconfirmed = apdu ? std::get_if<UnconfirmedRequest>(&*apdu) : nullptr)
      told.push_back({unconfirmed->service, {unconfirmed->data.begin(), unconfirmed->data.end()}});
    const auto* request = apdu ? std::get_if<ConfirmedRequest>(&*apdu) : nullptr;
    if (apdu && request == nullptr) answers.push_back(*apdu);
    if (request == nullptr) return;
    requests.push_back(request->service);
    if (const auto wrong = misbehaves ? misbehaves(*request) : std::nullopt) return send(*wrong, from);
    std::vector<std::byte> data(4096);
    ParameterWriter out(data);
    const auto answer = answer_to(*request, from, out);
    if (loses_answer && loses_answer(*request)) return;
    send(answer, from);
    for (const ObjectId object : std::exchange(promised, {}))
      notify(object);
  }

  Apdu error(const ConfirmedRequest& request, ParameterWriter& out, BacnetError why) {
    write_error(out, why);
    return ErrorPdu{.invoke_id = request.invoke_id, .service = request.service, .data = out.written()};
  }

  Apdu answer_to(const ConfirmedRequest& request, const io::Endpoint& from, ParameterWriter& out) {
    const InvokeId id = request.invoke_id;
    const ComplexAck ack{.invoke_id = id, .service = request.service};
    const SimpleAck done{.invoke_id = id, .service = request.service};
    const auto complex = [&] {
      ComplexAck full = ack;
      full.data = out.written();
      return full;
    };
    switch (request.service) {
      case ConfirmedService::read_property: {
        const auto read = ReadProperty::decode(request.data).value();
        const auto value = get(read.object, read.property);
        const bool known = read.object.type == ObjectType::device && read.object.instance != instance &&
                           read.object.instance != wildcard_instance;
        if (known) return error(request, out, {ErrorClass::object, ErrorCode::unknown_object});
        if (!value) return error(request, out, {ErrorClass::property, ErrorCode::unknown_property});
        ReadPropertyAck{.object = read.object, .property = read.property, .value = *value}.encode(out);
        return complex();
      }
      case ConfirmedService::read_property_multiple: {
        if (!knows_rpm) return RejectPdu{.invoke_id = id, .reason = RejectReason::unrecognized_service};
        ReadAccessReader in(request.data);
        ReadResultWriter results(out);
        std::size_t count = 0;
        while (const auto reference = in.next()) {
          const auto value = get(reference->object, reference->property);
          ReadResult result{.object = reference->object, .property = reference->property};
          if (value) {
            result.value = *value;
          } else {
            result.error = BacnetError{ErrorClass::property, ErrorCode::unknown_property};
          }
          results.put(result);
          ++count;
        }
        results.finish();
        if (count > most_properties || out.size() + 3 > max_apdu)
          return AbortPdu{
              .invoke_id = id, .reason = AbortReason::segmentation_not_supported, .from_server = true};
        return complex();
      }
      case ConfirmedService::write_property: {
        const auto one = WriteProperty::decode(request.data).value();
        if (refuses == one.object)
          return error(request, out, {ErrorClass::property, ErrorCode::write_access_denied});
        write(one);
        return done;
      }
      case ConfirmedService::write_property_multiple: {
        WriteAccessReader in(request.data);
        while (const auto one = in.next()) {
          if (refuses_in_multiple == one->object || refuses == one->object) {
            WritePropertyMultipleError{.error = {ErrorClass::property, ErrorCode::write_access_denied},
                                       .first_failed = {.object = one->object, .property = one->property}}
                .encode(out);
            return ErrorPdu{.invoke_id = id, .service = request.service, .data = out.written()};
          }
          write(*one);
        }
        return done;
      }
      case ConfirmedService::get_event_information: {
        const auto asked = GetEventInformation::decode(request.data).value();
        GetEventInformationAck page;
        const std::array acked{std::byte{0}};
        for (const auto& [object, alarm] : alarms) {
          if (asked.last_received && object <= *asked.last_received) continue;
          if (page.events.size() == events_in_a_page) {
            page.more_events = true;
            break;
          }
          page.events.push_back({.object = object,
                                 .state = alarm.first,
                                 .acknowledged = {.bytes = acked, .unused = 5},
                                 .time_stamps = {alarm.second, alarm.second, alarm.second},
                                 .enabled = {.bytes = acked, .unused = 5}});
        }
        page.encode(out);
        return complex();
      }
      case ConfirmedService::acknowledge_alarm: {
        const auto acknowledgement = AcknowledgeAlarm::decode(request.data).value();
        acknowledged.push_back(
            {acknowledgement.object, {acknowledgement.time_stamp.begin(), acknowledgement.time_stamp.end()}});
        return done;
      }
      case ConfirmedService::read_range: {
        const auto read = ReadRange::decode(request.data).value();
        const auto range = std::get<BySequenceNumber>(read.range);
        ReadRangeAck answer{.object = read.object, .property = read.property};
        std::vector<std::byte> items(4096);
        ParameterWriter records(items);
        for (const auto& [sequence, record] : log) {
          if (sequence < range.sequence || answer.count == static_cast<std::uint32_t>(range.count)) continue;
          if (answer.count == 0 && sequence != range.sequence) break;
          write_log_record(records, record);
          ++answer.count;
        }
        if (answer.count > 0) answer.first_sequence = range.sequence;
        answer.items = records.written();
        answer.encode(out);
        return complex();
      }
      case ConfirmedService::subscribe_cov: {
        const auto subscribe = SubscribeCov::decode(request.data).value();
        if (!takes_subscriptions)
          return error(request, out, {ErrorClass::services, ErrorCode::cov_subscription_failed});
        ++(subscribe.cancels() ? cancellations : subscriptions);
        if (!subscribe.cancels()) confirms = *subscribe.confirmed;
        subscriber_process = subscribe.process;
        subscriber = from;
        if (notifies_at_once && !subscribe.cancels()) promised.push_back(subscribe.object);
        return done;
      }
      default: return RejectPdu{.invoke_id = id, .reason = RejectReason::unrecognized_service};
    }
  }
};

}  // namespace iw::bacnet::testing

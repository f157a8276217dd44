#include "protocols/bacnet/server/services.hpp"

#include "base/overloaded.hpp"
#include "protocols/bacnet/server/deeds.hpp"
#include "protocols/bacnet/server/reading.hpp"

namespace iw::bacnet::server {
namespace {

constexpr std::size_t most_segments = 32;     // of a range: there is more where it came from
constexpr unsigned announcements_to_one = 5;  // a second

}  // namespace

Services::Services(Device& device, Plant& plant, ServiceSettings settings, Hooks hooks)
    : device_(device),
      plant_(plant),
      settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      reporting_(settings_.reporting
                     ? std::optional<Reporting>(std::in_place, device.id(), *settings_.reporting)
                     : std::nullopt),
      writing_(device, plant, reporting(), hooks_.changed),
      subscriptions_(settings_.subscriptions),
      into_(settings_.longest_answer),
      scratch_(settings_.longest_answer) {
  if (reporting_ && device_.find(reporting_->class_id()) == nullptr)
    (void)device_.add(reporting_->class_object());  // its name is nobody else's yet
}

std::optional<Reply> Services::answer(const Request& request, bool may_write, Instant now) {
  const Caller& caller = request.caller;
  const auto later = [&] { return [this, caller](const Reply& reply) { hooks_.later(caller, reply); }; };
  switch (caller.service) {
    case ConfirmedService::read_property: return read_property(device_, request.data, into_, scratch_);
    case ConfirmedService::read_property_multiple:
      return read_property_multiple(device_, request.data, into_, scratch_);
    case ConfirmedService::write_property:
      writing_.write_property(caller.peer, may_write, request.data, later());
      return std::nullopt;
    case ConfirmedService::write_property_multiple:
      writing_.write_property_multiple(caller.peer, may_write, request.data, later());
      return std::nullopt;
    case ConfirmedService::read_range: return read_range(request);
    case ConfirmedService::subscribe_cov: return subscribe(caller.peer, request.data, false, now);
    case ConfirmedService::subscribe_cov_property: return subscribe(caller.peer, request.data, true, now);
    case ConfirmedService::device_communication_control:
      if (settings_.password.empty()) return RejectReason::unrecognized_service;
      return control_communication(request, now);
    default: return answer_about_alarms(request, may_write);
  }
}

std::optional<Reply> Services::answer_about_alarms(const Request& request, bool may_write) {
  if (!reporting_) return RejectReason::unrecognized_service;
  const Caller& caller = request.caller;
  switch (caller.service) {
    case ConfirmedService::acknowledge_alarm: return acknowledge_alarm(request, may_write);
    case ConfirmedService::get_event_information: return event_information(request);
    case ConfirmedService::get_alarm_summary: return alarm_summary();
    case ConfirmedService::add_list_element:
    case ConfirmedService::remove_list_element:
      writing_.change_list(caller.peer, may_write, request.data,
                           caller.service == ConfirmedService::add_list_element,
                           [this, caller](const Reply& reply) { hooks_.later(caller, reply); });
      return std::nullopt;
    default: return RejectReason::unrecognized_service;
  }
}

std::optional<Reply> Services::read_range(const Request& request) {
  const auto wanted = ReadRange::decode(request.data);
  if (!wanted) return wanted.error();
  const Object* object = device_.find(wanted->object);
  if (object == nullptr) return BacnetError{ErrorClass::object, ErrorCode::unknown_object};
  const Property* property = object->find(wanted->property.property);
  if (property == nullptr) return BacnetError{ErrorClass::property, ErrorCode::unknown_property};
  const auto log = property->shape == Shape::log ? plant_.log_state(wanted->object) : std::nullopt;
  if (!log) return BacnetError{ErrorClass::services, ErrorCode::property_is_not_a_list};
  if (wanted->property.index) return BacnetError{ErrorClass::property, ErrorCode::property_is_not_an_array};
  const Caller& caller = request.caller;
  const std::size_t room =
      caller.takes_segments ? std::min<std::size_t>(settings_.longest_answer, most_segments * caller.max_apdu)
                            : caller.max_apdu;
  const LogSpan span = span_of(wanted->range, log->traits, log->records, records_in(room));
  plant_.read_log(wanted->object, span.records,
                  [this, caller, wanted = *wanted, traits = log->traits, span](std::vector<LogItem> items) {
                    ParameterWriter out(into_);
                    const bool fits = write_records(out, wanted, traits, span, items);
                    hooks_.later(caller,
                                 fits ? Reply(Results{out.written()}) : Reply(AbortReason::buffer_overflow));
                  });
  return std::nullopt;
}

Reply Services::subscribe(const Address& from, Bytes request, bool of_property, Instant now) {
  const auto wanted = of_property ? SubscribeCovProperty::decode(request)
                                  : SubscribeCov::decode(request).map([](const SubscribeCov& plain) {
                                      return SubscribeCovProperty{.subscription = plain};
                                    });
  if (!wanted) return wanted.error();
  const SubscribeCov& subscription = wanted->subscription;
  if (subscription.cancels()) {
    subscriptions_.cancel(from, subscription, of_property ? std::optional(wanted->property) : std::nullopt);
    return Done{};
  }
  const Object* object = device_.find(subscription.object);
  if (object == nullptr) return BacnetError{ErrorClass::object, ErrorCode::unknown_object};
  const auto value = object->read(wanted->property, scratch_);
  if (!value && of_property) return value.error();
  const bool watchable = value && object->find(PropertyId::status_flags) != nullptr &&
                         !object->find(wanted->property.property)->computed;
  if (!watchable) {
    return of_property ? BacnetError{ErrorClass::property, ErrorCode::not_cov_property}
                       : BacnetError{ErrorClass::object, ErrorCode::optional_functionality_not_supported};
  }
  const auto taken = subscriptions_.subscribe(from, *wanted, of_property, *object, now);
  return taken ? Reply(Done{}) : Reply(taken.error());
}

// ---- What people want to find again later

// Done or refused: the answer waits for the record.
std::optional<Reply> Services::answer_on_record(const Caller& caller, const Plant::Deed& deed) {
  plant_.record(deed, [this, caller, refused = deed.refused](std::optional<BacnetError> lost) {
    const auto why = refused ? refused : lost;
    hooks_.later(caller, why ? Reply(*why) : Reply(Done{}));
  });
  return std::nullopt;
}

std::optional<Reply> Services::control_communication(const Request& request, Instant now) {
  const auto wanted = DeviceCommunicationControl::decode(request.data);
  if (!wanted) return wanted.error();
  return answer_on_record(request.caller, {.by = request.caller.peer,
                                           .service = request.caller.service,
                                           .what = in_words(*wanted),
                                           .refused = control_communication(*wanted, now)});
}

std::optional<BacnetError> Services::control_communication(const DeviceCommunicationControl& wanted,
                                                           Instant now) {
  if (!wanted.password || wanted.password->text() != settings_.password)
    return BacnetError{ErrorClass::security, ErrorCode::password_failure};
  if (wanted.state == CommunicationState::disable)  // 16.1.1.3.1: deprecated since revision 20
    return BacnetError{ErrorClass::services, ErrorCode::service_request_denied};
  const bool enable = wanted.state == CommunicationState::enable;
  quiet_until_ = enable           ? Instant::min()
                 : wanted.minutes ? now + std::chrono::minutes(*wanted.minutes)
                                  : never;
  return std::nullopt;
}

std::optional<Reply> Services::acknowledge_alarm(const Request& request, bool may_write) {
  const auto wanted = AcknowledgeAlarm::decode(request.data);
  if (!wanted) return wanted.error();
  Object* object = device_.find(wanted->object);
  if (object == nullptr) return BacnetError{ErrorClass::object, ErrorCode::unknown_object};
  const Address& by = request.caller.peer;
  Plant::Deed deed{
      .by = by, .service = request.caller.service, .object = object->id(), .what = in_words(*wanted)};
  if (!may_write) {
    deed.refused = BacnetError{ErrorClass::services, ErrorCode::service_request_denied};
  } else if (const auto seen = reporting_->acknowledge(*object, *wanted, wall_now()); !seen) {
    deed.refused = seen.error();
  } else if (*seen) {
    plant_.acknowledged(
        {.object = object->id(), .by = by, .process = wanted->process, .who = wanted->source.text()});
  }
  return answer_on_record(request.caller, deed);
}

// ---- Alarms

Reply Services::event_information(const Request& request) {
  const auto wanted = GetEventInformation::decode(request.data);
  if (!wanted) return wanted.error();
  ParameterWriter out(into_);
  // In one APDU: who asks for the next page does so by the object that was last.
  if (!reporting_->write_information(out, *wanted, request.caller.max_apdu))
    return AbortReason::buffer_overflow;
  return Results{out.written()};
}

Reply Services::alarm_summary() {
  ParameterWriter out(into_);
  reporting_->write_summary(out);
  return out.ok() ? Reply(Results{out.written()}) : Reply(AbortReason::buffer_overflow);
}

// ---- The time

void Services::told_time(const Address& from, const UnconfirmedRequest& request, bool may_write) {
  const auto told = TimeSynchronization::decode(request.data);
  const auto time = told ? to_wall_time(told->time, Duration{}) : std::nullopt;
  if (!time) return;
  const bool utc = request.service == UnconfirmedService::utc_time_synchronization;
  const bool taken = device_.settings().takes_time && may_write;
  Duration ahead = *time - wall_now();
  if (taken) clock_ahead_ += ahead;
  // His zone is not known to us; zones are quarters of an hour apart.
  if (!taken && !utc)
    ahead -= std::chrono::round<std::chrono::duration<std::int64_t, std::ratio<900>>>(ahead);
  plant_.told_time({.by = from, .time = *time, .ahead = ahead, .utc = utc, .taken = taken});
}

// ---- Who is there

std::optional<Services::Told> Services::heard(const Address& from, const UnconfirmedRequest& request,
                                              bool may_write, Instant now) {
  if (request.service == UnconfirmedService::time_synchronization ||
      request.service == UnconfirmedService::utc_time_synchronization) {
    told_time(from, request, may_write);
  } else if (request.service == UnconfirmedService::who_is) {
    const auto wanted = WhoIs::decode(request.data);
    const bool meant =
        wanted && wanted->range.value_or(InstanceRange{}).contains(device_.settings().instance);
    if (meant && may_announce(from, now)) return i_am();
  } else if (request.service == UnconfirmedService::who_has && may_initiate(now)) {
    const auto wanted = WhoHas::decode(request.data);
    const bool meant =
        wanted && wanted->range.value_or(InstanceRange{}).contains(device_.settings().instance);
    if (meant && may_announce(from, now)) return who_has(*wanted);
  }
  return std::nullopt;
}

Services::Told Services::i_am() {
  ParameterWriter out(into_);
  IAm{.instance = device_.settings().instance,
      .max_apdu = max_apdu_ip,
      .segmentation = Segmentation::both,
      .vendor = device_.settings().vendor}
      .encode(out);
  return {.service = UnconfirmedService::i_am, .data = out.written()};
}

std::optional<Services::Told> Services::who_has(const WhoHas& wanted) {
  const Object* object =
      std::visit(overloaded{[&](ObjectId id) { return device_.find(id); },
                            [&](CharacterString name) { return device_.find(name.text()); }},
                 wanted.object);
  if (object == nullptr) return std::nullopt;
  ParameterWriter out(into_);
  IHave{.device = device_.id(), .object = object->id(), .name = CharacterString::utf8(object->name())}.encode(
      out);
  return Told{.service = UnconfirmedService::i_have, .data = out.written()};
}

// A storm of questions is not answered by a storm, and who asks too often does not silence us for others.
bool Services::may_announce(const Address& to, Instant now) {
  if (now >= second_ends_) {
    second_ends_ = now + 1s;
    announced_.clear();
    announcements_ = 0;
  }
  if (announcements_ >= settings_.announcements_per_second) return false;
  if (++announced_[to] > announcements_to_one) return false;
  ++announcements_;
  return true;
}

}  // namespace iw::bacnet::server

#include "protocols/bacnet/server/writing.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocols/bacnet/server/deeds.hpp"

namespace iw::bacnet::server {
namespace {

constexpr BacnetError unknown_object{ErrorClass::object, ErrorCode::unknown_object};

BacnetError property_error(ErrorCode code) { return {ErrorClass::property, code}; }

// One application-tagged value and nothing else.
std::optional<Value> only_value(Bytes encoded) {
  ParameterReader in(encoded);
  const Value value = in.value();
  return in.finished() ? std::optional(value) : std::nullopt;
}

// To a client, when his deed is on record, or could not be put there.
Plant::Done answer_of(std::optional<BacnetError> refused, Plant::Done done) {
  return [refused, done = std::move(done)](std::optional<BacnetError> lost) mutable {
    done(refused ? refused : lost);
  };
}

}  // namespace

// The writes of a WritePropertyMultiple, one after the other.
struct Writing::Sequence {
  Sequence(const Address& from, bool may, Bytes request, Answer then)
      : by(from), allowed(may), bytes(request.begin(), request.end()), rest(bytes), answer(std::move(then)) {}

  Address by;
  bool allowed;
  std::vector<std::byte> bytes;
  WriteAccessReader rest;
  Answer answer;
};

void Writing::write_property(const Address& by, bool allowed, Bytes request, Answer answer) {
  const auto wanted = WriteProperty::decode(request);
  if (!wanted) return answer(wanted.error());
  write(by, allowed, *wanted, [answer = std::move(answer)](std::optional<BacnetError> why) mutable {
    answer(why ? Reply(*why) : Reply(Done{}));
  });
}

void Writing::write_property_multiple(const Address& by, bool allowed, Bytes request, Answer answer) {
  // What is no request at all changes nothing.
  WriteAccessReader check(request);
  while (check.next()) {
  }
  if (const auto end = check.finished(); !end) return answer(end.error());
  go_on(std::make_shared<Sequence>(by, allowed, request, std::move(answer)));
}

// Up to the first that fails; what stood before it stays written.
void Writing::go_on(std::shared_ptr<Sequence> sequence) {
  const auto wanted = sequence->rest.next();
  if (!wanted) return sequence->answer(Done{});
  write(sequence->by, sequence->allowed, *wanted,
        [this, sequence,
         failed = ObjectPropertyReference{.object = wanted->object, .property = wanted->property}](
            std::optional<BacnetError> why) mutable {
          if (!why) return go_on(std::move(sequence));
          std::array<std::byte, 64> buffer;
          ParameterWriter out(buffer);
          WritePropertyMultipleError{.error = *why, .first_failed = failed}.encode(out);
          sequence->answer(ErrorData{out.written()});
        });
}

// What came of it goes on record, refused or not.
void Writing::write(const Address& by, bool allowed, const WriteProperty& write, Plant::Done done) {
  const Object* object = device_.find(write.object);
  const bool commands = object != nullptr && object->commandable().has_value() &&
                        write.property.property == PropertyId::present_value;
  Plant::Deed deed{
      .by = by, .service = ConfirmedService::write_property, .object = write.object, .what = in_words(write)};
  carry_out(by, allowed, write,
            [this, commands, deed = std::move(deed),
             done = std::move(done)](std::optional<BacnetError> why) mutable {
              deed.refused = why;
              if (!commands) return plant_.record(deed, answer_of(why, std::move(done)));
              plant_.record(deed, [](std::optional<BacnetError> /*lost*/) {});
              done(why);
            });
}

void Writing::carry_out(const Address& by, bool allowed, const WriteProperty& write, Plant::Done done) {
  Object* object = device_.find(write.object);
  if (object == nullptr) return done(unknown_object);
  const Property* property = object->find(write.property.property);
  if (property == nullptr) return done(property_error(ErrorCode::unknown_property));
  if (write.property.index) {
    if (property->shape != Shape::array) return done(property_error(ErrorCode::property_is_not_an_array));
    if (*write.property.index > property->ends.size())
      return done(property_error(ErrorCode::invalid_array_index));
  }
  const bool commands = property->id == PropertyId::present_value && object->commandable().has_value();
  if (!allowed) return done(property_error(ErrorCode::write_access_denied));
  if (property->id == PropertyId::recipient_list) {
    const auto taken = set_recipients(*object, write.value);
    return done(taken ? std::nullopt : std::optional(taken.error()));
  }
  if (property->writable) return plant_.write(object->id(), write.property, write.value, by, std::move(done));
  if (!commands) return done(property_error(ErrorCode::write_access_denied));
  command(*object, by, write, std::move(done));
}

Refusable<void> Writing::set_recipients(Object& object, Bytes value) {
  if (auto taken = reporting_->set_recipients(object, value); !taken) return taken;
  plant_.recipients_changed(value);
  return {};
}

void Writing::change_list(const Address& by, bool allowed, Bytes request, bool add, Answer answer) {
  const auto wanted = ChangeList::decode(request);
  if (!wanted) return answer(wanted.error());
  const auto changed = change_list(*wanted, allowed, add);
  Plant::Deed deed{
      .by = by,
      .service = add ? ConfirmedService::add_list_element : ConfirmedService::remove_list_element,
      .object = wanted->object,
      .what = in_words(*wanted, add)};
  if (!changed) deed.refused = changed.error().error;
  plant_.record(deed, [element = changed ? 0U : changed.error().element, refused = deed.refused,
                       answer = std::move(answer)](std::optional<BacnetError> lost) mutable {
    const auto why = refused ? refused : lost;
    if (!why) return answer(Done{});
    std::array<std::byte, 32> buffer;
    ParameterWriter out(buffer);
    ChangeListError{.error = *why, .first_failed = element}.encode(out);
    answer(ErrorData{out.written()});
  });
}

tl::expected<void, Writing::Refusal> Writing::change_list(const ChangeList& change, bool allowed, bool add) {
  const auto refused = [](BacnetError why, std::size_t element = 0) {
    return tl::unexpected(Refusal{.error = why, .element = static_cast<std::uint32_t>(element)});
  };
  Object* object = device_.find(change.object);
  if (object == nullptr) return refused(unknown_object);
  const Property* property = object->find(change.property.property);
  if (property == nullptr) return refused(property_error(ErrorCode::unknown_property));
  if (property->shape != Shape::list)
    return refused({ErrorClass::services, ErrorCode::property_is_not_a_list});
  if (!allowed || property->id != PropertyId::recipient_list)
    return refused(property_error(ErrorCode::write_access_denied));
  auto all = decode_destinations(property->value);
  const auto changes = decode_destinations(change.elements);
  if (!all || !changes) return refused(property_error(ErrorCode::invalid_data_type), 1);
  for (std::size_t i = 0; i < changes->size(); ++i) {
    const bool is_there = std::ranges::find(*all, (*changes)[i]) != all->end();
    if (add && !is_there) all->push_back((*changes)[i]);
    if (add) continue;
    if (!is_there) return refused({ErrorClass::services, ErrorCode::list_element_not_found}, i + 1);
    std::erase(*all, (*changes)[i]);
  }
  if (const auto taken = set_recipients(*object, encoded(*all)); !taken) return refused(taken.error());
  return {};
}

void Writing::command(Object& object, const Address& by, const WriteProperty& write, Plant::Done done) {
  const std::uint8_t priority = write.priority.value_or(lowest_priority);
  if (priority == minimum_on_off_priority) return done(property_error(ErrorCode::write_access_denied));
  const auto value = only_value(write.value);
  if (!value) return done(property_error(ErrorCode::invalid_data_type));
  if (const auto wrong = object.commandable()->judge(*value)) return done(wrong);
  const std::optional<Value> slot = std::holds_alternative<Null>(*value) ? std::nullopt : value;
  plant_.command({.object = object.id(), .priority = priority, .value = slot, .by = by},
                 [this, id = object.id(), priority, slot,
                  done = std::move(done)](std::optional<BacnetError> why) mutable {
                   Object* commanded = device_.find(id);
                   if (!why && commanded != nullptr && commanded->commandable()) {
                     commanded->command(priority, slot);
                     changed_(*commanded);
                   }
                   done(why);
                 });
}

}  // namespace iw::bacnet::server

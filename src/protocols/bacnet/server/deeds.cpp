#include "protocols/bacnet/server/deeds.hpp"

#include <fmt/format.h>

#include "protocols/bacnet/destination.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::bacnet::server {
namespace {

// Texts come from elsewhere, and may be as long as a request.
constexpr std::size_t longest_text = 255;

std::string cut(std::string text) {
  if (text.size() > longest_text) text = text.substr(0, longest_text) + "...";
  return text;
}

std::string in_words(Bytes value, PropertyId property) {
  if (property == PropertyId::recipient_list) {
    if (const auto recipients = decode_destinations(value)) return cut(to_string(*recipients));
  }
  ParameterReader in(value);
  const Value one = in.value();
  return in.finished() ? cut(to_string(one)) : fmt::format("{} octets", value.size());
}

}  // namespace

std::string in_words(const WriteProperty& write) {
  std::string words =
      fmt::format("{} {}", to_string(write.property), in_words(write.value, write.property.property));
  if (write.priority) words += fmt::format(" at priority {}", *write.priority);
  return words;
}

std::string in_words(const ChangeList& change, bool add) {
  return fmt::format("{} {} {}", to_string(change.property), add ? "and" : "without",
                     in_words(change.elements, change.property.property));
}

std::string in_words(const AcknowledgeAlarm& acknowledgement) {
  const auto since = decode_time_stamp(acknowledgement.time_stamp);
  return fmt::format("{} of {}, seen by '{}', process {}",
                     name_or_number(event_state_names(), static_cast<std::uint32_t>(acknowledgement.state)),
                     since ? to_string(*since) : std::string("?"), cut(acknowledgement.source.text()),
                     acknowledgement.process);
}

std::string in_words(const DeviceCommunicationControl& control) {
  constexpr std::array states{"enable", "disable", "disable-initiation"};
  std::string words = states.at(static_cast<std::size_t>(control.state));
  if (control.minutes) words += fmt::format(" for {} minutes", *control.minutes);
  return words;
}

}  // namespace iw::bacnet::server

// The parameters of every service: what is taken is written and taken again as the same; values in it are
// looked at in every way. Input: which decoder, then the parameters.
#include <algorithm>
#include <array>

#include "fuzzing.hpp"
#include "protocols/bacnet/alarm_services.hpp"
#include "protocols/bacnet/cov_services.hpp"
#include "protocols/bacnet/destination.hpp"
#include "protocols/bacnet/device_services.hpp"
#include "protocols/bacnet/write_services.hpp"

using namespace iw;
using namespace iw::bacnet;
using iw::fuzzing::require;

namespace {

constexpr std::size_t largest = 1 << 17;

template <class Service>
std::vector<std::byte> written(const Service& service) {
  std::vector<std::byte> bytes(largest);
  ParameterWriter out(bytes);
  service.encode(out);
  bytes.resize(out.size());
  return bytes;
}

template <class Service>
void check(Bytes bytes) {
  const auto service = Service::decode(bytes);
  if (!service) return;
  const auto once = written(*service);
  const auto again = Service::decode(once);
  require(again.has_value(), "a written service is taken");
  require(written(*again) == once, "a service stays what it is");
}

// Every element costs at least one octet: a list ends.
template <class ListReader>
void check_list(Bytes bytes) {
  ListReader in(bytes);
  std::size_t count = 0;
  while (in.next())
    require(++count <= bytes.size(), "a list has no more elements than octets");
  (void)in.finished();
}

void check_values(Bytes bytes) {
  ParameterReader in(bytes);
  while (in.more()) {
    const Value value = in.value();
    if (!in.ok()) break;
    (void)to_string(value);
    (void)number(value);
    const auto once = encoded(value);
    ParameterReader again(once);
    require(encoded(again.value()) == once && again.finished(), "a value stays what it is");
  }
  ParameterReader elements(bytes);
  std::size_t left = bytes.size();
  while (elements.more()) {
    const Bytes element = elements.element();
    require(!elements.ok() || !element.empty(), "an element has octets");
    require(elements.remaining() <= left, "a reader goes forward");
    left = elements.remaining();
  }
}

void check_destinations(Bytes bytes) {
  const auto all = decode_destinations(bytes);
  if (!all) return;
  const auto again = decode_destinations(encoded(*all));
  require(again.has_value() && *again == *all, "recipients stay who they are");
}

using Check = void (*)(Bytes);

// New ones at the end: the first octet of the corpus counts them.
constexpr std::array checks{
    Check(check_values),
    Check(check<ReadProperty>),
    Check(check<ReadPropertyAck>),
    Check(check_list<ReadAccessReader>),
    Check(check_list<ReadResultReader>),
    Check(check<ReadRange>),
    Check(check<ReadRangeAck>),
    Check(check_list<LogRecordReader>),
    Check(check<WriteProperty>),
    Check(check_list<WriteAccessReader>),
    Check(check<WritePropertyMultipleError>),
    Check(check<ChangeList>),
    Check(check<ChangeListError>),
    Check(check<CreateObject>),
    Check(check<CreateObjectAck>),
    Check(check<DeleteObject>),
    Check(check<WhoIs>),
    Check(check<IAm>),
    Check(check<WhoHas>),
    Check(check<IHave>),
    Check(check<TimeSynchronization>),
    Check(check<DeviceCommunicationControl>),
    Check(check<ReinitializeDevice>),
    Check(check<PrivateTransfer>),
    Check(check<WriteGroup>),
    Check(check<WhoAmI>),
    Check(check<YouAre>),
    Check(check<AtomicReadFile>),
    Check(check<AtomicReadFileAck>),
    Check(check<AtomicWriteFile>),
    Check(check<AtomicWriteFileAck>),
    Check(check<SubscribeCov>),
    Check(check<SubscribeCovProperty>),
    Check(check<SubscribeCovPropertyMultiple>),
    Check(check<CovNotification>),
    Check(check_list<PropertyValueReader>),
    Check(check<CovNotificationMultiple>),
    Check(check<EventNotification>),
    Check(check<AcknowledgeAlarm>),
    Check(check<GetEventInformation>),
    Check(check<GetEventInformationAck>),
    Check(check<GetAlarmSummaryAck>),
    Check(check<GetEnrollmentSummary>),
    Check(check<GetEnrollmentSummaryAck>),
    Check(check_destinations),
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto parameters = fuzzing::copied(std::as_bytes(std::span(data + 1, size - 1)));
  checks[data[0] % checks.size()](parameters);
  (void)decode_error(parameters);
  (void)decode_time_stamp(parameters);
  return 0;
}

// The services of clause 14, declared in device_services.hpp.
#include "base/overloaded.hpp"
#include "protocols/bacnet/device_services.hpp"

namespace iw::bacnet {
namespace {

constexpr std::uint8_t stream_access = 0;
constexpr std::uint8_t record_access = 1;

std::int32_t read_start(ParameterReader& in, std::int64_t position) {
  if (position < INT32_MIN || position > INT32_MAX) in.failed(RejectReason::parameter_out_of_range);
  return in.ok() ? static_cast<std::int32_t>(position) : 0;
}

std::variant<StreamData, RecordData> read_data(ParameterReader& in) {
  if (in.next_opens(stream_access)) {
    in.open(stream_access);
    const StreamData data{.start = read_start(in, in.application<Signed>().value),
                          .octets = in.application<OctetString>().bytes};
    in.close(stream_access);
    return data;
  }
  in.open(record_access);
  RecordData data{.start = read_start(in, in.application<Signed>().value), .records = {}};
  const std::uint32_t count = in.application_u32();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i)
    data.records.push_back(in.application<OctetString>().bytes);
  in.close(record_access);
  return data;
}

void write_data(ParameterWriter& out, const std::variant<StreamData, RecordData>& data) {
  std::visit(overloaded{[&](const StreamData& stream) {
                          out.open(stream_access);
                          out.application(Signed{stream.start});
                          out.application(OctetString{stream.octets});
                          out.close(stream_access);
                        },
                        [&](const RecordData& records) {
                          out.open(record_access);
                          out.application(Signed{records.start});
                          out.application(Unsigned{records.records.size()});
                          for (const Bytes record : records.records)
                            out.application(OctetString{record});
                          out.close(record_access);
                        }},
             data);
}

}  // namespace

Decoded<AtomicReadFile> AtomicReadFile::decode(Bytes data) {
  ParameterReader in(data);
  AtomicReadFile request{.file = in.application<ObjectId>(), .access = {}};
  const std::uint8_t tag = in.next_opens(stream_access) ? stream_access : record_access;
  in.open(tag);
  const std::int32_t start = read_start(in, in.application<Signed>().value);
  const std::uint32_t count = in.application_u32();
  in.close(tag);
  if (tag == stream_access) {
    request.access = StreamAccess{.start = start, .octets = count};
  } else {
    request.access = RecordAccess{.start = start, .records = count};
  }
  return checked(in, request);
}

void AtomicReadFile::encode(ParameterWriter& out) const {
  out.application(file);
  const auto put = [&out](std::uint8_t tag, std::int32_t start, std::uint32_t count) {
    out.open(tag);
    out.application(Signed{start});
    out.application(Unsigned{count});
    out.close(tag);
  };
  std::visit(overloaded{[&](const StreamAccess& a) { put(stream_access, a.start, a.octets); },
                        [&](const RecordAccess& a) { put(record_access, a.start, a.records); }},
             access);
}

Decoded<AtomicReadFileAck> AtomicReadFileAck::decode(Bytes data) {
  ParameterReader in(data);
  AtomicReadFileAck ack{.end_of_file = in.application<bool>(), .data = read_data(in)};
  return checked(in, std::move(ack));
}

void AtomicReadFileAck::encode(ParameterWriter& out) const {
  out.application(end_of_file);
  write_data(out, data);
}

Decoded<AtomicWriteFile> AtomicWriteFile::decode(Bytes data) {
  ParameterReader in(data);
  AtomicWriteFile request{.file = in.application<ObjectId>(), .data = read_data(in)};
  return checked(in, std::move(request));
}

void AtomicWriteFile::encode(ParameterWriter& out) const {
  out.application(file);
  write_data(out, data);
}

Decoded<AtomicWriteFileAck> AtomicWriteFileAck::decode(Bytes data) {
  ParameterReader in(data);
  const bool records = in.next_is(record_access);
  const std::uint8_t tag = records ? record_access : stream_access;
  const AtomicWriteFileAck ack{.records = records, .start = read_start(in, in.context<Signed>(tag).value)};
  return checked(in, ack);
}

void AtomicWriteFileAck::encode(ParameterWriter& out) const {
  out.context(records ? record_access : stream_access, Signed{start});
}

}  // namespace iw::bacnet

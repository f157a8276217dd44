#include "protocols/bacnet/property_client.hpp"

#include <algorithm>
#include <array>

namespace iw::bacnet {
namespace {

std::vector<std::byte> read_parameters(const ObjectPropertyReference& property) {
  std::array<std::byte, 32> buffer;
  ParameterWriter out(buffer);
  ReadProperty{.object = property.object, .property = property.property}.encode(out);
  return {out.written().begin(), out.written().end()};
}

std::vector<std::byte> read_multiple_parameters(std::span<const ObjectPropertyReference> properties) {
  std::vector<std::byte> buffer(32 * properties.size());
  ParameterWriter out(buffer);
  write_read_property_multiple(out, properties);
  buffer.resize(out.size());
  return buffer;
}

}  // namespace

std::optional<Value> ReadValue::first() const {
  if (error || value.empty()) return std::nullopt;
  ParameterReader in(value);
  const Value first = in.value();
  return in.ok() ? std::optional(first) : std::nullopt;
}

void PropertyClient::set_limits(PeerLimits limits) {
  device_.limits = limits;
  at_once_ = std::clamp<std::size_t>(limits.max_apdu / 40U, 1, 30);
}

io::Task<Result<std::vector<std::byte>>> PropertyClient::read(ObjectPropertyReference property) {
  auto reply = co_await client_.ask(device_, ConfirmedService::read_property, read_parameters(property));
  if (!reply) co_return fail(std::move(reply).error());
  const auto ack = ReadPropertyAck::decode(*reply);
  if (!ack) co_return fail(malformed("the answer to ReadProperty", ack.error()));
  if (ack->object != property.object && property.object.instance != wildcard_instance)
    co_return fail(ErrorKind::malformed, fmt::format("asked for {}, the device answered for {}",
                                                     to_string(property.object), to_string(ack->object)));
  co_return std::vector<std::byte>(ack->value.begin(), ack->value.end());
}

io::Task<Result<std::vector<ReadValue>>> PropertyClient::read(
    std::vector<ObjectPropertyReference> properties) {
  std::vector<ReadValue> all;
  all.reserve(properties.size());
  std::size_t at = 0;
  while (at < properties.size()) {
    const auto end = std::min(properties.size(), at + at_once_);
    auto piece = co_await read_piece({properties.begin() + static_cast<std::ptrdiff_t>(at),
                                      properties.begin() + static_cast<std::ptrdiff_t>(end)});
    if (!piece) {
      // No answer to a large question is no answer to its size, as often as not.
      if (at_once_ == 1) co_return fail(std::move(piece).error());
      at_once_ = piece.error().kind == ErrorKind::unsupported ? 1 : at_once_ / 2;
      continue;
    }
    std::ranges::move(*piece, std::back_inserter(all));
    at = end;
  }
  co_return all;
}

io::Task<Result<std::vector<ReadValue>>> PropertyClient::read_piece(
    std::vector<ObjectPropertyReference> properties) {
  if (at_once_ == 1) co_return co_await read_one(properties.front());
  auto reply = co_await client_.ask(device_, ConfirmedService::read_property_multiple,
                                    read_multiple_parameters(properties));
  if (!reply) co_return fail(std::move(reply).error());
  std::vector<ReadValue> values;
  for (const ObjectPropertyReference& property : properties)
    values.push_back(
        {.property = property, .error = BacnetError{ErrorClass::property, ErrorCode::unknown_property}});
  take(*reply, values);
  co_return values;
}

// A device that refuses a property is a result; one that does not answer is none.
io::Task<Result<std::vector<ReadValue>>> PropertyClient::read_one(ObjectPropertyReference property) {
  auto value = co_await read(property);
  ReadValue result{.property = property};
  if (value) {
    result.value = std::move(*value);
  } else if (value.error().kind == ErrorKind::timeout || value.error().kind == ErrorKind::cancelled ||
             value.error().kind == ErrorKind::unreachable || value.error().kind == ErrorKind::closed) {
    co_return fail(std::move(value).error());
  } else {
    result.error = BacnetError{ErrorClass::property, ErrorCode::unknown_property};
  }
  co_return std::vector<ReadValue>{std::move(result)};
}

void PropertyClient::take(Bytes data, std::vector<ReadValue>& values) {
  ReadResultReader results(data);
  while (const auto result = results.next()) {
    const ObjectPropertyReference property{.object = result->object, .property = result->property};
    for (ReadValue& asked : values) {  // one may be asked for twice
      if (asked.property != property) continue;
      asked.value.assign(result->value.begin(), result->value.end());
      asked.error = result->error;
    }
  }
}

}  // namespace iw::bacnet

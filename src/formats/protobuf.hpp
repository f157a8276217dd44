// Telemetry as Protocol Buffers, schema proto/interwatt/v1/telemetry.proto: an Envelope holds a catalogue or
// a batch, a stream is Envelopes with their length in front (varint).
//
// A batch is written in columns; every bit of every value comes back. Encoder and decoder keep their
// messages: in steady state they allocate nothing but what texts need. Texts of the catalogue are UTF-8.
// Nothing in the bytes makes the decoder use more memory than a small multiple of their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "formats/telemetry.hpp"

namespace iw::formats {

class ProtobufEncoder {
 public:
  ProtobufEncoder();
  ProtobufEncoder(const ProtobufEncoder&) = delete;
  ProtobufEncoder& operator=(const ProtobufEncoder&) = delete;
  ~ProtobufEncoder();

  // Append one Envelope to `out`, without its length.
  void encode(const Catalog& catalog, std::vector<std::byte>& out);
  void encode(const Batch& batch, std::vector<std::byte>& out);

 private:
  struct Messages;
  std::unique_ptr<Messages> messages_;
};

class ProtobufDecoder {
 public:
  ProtobufDecoder();
  ProtobufDecoder(const ProtobufDecoder&) = delete;
  ProtobufDecoder& operator=(const ProtobufDecoder&) = delete;
  ~ProtobufDecoder();

  // One Envelope without its length; says which of the two below it became. Any bytes may come.
  Result<Content> decode(Bytes envelope);

  // The last of each kind. After an error they mean nothing.
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }
  [[nodiscard]] const Batch& batch() const { return batch_; }

 private:
  struct Messages;
  std::unique_ptr<Messages> messages_;
  Catalog catalog_;
  Batch batch_;
};

// An Envelope longer than this is not believed.
constexpr std::size_t largest_envelope = std::size_t{64} << 20U;

// Appends the length of an Envelope, and the Envelope.
void put_delimited(Bytes envelope, std::vector<std::byte>& out);
// The next Envelope, which is taken off `stream`. None when more bytes are needed; `stream` stays.
Result<std::optional<Bytes>> take_delimited(Bytes& stream);

}  // namespace iw::formats

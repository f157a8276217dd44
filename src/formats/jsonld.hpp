// Telemetry as JSON-LD 1.1: a document holds a catalogue or a batch. The words are CIM's (IEC 61970-301 and
// 61968-9) where it has one, and SOSA's and QUDT's; context/v1.jsonld says which. A context is never fetched:
// not by us, and a document that embeds it can be read by anybody without a network.
//
// Values name their point by mRID, so a batch is written by, and read with, the catalogue before it. Every
// bit of a finite value comes back; all NaN are one. Texts that are not UTF-8 get U+FFFD where they are not.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "formats/telemetry.hpp"

namespace iw::formats {

// The text of context/v1.jsonld, which never changes: what changes is another version.
std::string_view jsonld_context();
constexpr std::string_view jsonld_context_iri = "https://interwatt.example/context/v1.jsonld";

// How a document has its context: by its IRI, for readers that have it already, or in full.
enum class ContextForm : std::uint8_t { named, embedded };

class JsonldEncoder {
 public:
  explicit JsonldEncoder(ContextForm form);
  JsonldEncoder(const JsonldEncoder&) = delete;
  JsonldEncoder& operator=(const JsonldEncoder&) = delete;
  ~JsonldEncoder();

  // One line each, without a line feed. Times must be of the years 1 to 9999.
  std::string encode(const Catalog& catalog);
  // Values of points that the last catalogue does not have are left out.
  std::string encode(const Batch& batch) const;

 private:
  struct Known;
  std::unique_ptr<Known> known_;
};

class JsonldDecoder {
 public:
  JsonldDecoder();
  JsonldDecoder(const JsonldDecoder&) = delete;
  JsonldDecoder& operator=(const JsonldDecoder&) = delete;
  ~JsonldDecoder();

  // A document as the encoder writes it, with either form of the context; any text may come. It is no JSON-LD
  // processor: the same triples in other words are refused.
  Result<Content> decode(std::string_view document);

  // The last of each kind. After an error they mean nothing.
  [[nodiscard]] const Catalog& catalog() const;
  [[nodiscard]] const Batch& batch() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iw::formats

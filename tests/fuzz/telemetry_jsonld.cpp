// Any text is refused or gives a catalogue or a batch that survives another round. The input is documents,
// one a line: a batch is read with the catalogue before it.
#include <cmath>
#include <string_view>

#include "formats/jsonld.hpp"
#include "fuzzing.hpp"

using namespace iw;
using namespace iw::formats;
using iw::fuzzing::require;

namespace {

void check_batch(const JsonldDecoder& decoder, const JsonldEncoder& encoder, JsonldDecoder& again) {
  require(again.decode(encoder.encode(decoder.batch())) == Content::batch, "what was encoded can be decoded");
  const Batch& a = decoder.batch();
  const Batch& b = again.batch();
  require(a.alias == b.alias && a.time_ms == b.time_ms && a.quality == b.quality && a.texts == b.texts,
          "aliases, times, qualities and texts");
  for (std::size_t i = 0; i < a.value.size(); ++i) {
    require(a.value[i] == b.value[i] || (std::isnan(a.value[i]) && std::isnan(b.value[i])), "every value");
    require(std::signbit(a.value[i]) == std::signbit(b.value[i]), "every sign");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  std::string_view rest(reinterpret_cast<const char*>(input.data()), input.size());
  JsonldDecoder decoder;
  JsonldDecoder again;
  JsonldEncoder encoder(ContextForm::named);
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto content = decoder.decode(line);
    if (!content) return 0;
    if (*content == Content::batch) {
      check_batch(decoder, encoder, again);
    } else {
      require(again.decode(encoder.encode(decoder.catalog())) == Content::catalog,
              "what was encoded can be decoded");
      require(again.catalog().points.size() == decoder.catalog().points.size(), "points");
    }
  }
  return 0;
}

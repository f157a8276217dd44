// Any bytes are explained: in words that end, without anything read past their end.
#include "fuzzing.hpp"
#include "protocols/bacnet/explain.hpp"

using namespace iw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzzing::copied(std::as_bytes(std::span(data, size)));
  const std::string words = bacnet::explain_frame(bytes);
  fuzzing::require(!words.empty(), "there is always something to say");
  return 0;
}

// Any bytes of a client after the handshake: a session gives messages within its limit, the same ones however
// the bytes are cut, and can always be spoken to.
#include <string>
#include <vector>

#include "fuzzing.hpp"
#include "wire/websocket/session.hpp"

using namespace iw;
using iw::fuzzing::require;

namespace {

constexpr std::size_t limit = 256;

std::vector<std::string> messages(Bytes input, std::size_t step) {
  wire::websocket::Session session(limit);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < input.size() && !session.ended(); at += step) {
    for (std::string& message : session.put(input.subspan(at, std::min(step, input.size() - at)))) {
      require(message.size() <= limit, "a message is within its limit");
      found.push_back(std::move(message));
    }
  }
  session.send_text("{}");
  session.close();
  require(session.ended(), "a session that was closed has ended");
  return found;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  require(messages(input, input.size() + 1) == messages(input, 1), "the cuts do not matter");
  return 0;
}

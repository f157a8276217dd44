// Any bytes are refused or are messages, the same ones however they are cut; what was read can be written and
// read again, and its target is refused or is segments.
#include <string>
#include <vector>

#include "fuzzing.hpp"
#include "wire/http/parser.hpp"
#include "wire/http/target.hpp"

using namespace iw;
using namespace iw::wire::http;
using iw::fuzzing::require;

namespace {

constexpr Limits limits{.header = 512, .body = 256};

template <class Parser, class Message>
std::vector<Message> messages(Bytes input, std::size_t step) {
  Parser parser(limits);
  std::vector<Message> found;
  for (std::size_t at = 0; at < input.size(); at += step) {
    parser.put(input.subspan(at, std::min(step, input.size() - at)));
    for (;;) {
      auto message = parser.next();
      if (!message) return found;
      if (!*message) break;
      require((*message)->body.size() <= limits.body, "a body is within its limit");
      found.push_back(std::move(**message));
    }
  }
  return found;
}

template <class Parser, class Message>
void try_as(Bytes input) {
  const auto whole = messages<Parser, Message>(input, input.size() + 1);
  require(whole == messages<Parser, Message>(input, 1), "the cuts do not matter");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzzing::copied(std::as_bytes(std::span(data, size)));
  try_as<RequestParser, Request>(input);
  try_as<ResponseParser, Response>(input);
  for (const Request& request : messages<RequestParser, Request>(input, input.size() + 1)) {
    (void)parse_target(request.target);
    Request plain{
        .method = request.method, .target = request.target, .headers = {{"Host", "h"}}, .body = request.body};
    plain.headers.add("Content-Length", std::to_string(plain.body.size()));
    const std::string text = encode(plain);
    RequestParser parser;
    parser.put(std::as_bytes(std::span(text)));
    auto again = parser.next();
    require(again && *again && **again == plain, "what was written can be read");
  }
  return 0;
}

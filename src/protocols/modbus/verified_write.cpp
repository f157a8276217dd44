#include "protocols/modbus/verified_write.hpp"

#include <algorithm>
#include <array>

#include "io/sleep.hpp"

namespace iw::modbus {
namespace {

using model::WriteState;
using Words = std::vector<std::uint16_t>;

// When the device is asked what it holds; some take a moment. All within a second of the write.
constexpr std::array<Duration, 4> read_back_after{0ms, 100ms, 250ms, 500ms};

// What became of the write itself: nothing yet, refused, or unknown until it is read back.
void judge(const Request& write, const Result<ReplyPdu>& reply, WriteOutcome& outcome) {
  outcome.state = WriteState::unknown;
  if (!reply) {
    outcome.error = reply.error();
    return;
  }
  const auto response = decode_response(write, reply->bytes());
  if (!response) {
    outcome.error = response.error();
    return;
  }
  // "Acknowledge": it is taken and takes long; reading back tells.
  const auto* no = std::get_if<ExceptionResponse>(&*response);
  if (no == nullptr || no->code == ExceptionCode::acknowledge) return;
  outcome.state = WriteState::refused;
  outcome.error = to_error(no->code);
}

// The words of the plan's place; none when the reply does not hold them.
Result<Words> shown(const WritePlan& plan, const Result<ReplyPdu>& reply) {
  if (!reply) return fail(reply.error());
  const auto words = words_of(plan.read, reply->bytes());
  if (!words) return fail(words.error());
  const auto place = std::span(*words).subspan(plan.offset, plan.expected.size());
  return Words(place.begin(), place.end());
}

}  // namespace

bool same(std::span<const std::uint16_t> a, std::span<const std::uint16_t> b, std::uint16_t bits) {
  return std::ranges::equal(a, b, [bits](unsigned x, unsigned y) { return ((x ^ y) & bits) == 0; });
}

Result<Words> words_of(const Request& request, Bytes reply) {
  const auto response = decode_response(request, reply);
  if (!response) return fail(response.error());
  if (const auto* exception = std::get_if<ExceptionResponse>(&*response))
    return fail(to_error(exception->code));
  Words words;
  if (const auto* registers = std::get_if<ReadRegistersResponse>(&*response)) {
    for (std::size_t i = 0; i < registers->count(); ++i)
      words.push_back(registers->at(i));
  } else if (const auto* bits = std::get_if<ReadBitsResponse>(&*response)) {
    for (std::size_t i = 0; i < bits->count; ++i)
      words.push_back(bits->at(i) ? 1 : 0);
  }
  return words;
}

io::Task<WriteOutcome> write_verified(UnitAccess& unit, io::Executor& executor, WritePlan plan,
                                      Words before) {
  WriteOutcome outcome;
  const auto reply = co_await unit.ask(plan.write);
  judge(plan.write, reply, outcome);
  if (outcome.state == WriteState::refused) co_return outcome;

  for (const Duration pause : read_back_after) {
    if (pause > 0ns) co_await io::sleep_for(executor, pause);
    auto answer = co_await unit.ask(plan.read);
    auto words = shown(plan, answer);
    if (!words) {
      if (!outcome.error) outcome.error = words.error();
      continue;
    }
    outcome.answer = *answer;
    outcome.read_back = std::move(*words);
    if (same(outcome.read_back, plan.expected, plan.bits)) {
      outcome.state = WriteState::confirmed;
      outcome.error.reset();
      co_return outcome;
    }
    const bool moved = !before.empty() && !same(outcome.read_back, before, plan.bits);
    outcome.state = moved ? WriteState::limited : WriteState::not_followed;
  }
  co_return outcome;
}

}  // namespace iw::modbus

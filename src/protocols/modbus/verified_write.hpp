// Verified write: once, and then the device itself is asked what it holds. The words of the outcome are those
// of model::WriteState: confirmed is only what was read back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "io/executor.hpp"
#include "io/task.hpp"
#include "model/command.hpp"
#include "protocols/modbus/line.hpp"

namespace iw::modbus {

// What is to be written, and where it shows: the words from `offset` on in the answer to `read`.
struct WritePlan {
  Request read;
  std::size_t offset = 0;
  Request write;
  std::vector<std::uint16_t> expected;  // coils are 0 or 1
  std::uint16_t bits = 0xFFFF;          // of each word that count; the device may change the others itself
};

struct WriteOutcome {
  model::WriteState state = model::WriteState::requested;
  std::vector<std::uint16_t> read_back;  // beside `expected`; empty when nothing could be read
  std::optional<ReplyPdu> answer;        // the whole reply that this is from
  std::optional<Error> error;
};

// `before`: what the place showed, to tell "not followed" from "limited"; empty when that is not known. A
// write that was not answered may or may not have been done: reading back tells, it is never sent twice.
io::Task<WriteOutcome> write_verified(UnitAccess& unit, io::Executor& executor, WritePlan plan,
                                      std::vector<std::uint16_t> before);

// Whether the words are alike in the bits that count.
bool same(std::span<const std::uint16_t> a, std::span<const std::uint16_t> b, std::uint16_t bits);

// The registers of a reply, or its bits as 0 and 1; an exception is an error.
Result<std::vector<std::uint16_t>> words_of(const Request& request, Bytes reply);

}  // namespace iw::modbus

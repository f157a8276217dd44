#include "io/testing/scripted_peer.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/hex.hpp"
#include "base/overloaded.hpp"

namespace iw::io::testing {

namespace {

std::vector<std::byte> bytes_of(std::string_view hex) {
  auto bytes = parse_hex(hex);
  if (!bytes)
    throw std::logic_error(fmt::format("ScriptedPeer: \"{}\" is not hex: {}", hex, bytes.error().message));
  return std::move(*bytes);
}

}  // namespace

ScriptedPeer::ScriptedPeer(Executor& executor, std::unique_ptr<PipeEnd> end)
    : executor_(executor), end_(std::move(end)) {
  end_->notify([this] {
    const auto more = end_->take_received();
    received_.insert(received_.end(), more.begin(), more.end());
    go_on();
  });
}

ScriptedPeer& ScriptedPeer::add(Step step) {
  steps_.push_back(std::move(step));
  go_on();
  return *this;
}

ScriptedPeer& ScriptedPeer::expect(std::string_view hex) { return add(Expect{bytes_of(hex)}); }
ScriptedPeer& ScriptedPeer::after(Duration pause) { return add(Pause{pause}); }
ScriptedPeer& ScriptedPeer::reply(std::string_view hex) { return add(Reply{bytes_of(hex)}); }
ScriptedPeer& ScriptedPeer::reset() { return add(Reset{}); }
ScriptedPeer& ScriptedPeer::close() { return add(Close{}); }

ScriptedPeer& ScriptedPeer::dribble(std::string_view hex, Duration between) {
  for (const std::byte b : bytes_of(hex)) {
    add(Reply{{b}});
    add(Pause{between});
  }
  return *this;
}

void ScriptedPeer::on_timer() {
  steps_.pop_front();  // the pause
  go_on();
}

// Takes steps until one has to wait.
void ScriptedPeer::go_on() {
  while (!steps_.empty() && !armed() && mismatch_.empty()) {
    const bool taken = std::visit(overloaded{
                                      [&](const Expect& expect) { return take(expect); },
                                      [&](const Pause& pause) {
                                        executor_.arm(*this, executor_.now() + pause.length);
                                        return false;
                                      },
                                      [&](const Reply& reply) {
                                        end_->send(reply.bytes);
                                        return true;
                                      },
                                      [&](const Reset&) {
                                        end_->reset();
                                        return true;
                                      },
                                      [&](const Close&) {
                                        end_->close();
                                        return true;
                                      },
                                  },
                                  steps_.front());
    if (!taken) return;
    steps_.pop_front();
  }
}

bool ScriptedPeer::take(const Expect& expect) {
  const std::size_t n = std::min(received_.size(), expect.bytes.size());
  const auto end = received_.begin() + static_cast<std::ptrdiff_t>(n);
  if (!std::equal(received_.begin(), end, expect.bytes.begin())) {
    mismatch_ = fmt::format("expected {}\n     got {}\n", to_hex(expect.bytes), to_hex(received_));
    return false;
  }
  if (n < expect.bytes.size()) return false;
  received_.erase(received_.begin(), end);
  return true;
}

std::string ScriptedPeer::complaints() const {
  std::string text = mismatch_;
  if (mismatch_.empty() && !received_.empty()) {
    text +=
        fmt::format("{}: {}\n", steps_.empty() ? "not in the script" : "received so far", to_hex(received_));
  }
  if (!steps_.empty()) text += fmt::format("{} steps of the script were not taken\n", steps_.size());
  if (!steps_.empty() && mismatch_.empty()) {
    if (const Expect* expect = std::get_if<Expect>(&steps_.front())) {
      text += fmt::format("next expected: {}\n", to_hex(expect->bytes));
    }
  }
  return text;
}

}  // namespace iw::io::testing

#include "io/testing/scripted_network.hpp"

#include <utility>

#include <fmt/format.h>

#include "io/sleep.hpp"

namespace iw::io::testing {

std::unique_ptr<PipeEnd> ScriptedNetwork::expect(std::string place, Duration after) {
  auto [ours, theirs] = make_pipe(executor_, place, "driver");
  expected_.push_back({.place = std::move(place), .after = after, .stream = std::move(ours)});
  return std::move(theirs);
}

std::unique_ptr<PipeEnd> ScriptedNetwork::expect_connect(const Endpoint& to, Duration after) {
  return expect(to_string(to), after);
}

std::unique_ptr<PipeEnd> ScriptedNetwork::expect_serial(const std::string& device) {
  return expect(device, {});
}

void ScriptedNetwork::expect_connect(const Endpoint& to, Error error) {
  expected_.push_back({.place = to_string(to), .error = std::move(error)});
}

void ScriptedNetwork::expect_serial(const std::string& device, Error error) {
  expected_.push_back({.place = device, .error = std::move(error)});
}

Result<ScriptedNetwork::Expected> ScriptedNetwork::next(const std::string& place) {
  if (expected_.empty() || expected_.front().place != place) {
    const std::string instead = expected_.empty() ? "nothing more" : expected_.front().place;
    std::string complaint = fmt::format("{} was asked for, the script expected {}\n", place, instead);
    unexpected_ += complaint;
    complaint.pop_back();
    return fail(ErrorKind::refused, std::move(complaint),
                "expect_connect() or expect_serial() it in the test");
  }
  Expected expected = std::move(expected_.front());
  expected_.pop_front();
  return expected;
}

Task<Result<StreamPtr>> ScriptedNetwork::connect(Endpoint to, Instant deadline) {
  ++connects_;
  Result<Expected> expected = next(to_string(to));
  if (!expected) co_return fail(std::move(expected).error());
  if (expected->stream == nullptr) {
    if (expected->error.kind == ErrorKind::timeout) co_await sleep_until(executor_, deadline);
    co_return fail(std::move(expected->error));
  }
  if (expected->after > Duration::zero()) co_await sleep_for(executor_, expected->after);
  co_return std::move(expected->stream);
}

Result<StreamPtr> ScriptedNetwork::open_serial(const SerialSettings& settings) {
  ++opens_;
  last_serial_ = settings;
  Result<Expected> expected = next(settings.device);
  if (!expected) return fail(std::move(expected).error());
  if (expected->stream == nullptr) return fail(std::move(expected->error));
  return std::move(expected->stream);
}

Result<ListenerPtr> ScriptedNetwork::listen(const Endpoint& /*at*/) {
  return fail(ErrorKind::unsupported, "a ScriptedNetwork does not listen",
              "test servers in an io/world World");
}

Result<DatagramSocketPtr> ScriptedNetwork::bind(const Endpoint& /*at*/) {
  return fail(ErrorKind::unsupported, "a ScriptedNetwork has no datagrams",
              "test these in an io/world World");
}

std::string ScriptedNetwork::complaints() const {
  std::string text = unexpected_;
  for (const Expected& expected : expected_)
    text += fmt::format("{} was expected and not asked for\n", expected.place);
  return text;
}

}  // namespace iw::io::testing

// A small site, whole: a client that asks, a server that answers, everything that can go wrong.
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/task_group.hpp"
#include "io/world/fault_plan.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::world;

namespace {

constexpr std::size_t message_size = 8;
using Message = std::array<std::byte, message_size>;

Task<Result<void>> read_message(ByteStream& stream, Message& into) {
  for (std::size_t have = 0; have < message_size;) {
    auto n = co_await stream.read_some(MutableBytes(into).subspan(have));
    if (!n) co_return fail(std::move(n).error());
    have += *n;
  }
  co_return Result<void>{};
}

// Sends every message back, to as many clients as come.
class Server {
 public:
  explicit Server(Node& node) : tasks_(node.executor()) {
    listener_ = node.network().listen({"0.0.0.0", 7}).value();
    tasks_.spawn(accept());
  }
  void stop() {
    listener_->close();
    for (ByteStream* stream : streams_)
      stream->close();
  }
  [[nodiscard]] std::size_t running() const { return tasks_.running(); }

 private:
  Task<void> accept() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      tasks_.spawn(serve(std::move(*stream)));
    }
  }
  Task<void> serve(StreamPtr stream) {
    streams_.insert(stream.get());
    Message message{};
    for (;;) {
      auto got = co_await read_message(*stream, message);
      if (!got) break;
      auto sent = co_await stream->write(message);
      if (!sent) break;
    }
    streams_.erase(stream.get());
  }

  TaskGroup tasks_;
  ListenerPtr listener_;
  std::set<ByteStream*> streams_;
};

// Asks one question after the other; an answer must come within two seconds, or the connection is made anew.
// How far it came survives in a file.
class Client final : private Timer {
 public:
  Client(Node& node, std::uint64_t& answers, bool& right)
      : node_(node), stop_(node.executor()), tasks_(node.executor()), answers_(answers), right_(right) {
    if (auto saved = node.files().read("/progress")) next_ = std::stoull(*saved);
    tasks_.spawn(run());
  }
  void stop() {
    stop_.close();
    if (stream_) stream_->close();
  }
  [[nodiscard]] std::size_t running() const { return tasks_.running(); }

 private:
  Task<void> run() {
    while (!stop_.closed()) {
      auto stream = co_await node_.network().connect({"server", 7}, node_.executor().now() + 2s);
      if (stream && !stop_.closed()) {
        stream_ = std::move(*stream);
        co_await talk();
        disarm();
        stream_.reset();
      }
      co_await stop_.wait_until(node_.executor().now() + 300ms);
    }
  }
  Task<void> talk() {
    for (; !stop_.closed(); ++next_) {
      Message question{};
      Writer(question).u64be(next_);
      node_.executor().arm(*this, node_.executor().now() + 2s);
      auto sent = co_await stream_->write(question);
      if (!sent) co_return;
      Message answer{};
      auto got = co_await read_message(*stream_, answer);
      if (!got) co_return;
      right_ = right_ && answer == question;
      ++answers_;
      co_await stop_.wait_until(node_.executor().now() + 5ms);
      if (next_ % 16 == 0) {
        const auto saved = node_.files().replace("/progress", std::to_string(next_));
        static_cast<void>(saved);  // a full disk costs progress, no more
      }
    }
  }
  void on_timer() override { stream_->close(); }

  Node& node_;
  Signal stop_;
  TaskGroup tasks_;
  StreamPtr stream_;
  std::uint64_t next_ = 0;
  std::uint64_t& answers_;
  bool& right_;
};

struct Outcome {
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t answers = 0;
  bool right = true;
  bool alive_at_the_end = false;
  std::vector<std::string> trace;
  std::string plan;
};

constexpr Instant healed(3min);

Outcome run_site(std::uint64_t seed, bool with_trace = false) {
  Outcome outcome;
  World world(seed);
  if (with_trace) world.trace_to([&](std::string_view line) { outcome.trace.emplace_back(line); });
  Node& client_node = world.add_node("client");
  Node& server_node = world.add_node("server");
  auto client = std::make_unique<Client>(client_node, outcome.answers, outcome.right);
  auto server = std::make_unique<Server>(server_node);
  const FaultPlan plan = FaultPlan::draw(world, healed);
  outcome.plan = plan.describe(world);
  plan.start(world, [&](Node& node) {
    if (&node == &client_node) client->stop();
    if (&node == &server_node) server->stop();
    node.bury();
    if (&node == &client_node) client.reset();
    if (&node == &server_node) server.reset();
    node.restart();
    if (&node == &client_node) client = std::make_unique<Client>(node, outcome.answers, outcome.right);
    if (&node == &server_node) server = std::make_unique<Server>(node);
  });
  // First anything may happen; then, when all has healed, it must go on.
  world.run_until(healed);
  const std::uint64_t before = outcome.answers;
  outcome.alive_at_the_end = world.run_until_holds([&] { return outcome.answers > before + 100; }, 2min);
  client->stop();
  server->stop();
  CHECK(world.run_until_holds([&] { return client->running() + server->running() == 0; }, 1min));
  outcome.hash = world.event_hash();
  outcome.events = world.events();
  return outcome;
}

}  // namespace

TEST_CASE("the same seed is the same run, another seed is another") {
  const Outcome a = run_site(11, true);
  const Outcome b = run_site(11, true);
  CHECK(a.hash == b.hash);
  CHECK(a.events == b.events);
  CHECK(a.plan == b.plan);
  CHECK(a.trace == b.trace);
  CHECK(a.trace.size() > 1000);
  CHECK(run_site(11).hash == a.hash);  // to look on changes nothing
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    hashes.insert(run_site(seed).hash);
  CHECK(hashes.size() == 5);
}

TEST_CASE(
    "a conversation survives crashes, power cuts, partitions and all else, leaks nothing and recovers") {
  std::uint64_t answers = 0;
  for (std::uint64_t seed = 100; seed < 115; ++seed) {
    const Outcome outcome = run_site(seed);
    CAPTURE(seed);
    CAPTURE(outcome.plan);
    CHECK(outcome.right);
    CHECK(outcome.alive_at_the_end);
    answers += outcome.answers;
  }
  CHECK(answers > 100'000);
}

TEST_CASE("a plan switches on about half of the kinds, all over by its end") {
  std::array<int, fault_kinds> on{};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    World world(seed);
    world.add_node("a");
    world.add_node("b");
    world.add_serial_bus("bus1");
    const FaultPlan plan = FaultPlan::draw(world, Instant(1h));
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
      if (plan.has(static_cast<FaultKind>(kind))) ++on[kind];
    }
    for (const Fault& fault : plan.faults()) {
      CHECK(fault.from <= fault.until);
      CHECK(fault.until <= Instant(1h));
      CHECK(fault.second < 2);
    }
  }
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    CAPTURE(to_string(static_cast<FaultKind>(kind)));
    CHECK(on[kind] > 70);
    CHECK(on[kind] < 130);
  }
}

TEST_CASE("a trace line says when, who and what") {
  const Outcome outcome = run_site(3, true);
  const auto has = [&](std::string_view part) {
    return std::ranges::any_of(outcome.trace, [&](const std::string& line) { return line.contains(part); });
  };
  CHECK(has(" client connected to server:7"));
  CHECK(has(" server recv 8 bytes from 10.0.0.1:49152"));
  CHECK(has(" server connection from client to port 7"));
  CHECK(outcome.trace.front().starts_with("0.000"));
}

// I20: no handshake is accepted with a certificate that is over, and a renewal leaves nobody without a valid
// one.
//
// A life of its own, beside that of the site: the bytes of a handshake are chance of OpenSSL's, so that the
// same seed would not give the same run. A device and a gateway prove who they are to each other again and
// again; both renew their certificates, now and then too late; clocks drift and links are cut.
#include "io/tls/certificates_test.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "io/tls/stream.hpp"
#include "io/world/world.hpp"

using namespace iw;
using namespace iw::io;

namespace {

constexpr WallTime epoch = world::SimulatedClock::wall_epoch;
constexpr Duration valid_for = 60s;
constexpr std::uint16_t port = 802;

// Clocks may be wrong by what they drift.
constexpr Duration clock_error = 1s;

struct Certified {
  world::Node& node;
  tls::Identity identity;
  WallTime not_after;
};

class CertificateLife {
 public:
  CertificateLife(std::uint64_t seed, bool with_a_clock_that_is_behind)
      : world_(seed), random_(world_.random("certificates")) {
    gateway_.node.set_drift_ppm(random_.unit() * 400 - 200);
    if (with_a_clock_that_is_behind) gateway_.node.clock().step_wall(-1h);
    renew(gateway_);
    renew(device_);
    auto listening = device_.node.network().listen({device_.node.address(), port});
    REQUIRE(listening);
    listener_ = std::move(*listening);
    device_tasks_.spawn(serve());
    gateway_tasks_.spawn(ask());
    for (Instant cut = Instant{} + 100s; cut < Instant{} + 600s; cut += random_.between(50s, 150s)) {
      world_.at(cut, [this] { world_.partition(gateway_.node, device_.node); });
      world_.at(cut + 20s, [this] { world_.heal(gateway_.node, device_.node); });
      healed_.push_back({cut, cut + 30s});
    }
  }
  ~CertificateLife() {
    ending_ = true;
    listener_->close();
    world_.run_until_holds([this] { return gateway_tasks_.running() + device_tasks_.running() == 0; }, 60s);
  }

  void live() { world_.run_for(600s); }

  std::string broken = {};
  std::size_t accepted = 0;
  std::size_t refused = 0;

 private:
  [[nodiscard]] WallTime true_time() const { return epoch + world_.now().time_since_epoch(); }

  // The next one is made some time before the old one is over, and now and then some time after.
  void renew(Certified& who) {
    who.not_after = std::chrono::ceil<std::chrono::seconds>(true_time() + valid_for);
    who.identity = authority_.issue(
        {.name = who.node.name(), .not_before = true_time() - 2h, .not_after = who.not_after});
    const bool late = random_.chance(0.3);
    const Duration in = late ? valid_for + random_.between(1s, 20s) : valid_for - random_.between(5s, 20s);
    world_.at(world_.now() + in, [this, &who] { renew(who); });
  }

  [[nodiscard]] tls::TlsSettings settings(const Certified& who) const {
    return {.certificate_chain = who.identity.certificate,
            .private_key = who.identity.key,
            .trust_anchors = authority_.pem()};
  }

  void judge(std::string_view who, const tls::TlsStream& stream) {
    ++accepted;
    const WallTime end = stream.peer_certificate()->not_after;
    if (true_time() > end + clock_error && broken.empty())
      broken = fmt::format("{} has accepted a certificate {} s after its end", who,
                           std::chrono::duration<double>(true_time() - end).count());
  }

  // Both have had valid certificates for a while, and nothing is cut.
  [[nodiscard]] bool must_work() const {
    for (const auto& [from, until] : healed_)
      if (world_.now() >= from && world_.now() < until) return false;
    return true_time() + 5s < gateway_.not_after && true_time() + 5s < device_.not_after;
  }

  Task<void> serve() {
    for (;;) {
      auto stream = co_await listener_->accept();
      if (!stream) co_return;
      device_tasks_.spawn(answer(std::move(*stream)));
    }
  }
  Task<void> answer(StreamPtr stream) {
    Executor& executor = device_.node.executor();
    const auto context = tls::make_server_context(settings(device_));
    auto secured = co_await tls::tls_accept(std::move(stream), *context, executor, executor.now() + 5s);
    if (!secured) {
      ++refused;
      co_return;
    }
    judge("the device", **secured);
    const std::byte yes{1};
    const auto written = co_await (*secured)->write(Bytes(&yes, 1));
    if (written) co_await sleep_for(executor, 1s);
  }
  Task<void> ask() {
    Executor& executor = gateway_.node.executor();
    while (!ending_) {
      const bool must = must_work();
      const bool heard = co_await ask_once();
      if (must && !heard && must_work() && broken.empty())
        broken = fmt::format("at {} s both had valid certificates, and did not believe each other",
                             std::chrono::duration<double>(world_.now().time_since_epoch()).count());
      co_await sleep_for(executor, random_.between(1s, 4s));
    }
  }
  // In TLS 1.3 it is the first byte that says that the other side has accepted too.
  Task<bool> ask_once() {
    Executor& executor = gateway_.node.executor();
    const Instant deadline = executor.now() + 5s;
    auto stream = co_await gateway_.node.network().connect({device_.node.address(), port}, deadline);
    if (!stream) co_return false;
    const auto context = tls::make_client_context(settings(gateway_));
    auto secured = co_await tls::tls_connect(std::move(*stream), *context, "", executor, deadline);
    if (!secured) {
      ++refused;
      co_return false;
    }
    judge("the gateway", **secured);
    std::array<std::byte, 1> byte{};
    const auto read = co_await (*secured)->read_some(byte);
    co_return read.has_value();
  }

  world::World world_;
  world::SeededRandom random_;
  tls::Authority authority_;
  Certified device_{.node = world_.add_node("device"), .identity = {}, .not_after = {}};
  Certified gateway_{.node = world_.add_node("gateway"), .identity = {}, .not_after = {}};
  ListenerPtr listener_;
  std::vector<std::pair<Instant, Instant>> healed_;
  bool ending_ = false;
  TaskGroup device_tasks_{device_.node.executor()};
  TaskGroup gateway_tasks_{gateway_.node.executor()};
};

}  // namespace

TEST_CASE("I20: no handshake is accepted with a certificate that is over, and valid ones are believed") {
  std::size_t accepted = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    CertificateLife life(seed, false);
    life.live();
    CHECK(life.broken == "");
    accepted += life.accepted;
    refused += life.refused;
  }
  CHECK(accepted > 1000);
  CHECK(refused > 10);
}

TEST_CASE("I20: a gateway whose clock is behind is seen to believe what is over") {
  bool caught = false;
  for (std::uint64_t seed = 1; seed <= 5 && !caught; ++seed) {
    CertificateLife life(seed, true);
    life.live();
    caught = life.broken.starts_with("the gateway has accepted");
  }
  CHECK(caught);
}

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/pipe.hpp"
#include "io/tls/certificates_test.hpp"
#include "io/tls/context.hpp"
#include "io/tls/self_signed.hpp"
#include "io/tls/stream.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::tls;
using iw::io::testing::make_pipe;
using iw::io::testing::ManualClock;
using iw::io::testing::ManualExecutor;

namespace {

// Making keys is slow; all tests share two authorities.
const Authority& authority() {
  static const Authority ours;
  return ours;
}
const Authority& stranger() {
  static const Authority theirs("Somebody Else");
  return theirs;
}

TlsSettings settings(const Identity& identity) {
  return {.certificate_chain = identity.certificate,
          .private_key = identity.key,
          .trust_anchors = authority().pem()};
}
TlsSettings server_settings() {
  static const Identity meter =
      authority().issue({.name = "meter-7", .alternative = "DNS:meter.lan, IP:192.0.2.7"});
  return settings(meter);
}
TlsSettings client_settings() {
  static const Identity gateway =
      authority().issue({.name = "gateway", .role_extensions = {utf8_string("operator")}});
  return settings(gateway);
}

using Outcome = std::optional<Result<TlsStreamPtr>>;

// Two sides of one handshake over a pipe whose reads give few bytes at a time.
struct Handshake {
  ManualExecutor executor;
  TaskGroup tasks{executor};
  Outcome client;
  Outcome server;

  void run(const TlsContext& client_context, const TlsContext& server_context, std::string name = "meter.lan",
           std::size_t dribble = 1000) {
    auto [a, b] = make_pipe(executor);
    a->limit_reads(dribble);
    b->limit_reads(dribble);
    const Instant deadline = executor.now() + 5s;
    tasks.spawn(keep(tls_connect(std::move(a), client_context, std::move(name), executor, deadline), client));
    tasks.spawn(keep(tls_accept(std::move(b), server_context, executor, deadline), server));
    executor.run();
    REQUIRE(client.has_value());
    REQUIRE(server.has_value());
  }
  void run(const TlsSettings& client_side, const TlsSettings& server_side, std::string name = "meter.lan",
           std::size_t dribble = 1000) {
    run(make_client_context(client_side).value(), make_server_context(server_side).value(), std::move(name),
        dribble);
  }

  static Task<void> keep(Task<Result<TlsStreamPtr>> task, Outcome& outcome) {
    auto result = co_await task;
    outcome = std::move(result);
  }

  // What the client finds when it first reads: in TLS 1.3 that is where a refusal by the server shows.
  Error first_read() {
    if (!client->has_value()) return client->error();
    std::optional<Error> error;
    std::array<std::byte, 16> buffer{};
    auto read = [&]() -> Task<void> {
      auto n = co_await (*client)->get()->read_some(buffer);
      REQUIRE_FALSE(n.has_value());
      error = n.error();
    };
    tasks.spawn(read());
    executor.run();
    REQUIRE(error.has_value());
    return *error;
  }
};

Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

Task<void> send(ByteStream& stream, std::string text) {
  auto written = co_await stream.write(as_bytes(text));
  CHECK(written.has_value());
}

Task<void> expect(ByteStream& stream, std::string text, bool& done) {
  std::string got;
  std::array<std::byte, 5000> buffer{};
  while (got.size() < text.size()) {
    auto n = co_await stream.read_some(buffer);
    REQUIRE(n.has_value());
    got.append(reinterpret_cast<const char*>(buffer.data()), *n);
  }
  CHECK((got == text));
  done = true;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  unsigned x = 7;
  for (char& c : text)
    c = static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  return text;
}

// A stream on which nothing is ever done at once.
class LateStream final : public ByteStream {
 public:
  LateStream(StreamPtr inner, Executor& executor, TaskGroup& tasks)
      : inner_(std::move(inner)), executor_(executor), tasks_(tasks) {}

  void close() override { inner_->close(); }
  [[nodiscard]] std::string peer() const override { return inner_->peer(); }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                Operation<Result<std::size_t>>& op) override {
    tasks_.spawn(read_later(inner_, executor_, into, op));
    return std::nullopt;
  }
  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) override {
    tasks_.spawn(write_later(inner_, executor_, bytes, op));
    return std::nullopt;
  }

 private:
  static Task<void> read_later(std::shared_ptr<ByteStream> inner, Executor& executor, MutableBytes into,
                               Operation<Result<std::size_t>>& op) {
    co_await sleep_for(executor, 1ms);
    auto n = co_await inner->read_some(into);
    op.complete(std::move(n));
  }
  static Task<void> write_later(std::shared_ptr<ByteStream> inner, Executor& executor, Bytes bytes,
                                Operation<Result<void>>& op) {
    co_await sleep_for(executor, 1ms);
    auto written = co_await inner->write(bytes);
    op.complete(std::move(written));
  }

  std::shared_ptr<ByteStream> inner_;
  Executor& executor_;
  TaskGroup& tasks_;
};

}  // namespace

TEST_CASE("both sides prove who they are, and bytes go both ways, however few come at a time") {
  for (const TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    for (const std::size_t dribble : {1U, 7U, 100'000U}) {
      CAPTURE(dribble);
      TlsSettings client = client_settings();
      client.oldest = client.newest = version;
      Handshake handshake;
      handshake.run(client, server_settings(), "meter.lan", dribble);
      REQUIRE(handshake.client->has_value());
      REQUIRE(handshake.server->has_value());
      TlsStream& gateway = ***handshake.client;
      TlsStream& meter = ***handshake.server;
      CHECK(gateway.protection().starts_with(version == TlsVersion::v1_2 ? "TLSv1.2 ECDHE-ECDSA-"
                                                                         : "TLSv1.3 "));
      CHECK(gateway.peer_certificate()->subject == "CN=meter-7");
      CHECK(gateway.peer_certificate()->modbus_role == std::nullopt);
      CHECK(gateway.peer_certificate()->fingerprint_sha256.size() == 64);
      CHECK(gateway.peer_certificate()->not_after == ManualClock::wall_epoch + std::chrono::days(365));
      CHECK(meter.peer_certificate()->subject == "CN=gateway");
      CHECK(meter.peer_certificate()->modbus_role == "operator");

      bool there = false;
      bool back = false;
      handshake.tasks.spawn(expect(meter, pattern(20'000), there));
      handshake.tasks.spawn(expect(gateway, "answer", back));
      handshake.tasks.spawn(send(gateway, pattern(20'000)));
      handshake.tasks.spawn(send(meter, "answer"));
      handshake.executor.run();
      CHECK(there);
      CHECK(back);
    }
  }
}

TEST_CASE("much data goes both ways at once over a stream that is never ready at once") {
  ManualExecutor executor;
  TaskGroup tasks(executor);
  auto [a, b] = make_pipe(executor);
  Outcome client;
  Outcome server;
  const auto client_context = make_client_context(client_settings()).value();
  const auto server_context = make_server_context(server_settings()).value();
  tasks.spawn(Handshake::keep(tls_connect(std::make_unique<LateStream>(std::move(a), executor, tasks),
                                          client_context, "192.0.2.7", executor, never),
                              client));
  tasks.spawn(Handshake::keep(tls_accept(std::make_unique<LateStream>(std::move(b), executor, tasks),
                                         server_context, executor, never),
                              server));
  executor.advance(1s);
  REQUIRE(client.has_value());
  REQUIRE(client->has_value());
  REQUIRE(server->has_value());
  bool there = false;
  bool back = false;
  tasks.spawn(expect(***server, pattern(300'000), there));
  tasks.spawn(expect(***client, pattern(200'001), back));
  tasks.spawn(send(***client, pattern(300'000)));
  tasks.spawn(send(***server, pattern(200'001)));
  executor.advance(10s);
  CHECK(there);
  CHECK(back);
  client.reset();
  server.reset();
  executor.advance(1s);
  CHECK(tasks.running() == 0);
}

TEST_CASE("a certificate that is not good now is refused by either side, and both know why") {
  const auto epoch = ManualClock::wall_epoch;
  const CertificateWish expired{.name = "meter-7", .alternative = "DNS:meter.lan", .not_after = epoch - 1h};
  const CertificateWish future{.name = "meter-7", .alternative = "DNS:meter.lan", .not_before = epoch + 1h};
  {
    Handshake handshake;
    handshake.run(client_settings(), settings(authority().issue(expired)));
    CHECK(handshake.client->error().kind == ErrorKind::denied);
    CHECK(handshake.client->error().message.contains("has expired"));
    CHECK(handshake.server->error().kind == ErrorKind::denied);
    CHECK(handshake.server->error().message.contains("our certificate is not valid at this time"));
  }
  {
    Handshake handshake;
    handshake.run(client_settings(), settings(authority().issue(future)));
    CHECK(handshake.client->error().message.contains("is not valid yet"));
    CHECK(handshake.client->error().remedy.contains("clock"));
  }
  for (const TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    TlsSettings client = settings(authority().issue(expired));
    client.newest = version;
    Handshake handshake;
    handshake.run(client, server_settings());
    CHECK(handshake.server->error().message.contains("has expired"));
    CHECK(handshake.first_read().message.contains("our certificate is not valid at this time"));
  }
}

TEST_CASE("a certificate of an unknown authority is refused, even one with the name of ours") {
  const Authority impostor;  // same name as ours, another key
  for (const Authority* issuer : {&stranger(), &impostor}) {
    Handshake handshake;
    handshake.run(client_settings(),
                  settings(issuer->issue({.name = "meter-7", .alternative = "DNS:meter.lan"})));
    CHECK(handshake.client->error().kind == ErrorKind::denied);
    CHECK(handshake.client->error().message.contains("authority that we do not trust"));
    CHECK(handshake.client->error().remedy.contains("issuer"));
  }
  const TlsSettings client = settings(stranger().issue({.name = "gateway"}));
  Handshake handshake;
  handshake.run(client, server_settings());
  CHECK(handshake.server->error().message.contains("authority that we do not trust"));
  CHECK(handshake.first_read().message.contains("does not trust the authority that issued our certificate"));
}

TEST_CASE("the certificate must be for the name or address that we asked for") {
  const auto connects = [](const char* name) {
    Handshake handshake;
    handshake.run(client_settings(), server_settings(), name);
    if (!handshake.client->has_value())
      CHECK(handshake.client->error().message.contains("is for another name"));
    return handshake.client->has_value();
  };
  CHECK(connects("meter.lan"));
  CHECK(connects("192.0.2.7"));
  CHECK(connects(""));  // no name asked: a closed network of devices
  CHECK_FALSE(connects("other.lan"));
  CHECK_FALSE(connects("192.0.2.8"));
  CHECK_FALSE(connects("meter-7"));  // the subject is no name to connect to once there are alternatives
}

TEST_CASE("a client without certificate is told that it needs one") {
  for (const TlsVersion version : {TlsVersion::v1_2, TlsVersion::v1_3}) {
    TlsSettings client{.trust_anchors = authority().pem()};
    client.newest = version;
    Handshake handshake;
    handshake.run(client, server_settings());
    CHECK(handshake.server->error().kind == ErrorKind::denied);
    CHECK(handshake.server->error().message.contains("showed no certificate"));
    const Error error = handshake.first_read();
    CHECK(error.message.contains("certificate"));
    CHECK(error.remedy.contains("client certificate"));
  }
  TlsSettings anybody = server_settings();
  anybody.verify_peer = false;
  Handshake handshake;
  handshake.run(TlsSettings{.trust_anchors = authority().pem()}, anybody);
  REQUIRE(handshake.server->has_value());
  CHECK((**handshake.server)->peer_certificate() == std::nullopt);
}

TEST_CASE("no common version and no common cipher are told apart") {
  TlsSettings old = client_settings();
  old.newest = TlsVersion::v1_2;
  {
    TlsSettings modern = server_settings();
    modern.oldest = TlsVersion::v1_3;
    Handshake handshake;
    handshake.run(old, modern);
    CHECK(handshake.server->error().kind == ErrorKind::unsupported);
    CHECK(handshake.server->error().message.contains("no TLS version that we allow"));
    CHECK(handshake.client->error().message.contains("refuses our TLS version"));
  }
  {
    const auto client = make_client_context(old).value();
    SSL_CTX_set_cipher_list(client.get(), "ECDHE-RSA-AES128-GCM-SHA256");  // the server's key is EC
    Handshake handshake;
    handshake.run(client, make_server_context(server_settings()).value());
    CHECK(handshake.server->error().kind == ErrorKind::unsupported);
    CHECK(handshake.server->error().message.contains("no cipher in common"));
    CHECK(handshake.client->error().message.contains("no cipher in common"));
  }
}

TEST_CASE("TLS_RSA_WITH_AES_128_CBC_SHA256 is taken only where it was allowed, NULL ciphers never") {
  const Identity rsa = authority().issue({.name = "old meter", .alternative = "DNS:meter.lan", .rsa = true});
  TlsSettings server = settings(rsa);
  server.newest = TlsVersion::v1_2;
  server.ciphers = CipherProfile::modbus_security;
  const auto client_with = [](const char* ciphers) {
    auto client = make_client_context(client_settings()).value();
    SSL_CTX_set_cipher_list(client.get(), ciphers);
    return client;
  };
  Handshake refused;
  refused.run(client_with("AES128-SHA256"), make_server_context(server).value());
  CHECK_FALSE(refused.server->has_value());
  server.allow_rsa_cbc = true;
  Handshake allowed;
  allowed.run(client_with("AES128-SHA256"), make_server_context(server).value());
  REQUIRE(allowed.client->has_value());
  CHECK((**allowed.client)->protection() == "TLSv1.2 AES128-SHA256");
  Handshake null;
  null.run(client_with("NULL-SHA256:@SECLEVEL=0"), make_server_context(server).value());
  CHECK_FALSE(null.server->has_value());
}

TEST_CASE("a Modbus role is one UTF8String; two, or another type, are refused") {
  const auto server_says = [](std::vector<std::string> extensions) {
    Handshake handshake;
    handshake.run(settings(authority().issue({.name = "gateway", .role_extensions = std::move(extensions)})),
                  server_settings());
    return std::move(*handshake.server);
  };
  CHECK((*server_says({utf8_string("")}))->peer_certificate()->modbus_role == "");
  CHECK((*server_says({}))->peer_certificate()->modbus_role == std::nullopt);
  const auto two = server_says({utf8_string("reader"), utf8_string("admin")});
  CHECK(two.error().kind == ErrorKind::denied);
  CHECK(two.error().message.contains("more than one Modbus role"));
  for (const std::string& der : {std::string("\x13\x05"
                                             "admin"),
                                 utf8_string("admin") + "x", std::string("\x0c\x09short"), std::string()}) {
    CHECK(server_says({der}).error().message.contains("no UTF8String"));
  }
}

TEST_CASE("a peer that speaks something else, or nothing, is named as such") {
  ManualExecutor executor;
  TaskGroup tasks(executor);
  const auto context = make_client_context(client_settings()).value();
  {
    auto [ours, theirs] = make_pipe(executor);
    Outcome outcome;
    tasks.spawn(send(*theirs, "HTTP/1.0 400 Bad Request\r\n\r\n"));
    tasks.spawn(Handshake::keep(tls_connect(std::move(ours), context, "", executor, never), outcome));
    executor.run();
    CHECK(outcome->error().kind == ErrorKind::malformed);
    CHECK(outcome->error().message.contains("does not speak TLS"));
  }
  {
    auto [ours, theirs] = make_pipe(executor);
    Outcome outcome;
    tasks.spawn(
        Handshake::keep(tls_connect(std::move(ours), context, "", executor, executor.now() + 3s), outcome));
    executor.advance(2999ms);
    CHECK_FALSE(outcome.has_value());
    executor.advance(1ms);
    REQUIRE(outcome.has_value());
    CHECK(outcome->error().kind == ErrorKind::timeout);
  }
  {
    auto [ours, theirs] = make_pipe(executor);
    Outcome outcome;
    tasks.spawn(Handshake::keep(tls_connect(std::move(ours), context, "", executor, never), outcome));
    theirs->close();
    executor.run();
    CHECK(outcome->error().kind == ErrorKind::reset);
    CHECK(outcome->error().message.contains("in the middle of TLS"));
  }
  CHECK(tasks.running() == 0);
}

TEST_CASE("closing says farewell; our own read ends as cancelled, after the call") {
  Handshake handshake;
  handshake.run(client_settings(), server_settings());
  TlsStreamPtr client = std::move(**handshake.client);
  std::optional<ErrorKind> client_end;
  std::optional<ErrorKind> server_end;
  auto reader = [&](ByteStream& stream, std::optional<ErrorKind>& end) -> Task<void> {
    std::array<std::byte, 16> buffer{};
    auto n = co_await stream.read_some(buffer);
    end = n.error().kind;
  };
  handshake.tasks.spawn(reader(*client, client_end));
  handshake.tasks.spawn(reader(***handshake.server, server_end));
  handshake.executor.run();
  client.reset();
  CHECK_FALSE(client_end.has_value());
  handshake.executor.run();
  CHECK(client_end == ErrorKind::cancelled);
  CHECK(server_end == ErrorKind::closed);
  CHECK(handshake.tasks.running() == 0);
}

TEST_CASE("a peer may change the keys in the middle, and both directions go on") {
  ManualExecutor executor;
  TaskGroup tasks(executor);
  auto [ours, theirs] = make_pipe(executor);
  Outcome client;
  const auto client_context = make_client_context(client_settings()).value();
  tasks.spawn(Handshake::keep(tls_connect(std::move(ours), client_context, "", executor, never), client));

  // The peer is plain OpenSSL, moved by hand.
  const auto server_context = make_server_context(server_settings()).value();
  const SslPtr peer(SSL_new(server_context.get()));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(peer.get(), in, out);
  SSL_set_accept_state(peer.get());
  const auto now = std::chrono::floor<std::chrono::seconds>(ManualClock::wall_epoch);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(peer.get()), now.time_since_epoch().count());
  const auto carry = [&] {
    std::string sealed(BIO_ctrl_pending(out), '\0');
    BIO_read(out, sealed.data(), static_cast<int>(sealed.size()));
    if (!sealed.empty()) tasks.spawn(send(*theirs, sealed));
    executor.run();
    const auto answer = theirs->take_received();
    if (!answer.empty()) BIO_write(in, answer.data(), static_cast<int>(answer.size()));
  };
  for (int i = 0; i < 4; ++i) {
    carry();
    SSL_do_handshake(peer.get());
  }
  REQUIRE(client.has_value());
  REQUIRE(client->has_value());

  bool heard = false;
  tasks.spawn(expect(***client, "new keys", heard));
  REQUIRE(SSL_key_update(peer.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
  REQUIRE(SSL_write(peer.get(), "new keys", 8) == 8);
  carry();
  CHECK(heard);
  std::array<char, 16> text{};
  tasks.spawn(send(***client, "agreed"));
  carry();
  REQUIRE(SSL_read(peer.get(), text.data(), text.size()) == 6);
  CHECK(std::string(text.data()) == "agreed");
}

TEST_CASE("a changed byte on the way ends the connection") {
  ManualExecutor executor;
  TaskGroup tasks(executor);
  // Two pipes with a man in the middle.
  auto [client_side, middle_a] = make_pipe(executor);
  auto [middle_b, server_side] = make_pipe(executor);
  bool tamper = false;
  auto forward = [&](ByteStream& from, ByteStream& to) -> Task<void> {
    std::array<std::byte, 4096> buffer{};
    for (;;) {
      auto n = co_await from.read_some(buffer);
      if (!n) co_return;
      if (tamper) buffer[*n - 1] ^= std::byte{1};
      auto written = co_await to.write(Bytes(buffer).first(*n));
      if (!written) co_return;
    }
  };
  tasks.spawn(forward(*middle_a, *middle_b));
  tasks.spawn(forward(*middle_b, *middle_a));
  Outcome client;
  Outcome server;
  const auto client_context = make_client_context(client_settings()).value();
  const auto server_context = make_server_context(server_settings()).value();
  tasks.spawn(
      Handshake::keep(tls_connect(std::move(client_side), client_context, "", executor, never), client));
  tasks.spawn(Handshake::keep(tls_accept(std::move(server_side), server_context, executor, never), server));
  executor.run();
  REQUIRE(client->has_value());
  REQUIRE(server->has_value());
  tamper = true;
  std::optional<Error> error;
  auto reader = [&]() -> Task<void> {
    std::array<std::byte, 16> buffer{};
    auto n = co_await (**server)->read_some(buffer);
    error = n.error();
    auto again = co_await (**server)->read_some(buffer);
    CHECK(again.error() == *error);
  };
  tasks.spawn(reader());
  tasks.spawn(send(***client, "open the breaker"));
  executor.run();
  REQUIRE(error.has_value());
  CHECK(error->kind == ErrorKind::io);
  client.reset();
  server.reset();
  executor.run();
  CHECK(tasks.running() == 0);
}

TEST_CASE("settings that can not work are refused before anybody connects, in words") {
  const auto refusal = [](const TlsSettings& wrong) { return make_server_context(wrong).error(); };
  TlsSettings wrong = server_settings();
  wrong.private_key = client_settings().private_key;
  CHECK(refusal(wrong).message.contains("does not belong to the certificate"));
  wrong.private_key = "no key";
  CHECK(refusal(wrong).message.contains("private key can not be read"));
  wrong = server_settings();
  wrong.certificate_chain = wrong.private_key;
  CHECK(refusal(wrong).message.contains("certificate can not be used"));
  wrong.certificate_chain.clear();
  CHECK(refusal(wrong).message.contains("needs a certificate"));
  wrong = server_settings();
  wrong.trust_anchors = "";
  CHECK(refusal(wrong).message.contains("trusted certificates can not be read"));
  wrong = server_settings();
  wrong.certificate_chain += "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n";
  CHECK(refusal(wrong).message.contains("chain is broken"));
  wrong = server_settings();
  wrong.oldest = TlsVersion::v1_3;
  wrong.newest = TlsVersion::v1_2;
  CHECK(refusal(wrong).kind == ErrorKind::invalid_argument);
}

TEST_CASE("a certificate that signs itself is believed by who trusts it, under each of its hosts") {
  const WallTime now = ManualClock::wall_epoch;
  const auto made = make_self_signed({.hosts = {"gateway.lan", "192.0.2.7", "fd00::7"},
                                      .not_before = now - std::chrono::days(1),
                                      .not_after = now + std::chrono::days(10)});
  REQUIRE(made);
  CHECK(made->sha256.size() == 95);
  const TlsSettings server{
      .certificate_chain = made->certificate, .private_key = made->key, .verify_peer = false};
  const TlsSettings believing{.trust_anchors = made->certificate};
  for (const char* host : {"gateway.lan", "192.0.2.7", "fd00::7"}) {
    CAPTURE(host);
    Handshake handshake;
    handshake.run(believing, server, host);
    CHECK(*handshake.client);
    CHECK(*handshake.server);
  }
  Handshake other;
  other.run(believing, server, "elsewhere.lan");
  CHECK_FALSE(*other.client);
  Handshake stranger;
  stranger.run(client_settings(), server, "gateway.lan");
  CHECK_FALSE(*stranger.client);
}

TEST_CASE("a certificate that signs itself tells a device that trusts it who we are") {
  const WallTime now = ManualClock::wall_epoch;
  const auto made = make_self_signed({.hosts = {"gateway.lan"},
                                      .not_before = now - std::chrono::days(1),
                                      .not_after = now + std::chrono::days(10)});
  REQUIRE(made);
  TlsSettings client = client_settings();
  client.certificate_chain = made->certificate;
  client.private_key = made->key;
  TlsSettings device = server_settings();
  device.trust_anchors = made->certificate;
  Handshake handshake;
  handshake.run(client, device);
  CHECK(*handshake.client);
  CHECK(*handshake.server);
}

TEST_CASE("a certificate needs hosts that are names or addresses") {
  const WallTime now = ManualClock::wall_epoch;
  for (const char* host : {"", "two words", "a,DNS:evil.example", "-dash", ".dot", "under_score"}) {
    CAPTURE(host);
    const auto made = make_self_signed({.hosts = {host}, .not_before = now, .not_after = now + 24h});
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::invalid_argument);
  }
  CHECK_FALSE(make_self_signed({.hosts = {}, .not_before = now, .not_after = now + 24h}));
}

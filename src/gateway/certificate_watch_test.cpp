#include "gateway/certificate_watch.hpp"

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"
#include "io/tls/self_signed.hpp"

namespace iw::gateway {
namespace {

using std::chrono::days;

struct World {
  // A certificate that holds for so long from now on, with its key, in both files.
  void put(Duration life, Duration begun = {}) {
    const WallTime now = executor.clock().wall_now();
    const auto made = io::tls::make_self_signed(
        {.hosts = {"gateway.lan"}, .not_before = now - begun, .not_after = now - begun + life});
    REQUIRE(made);
    files.put("server.pem", made->certificate);
    files.put("server.key", made->key, 0600);
  }
  void begin() {
    watch.watch({ours});
    executor.run();
  }
  // What is said within the minute.
  std::string kind() {
    executor.advance(1min);
    return trouble ? std::string(events::to_string(trouble->kind)) : "";
  }

  const CertificateFile ours{.file = "server.pem",
                             .key = "server.key",
                             .used_by = {{.user = CertificateFile::User::api, .name = {}}}};
  io::testing::ManualExecutor executor;
  io::testing::MemoryFiles files;
  std::optional<CertificateTrouble> trouble;
  int changed = 0;
  CertificateWatch watch{{.core = executor,
                          .blocking = executor,
                          .files = files,
                          .tell =
                              [this](std::span<const CertificateReport> reports) {
                                REQUIRE(reports.size() == 1);
                                trouble = trouble_of(reports[0], executor.clock().wall_now());
                              },
                          .changed = [this](const CertificateFile&) { ++changed; }}};
};

}  // namespace

TEST_CASE("a certificate ends soon within 30 days") {
  World world;
  world.put(days(825));
  world.begin();
  CHECK(world.kind() == "");
  world.put(days(825), days(794));
  CHECK(world.kind() == "");
  world.put(days(825), days(796));
  CHECK(world.kind() == "certificate_ends");
  CHECK(world.trouble->cause.message.contains("CN=gateway.lan ends on"));
  world.put(days(825), days(826));
  CHECK(world.kind() == "certificate_bad");
  CHECK(world.trouble->cause.message.contains("has ended"));
}

TEST_CASE("one that lives 90 days and is renewed when 30 are left makes no alarm") {
  World world;
  world.put(days(90), days(61));
  world.begin();
  CHECK(world.kind() == "");
  world.put(days(90), days(68));
  CHECK(world.kind() == "certificate_ends");
}

TEST_CASE("one that is not valid yet, can not be read, or has another's key can not be used") {
  World world;
  world.put(days(90), -days(1));
  world.begin();
  CHECK(world.kind() == "certificate_bad");
  CHECK(world.trouble->cause.message.contains("not valid before"));
  world.put(days(90));
  CHECK(world.kind() == "");
  const auto key = world.files.read("server.key");
  world.put(days(90));
  world.files.put("server.key", *key, 0600);
  CHECK(world.kind() == "certificate_bad");
  world.files.put("server.pem", "nonsense");
  CHECK(world.kind() == "certificate_bad");
  REQUIRE(world.files.remove("server.pem"));
  CHECK(world.kind() == "certificate_bad");
}

TEST_CASE("another certificate in the file is told once, when it can be used") {
  World world;
  world.put(days(90));
  world.begin();
  world.executor.advance(5min);
  CHECK(world.changed == 0);
  const auto key = world.files.read("server.key");
  world.put(days(90));
  const auto next = world.files.read("server.key");
  world.files.put("server.key", *key, 0600);
  world.executor.advance(5min);
  CHECK(world.changed == 0);
  world.files.put("server.key", *next, 0600);
  world.executor.advance(5min);
  CHECK(world.changed == 1);
}

TEST_CASE("of whom we trust the last to end counts") {
  World world;
  const CertificateFile trusted{.file = "ca.pem", .key = {}, .used_by = {}};
  world.put(days(100), days(99));
  std::string both = *world.files.read("server.pem");
  world.put(days(825));
  both += *world.files.read("server.pem");
  world.files.put("ca.pem", both);
  CHECK(!trouble_of(look_at(trusted, world.files), world.executor.clock().wall_now()));
  CHECK(trouble_of(look_at(trusted, world.files), world.executor.clock().wall_now() + days(900)));
}

TEST_CASE("a new certificate is checked before anything is written") {
  World world;
  const WallTime now = world.executor.clock().wall_now();
  world.put(days(90));
  const auto old = world.files.read("server.pem");
  const auto made = io::tls::make_self_signed(
      {.hosts = {"gateway.lan"}, .not_before = now - days(1), .not_after = now + days(90)});
  CHECK(
      !check_new(world.ours, made->certificate, "", now, world.files));  // the key that is there is another's
  CHECK(!check_new(world.ours, made->certificate, made->key, now + days(91), world.files));
  const CertificateFile trusted{.file = "ca.pem", .key = {}, .used_by = {}};
  CHECK(!check_new(trusted, made->certificate, made->key, now, world.files));
  CHECK(world.files.read("server.pem") == old);
  const auto right = check_new(world.ours, made->certificate, made->key, now, world.files);
  REQUIRE(right);
  REQUIRE(put_in_place(*right, world.files));
  CHECK(world.files.read("server.pem") == made->certificate);
  CHECK(world.files.mode_of("server.key") == 0600);
}

}  // namespace iw::gateway

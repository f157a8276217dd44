#include "io/tls/credentials.hpp"

#include <doctest/doctest.h>

#include "io/testing/memory_files.hpp"
#include "io/tls/certificate.hpp"
#include "io/tls/certificates_test.hpp"

using namespace iw;
using namespace iw::io::tls;
using iw::io::testing::MemoryFiles;

namespace {

const Authority& authority() {
  static const Authority ours;
  return ours;
}

Credentials issued(const std::string& name) {
  const Identity identity = authority().issue({.name = name, .alternative = "DNS:gateway.lan, IP:192.0.2.7"});
  return {.certificate_chain = identity.certificate + authority().pem(), .private_key = identity.key};
}

const CredentialFiles at{.certificate = "server.pem", .key = "server.key"};

struct Disk {
  Disk() { REQUIRE(replace_credentials(files, at, old)); }

  MemoryFiles files;
  const Credentials old = issued("old");
  const Credentials fresh = issued("new");
};

}  // namespace

TEST_CASE("certificates say who they are of, for which names, and how long they hold") {
  const auto chain = read_certificates(issued("gateway").certificate_chain);
  REQUIRE(chain);
  REQUIRE(chain->size() == 2);
  const Certificate& own = chain->front();
  CHECK(own.subject == "CN=gateway");
  CHECK(own.issuer == "CN=Test CA");
  CHECK(own.names == std::vector<std::string>{"gateway.lan", "192.0.2.7"});
  CHECK(own.key == "EC P-256");
  CHECK(own.sha256.size() == 32 * 3 - 1);
  CHECK(own.not_after - own.not_before == std::chrono::days(366));
  CHECK(!own.is_authority);
  CHECK(!own.signs_itself);
  CHECK(chain->back().is_authority);
  CHECK(chain->back().signs_itself);
  CHECK(own.serial != chain->back().serial);
}

TEST_CASE("an IPv6 name and an RSA key are told") {
  const auto one = read_certificates(
      authority().issue({.name = "meter", .alternative = "IP:fd00::7", .rsa = true}).certificate);
  REQUIRE(one);
  CHECK(one->front().names == std::vector<std::string>{"fd00:0:0:0:0:0:0:7"});
  CHECK(one->front().key == "RSA 2048");
}

TEST_CASE("a text without certificates, and one that is cut, are refused") {
  const std::string whole = issued("gateway").certificate_chain;
  CHECK(!read_certificates(""));
  CHECK(!read_certificates("-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n"));
  CHECK(!read_certificates(whole.substr(0, whole.size() - 40)));
}

TEST_CASE("a key of another certificate, and a chain in the wrong order, are refused") {
  const Credentials one = issued("one");
  const Credentials other = issued("other");
  CHECK(check(one));
  const auto foreign = check({.certificate_chain = one.certificate_chain, .private_key = other.private_key});
  REQUIRE(!foreign);
  CHECK(foreign.error().message.contains("does not belong"));
  const Identity own = authority().issue({.name = "one"});
  const Identity stranger = authority().issue({.name = "stranger"});
  const auto disorder =
      check({.certificate_chain = own.certificate + stranger.certificate, .private_key = own.key});
  REQUIRE(!disorder);
  CHECK(disorder.error().message.contains("not in its order"));
}

TEST_CASE("what was replaced is read, and the key is for nobody else") {
  Disk disk;
  CHECK(read_credentials(disk.files, at) == disk.old);
  REQUIRE(replace_credentials(disk.files, at, disk.fresh));
  CHECK(read_credentials(disk.files, at) == disk.fresh);
  CHECK(disk.files.mode_of("server.key") == 0600);
  CHECK(!disk.files.has("server.pem.new"));
}

TEST_CASE("what can not be used replaces nothing") {
  Disk disk;
  CHECK(!replace_credentials(
      disk.files, at,
      {.certificate_chain = disk.fresh.certificate_chain, .private_key = disk.old.private_key}));
  CHECK(read_credentials(disk.files, at) == disk.old);
}

TEST_CASE("a replacement that is cut anywhere leaves the old ones or the new ones") {
  SUBCASE("before the key: the old ones") {
    Disk disk;
    disk.files.put("server.pem.new", disk.fresh.certificate_chain);
    CHECK(read_credentials(disk.files, at) == disk.old);
  }
  SUBCASE("after the key: the new ones, and it is finished") {
    Disk disk;
    disk.files.put("server.pem.new", disk.fresh.certificate_chain);
    disk.files.put("server.key", disk.fresh.private_key, 0600);
    CHECK(read_credentials(disk.files, at) == disk.fresh);
    CHECK(!disk.files.has("server.pem.new"));
    CHECK(disk.files.read("server.pem") == disk.fresh.certificate_chain);
  }
  SUBCASE("a key that belongs to neither is refused, and nothing is changed") {
    Disk disk;
    disk.files.put("server.pem.new", disk.fresh.certificate_chain);
    disk.files.put("server.key", issued("third").private_key, 0600);
    CHECK(!read_credentials(disk.files, at));
    CHECK(disk.files.read("server.pem") == disk.old.certificate_chain);
  }
}

TEST_CASE("one file may have both") {
  MemoryFiles files;
  const CredentialFiles both{.certificate = "all.pem", .key = "all.pem"};
  REQUIRE(replace_credentials(files, both, issued("one")));
  CHECK(files.mode_of("all.pem") == 0600);
  CHECK(read_credentials(files, both));
}

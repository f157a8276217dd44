#include "gateway/certificate_files.hpp"

#include <doctest/doctest.h>

#include "io/testing/memory_files.hpp"
#include "io/tls/self_signed.hpp"

namespace iw::gateway {

using User = CertificateFile::User;

TEST_CASE("the files of certificates in use are listed once each, with who uses them") {
  io::testing::MemoryFiles files;
  const auto authority = io::tls::make_self_signed(
      {.hosts = {"db.lan"}, .not_before = {}, .not_after = WallTime{} + std::chrono::days(30)});
  REQUIRE(authority);
  files.put("/etc/iw/db-ca.pem", authority->certificate);
  config::Findings findings;
  const auto config = load_config("/etc/iw/site.yaml", R"(
api:
  listen: 0.0.0.0:8443
  tls: {certificate: server.pem, key: /keys/server.key}
lines:
  - {connect: "modbus+tls://192.0.2.1:802", tls: {ca: /pki/ca.pem, certificate: /pki/us.pem, key: /pki/us.key}}
  - {connect: "modbus+tls://192.0.2.2:802", tls: {ca: /pki/ca.pem, certificate: /pki/us.pem, key: /pki/us.key}}
  - {connect: "modbus+tls://192.0.2.3:802", tls: {ca: /pki/other.pem, certificate: /pki/us.pem, key: /pki/us.key}}
devices:
  - {name: a, connect: "modbus+tls://192.0.2.1:802?unit=1", profile: eastron/sdm630}
  - {name: b, connect: "modbus+tls://192.0.2.2:802?unit=1", profile: eastron/sdm630}
  - {name: c, connect: "modbus+tls://192.0.2.3:802?unit=1", profile: eastron/sdm630, enabled: false}
outputs:
  - prometheus: {url: "https://db.lan:8428/api/v1/write"}
    ca: db-ca.pem
)",
                                  files, findings);
  REQUIRE_MESSAGE(config, config::to_string(findings));
  const auto all = certificate_files(*config);
  REQUIRE(all.size() == 4);
  CHECK(all[0].file == "/etc/iw/server.pem");
  CHECK(all[0].key == "/keys/server.key");
  CHECK(all[0].used_by == std::vector<CertificateFile::Use>{{.user = User::api, .name = {}}});
  CHECK(all[1].file == "/pki/us.pem");
  CHECK(all[1].is_ours());
  CHECK(all[1].used_by ==
        std::vector<CertificateFile::Use>{{.user = User::line, .name = "modbus+tls://192.0.2.1:802"},
                                          {.user = User::line, .name = "modbus+tls://192.0.2.2:802"}});
  CHECK(all[2].file == "/pki/ca.pem");
  CHECK(!all[2].is_ours());
  CHECK(all[2].used_by.size() == 2);
  CHECK(all[3].file == "/etc/iw/db-ca.pem");
  CHECK(all[3].used_by == std::vector<CertificateFile::Use>{{.user = User::output, .name = "prometheus"}});
}

}  // namespace iw::gateway

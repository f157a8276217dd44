// Certificates of the interop tests, as options of our programs: --cert, --key, --ca, each a PEM file. Both
// sides of a connection must carry the role of Modbus/TCP Security that run.py gave them.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "io/posix/files.hpp"
#include "io/tls/context.hpp"
#include "io/tls/stream.hpp"

namespace iw::interop {

constexpr std::string_view role = "operator";

struct Certificates {
  std::string certificate;
  std::string key;
  std::string authority;

  void add_to(CLI::App& app) {
    app.add_option("--cert", certificate, "our certificate, PEM");
    app.add_option("--key", key, "its key, PEM");
    app.add_option("--ca", authority, "the authority that we believe, PEM");
  }

  [[nodiscard]] Result<io::tls::TlsSettings> read() const {
    io::posix::PosixFiles files;
    const auto chain = files.read(certificate);
    const auto secret = files.read_secret(key);
    const auto anchors = files.read(authority);
    for (const auto* file : {&chain, &secret, &anchors})
      if (!*file) return fail(file->error());
    return io::tls::TlsSettings{.certificate_chain = *chain,
                                .private_key = *secret,
                                .trust_anchors = *anchors,
                                .ciphers = io::tls::CipherProfile::modbus_security};
  }
};

inline Result<void> check_role(const io::tls::TlsStream& stream) {
  const auto& peer = stream.peer_certificate();
  if (peer && peer->modbus_role == role) return {};
  return fail(ErrorKind::denied, fmt::format("the certificate of {} lacks the role {}", stream.peer(), role));
}

}  // namespace iw::interop

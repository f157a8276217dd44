// A certificate that signs itself, to begin with: browsers warn of it until somebody tells them to believe
// it. EC P-256, for servers and for clients of devices that ask who we are (RFC 5280 4.2.1.12).
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace iw::io::tls {

struct SelfSigned {
  std::vector<std::string> hosts;  // names and addresses by which the server is called; the first is its name
  WallTime not_before;
  WallTime not_after;
};

struct CertificateAndKey {
  std::string certificate;  // PEM
  std::string key;          // PEM, unencrypted: for a file of mode 0600
  std::string sha256;       // fingerprint, to compare with what a browser shows: "AB:CD:..."
};

// Invalid argument: no host, or one that is neither a name nor an address.
Result<CertificateAndKey> make_self_signed(const SelfSigned& wish);

}  // namespace iw::io::tls

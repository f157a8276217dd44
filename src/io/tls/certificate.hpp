// Certificate: what stands in an X.509 certificate (RFC 5280), as people compare it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace iw::io::tls {

struct Certificate {
  std::string subject;             // "CN=meter-7,O=Example" (RFC 2253)
  std::string issuer;              // likewise
  std::vector<std::string> names;  // of subjectAltName: "gateway.lan", "192.0.2.7"
  std::string serial;              // "03:A1:7F"
  std::string sha256;              // the fingerprint, as browsers show it: "AB:CD:..."
  std::string key;                 // "EC P-256", "RSA 2048"
  WallTime not_before;
  WallTime not_after;
  bool is_authority = false;
  bool signs_itself = false;
};

// All that are in a PEM text, in its order. Invalid argument: there is none, or one is broken.
Result<std::vector<Certificate>> read_certificates(std::string_view pem);

}  // namespace iw::io::tls

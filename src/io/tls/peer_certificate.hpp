// PeerCertificate: who is at the other end, as the certificate says.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

struct x509_st;  // OpenSSL's X509

namespace iw::io::tls {

struct PeerCertificate {
  std::string subject;             // "CN=meter-7,O=Example" (RFC 2253)
  std::string fingerprint_sha256;  // 64 hex digits, small
  WallTime not_after;
  // The role of Modbus Security: extension 1.3.6.1.4.1.50316.802.1, a UTF8String; none when it is absent.
  std::optional<std::string> modbus_role;
};

// Denied when the role is there twice or is no UTF8String: who may do what must not depend on how we read it.
Result<PeerCertificate> describe(x509_st* certificate);

}  // namespace iw::io::tls

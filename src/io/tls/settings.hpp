// TlsSettings: what a TLS connection may be, as values: PEM texts, not paths; the caller reads the files.
#pragma once

#include <cstdint>
#include <string>

namespace iw::io::tls {

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

enum class CipherProfile : std::uint8_t {
  modern,           // ECDHE with AES-GCM or ChaCha20
  modbus_security,  // MB-TCP-Security v21/v36: ECDHE-ECDSA/RSA with AES-GCM
};

struct TlsSettings {
  std::string certificate_chain;  // PEM, our own certificate first; empty: a client that shows none
  std::string private_key;        // PEM, unencrypted
  std::string trust_anchors;      // PEM, the authorities that we believe; needed when the peer is verified
  TlsVersion oldest = TlsVersion::v1_2;
  TlsVersion newest = TlsVersion::v1_3;
  CipherProfile ciphers = CipherProfile::modern;
  // Adds TLS_RSA_WITH_AES_128_CBC_SHA256, which v21 demands of every device but which has no forward secrecy.
  bool allow_rsa_cbc = false;
  // A server that verifies demands a client certificate (mutual TLS).
  bool verify_peer = true;

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

}  // namespace iw::io::tls

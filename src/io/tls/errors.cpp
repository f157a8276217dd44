#include "io/tls/errors.hpp"

#include "io/tls/openssl.hpp"

namespace iw::io::tls {
namespace {

// What we found wrong with the certificate of the peer.
Error refused_certificate(long why, const std::string& peer) {
  const auto denied = [&](std::string_view what, std::string remedy) {
    return Error{ErrorKind::denied, fmt::format("the certificate of {} {}", peer, what), std::move(remedy)};
  };
  switch (why) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return denied("has expired", "renew it; if it looks valid, check the clock of this machine");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return denied("is not valid yet", "check the clock of this machine, and the one that the issuer used");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return denied("comes from an authority that we do not trust",
                    "add the certificate of its issuer to the trusted ones; the peer must send intermediate "
                    "ones itself");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return denied("is for another name",
                    "connect by a name that the certificate lists (subjectAltName), or have it "
                    "issued with this one");
    case X509_V_ERR_INVALID_PURPOSE:
      return denied("is not meant for this side of a connection",
                    "servers need serverAuth, clients clientAuth");
    case X509_V_ERR_CERT_REVOKED: return denied("was revoked", "issue a new one");
    default: return denied(fmt::format("is refused: {}", X509_verify_cert_error_string(why)), "");
  }
}

}  // namespace

Error tls_error(SSL* ssl, const std::string& peer) {
  const auto error = [&](ErrorKind kind, std::string_view what, std::string remedy) {
    ERR_clear_error();
    return Error{kind, fmt::format("{} {}", peer, what), std::move(remedy)};
  };
  constexpr auto denied = ErrorKind::denied;
  constexpr auto unsupported = ErrorKind::unsupported;
  const std::string show_ours =
      "look at ours: openssl x509 -noout -subject -issuer -dates -ext extendedKeyUsage -in <file>";
  // The outermost error is the one of TLS; those before it say what went wrong deeper down.
  const unsigned long last = ERR_peek_last_error();
  switch (ERR_GET_LIB(last) == ERR_LIB_SSL ? ERR_GET_REASON(last) : 0) {
    // What we found.
    case SSL_R_CERTIFICATE_VERIFY_FAILED: {
      ERR_clear_error();
      return refused_certificate(SSL_get_verify_result(ssl), peer);
    }
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return error(denied, "showed no certificate", "give the client a certificate that we trust");
    case SSL_R_NO_SHARED_CIPHER:
      return error(
          unsupported, "has no cipher in common with us",
          "the key type must fit the ciphers; old Modbus Security devices need allow_rsa_cbc and an RSA key");
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
      return error(unsupported, "speaks no TLS version that we allow",
                   "TLS 1.2 is the oldest; update the peer");
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return error(ErrorKind::malformed, "does not speak TLS on this port",
                   "is TLS switched on in the peer, and is this its TLS port (Modbus Security: 802)?");

    // What the peer tells us in an alert.
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return error(denied, "does not trust the authority that issued our certificate",
                   "install the certificate of our issuer in the peer");
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return error(denied, "says that our certificate is not valid at this time",
                   "renew ours if it has expired; if not, check the clock of the peer");
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return error(denied, "demands a certificate of ours", "configure a client certificate and its key");
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED: return error(denied, "refuses our certificate", show_ours);
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return error(
          unsupported,
          "ended the handshake: no cipher in common, or it demands a certificate that we did not show",
          "compare the ciphers and key types of both sides, and configure a client certificate");
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return error(unsupported, "refuses our TLS version", "allow TLS 1.2 if it is old, or update it");
    default: return {ErrorKind::io, fmt::format("TLS with {} failed: {}", peer, take_reason()), ""};
  }
}

}  // namespace iw::io::tls

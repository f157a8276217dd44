#include "io/tls/peer_certificate.hpp"

#include <array>
#include <span>

#include "io/tls/x509_text.hpp"

namespace iw::io::tls {
namespace {

constexpr const char* modbus_role_oid = "1.3.6.1.4.1.50316.802.1";

std::string digest_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  std::string text;
  for (const unsigned char byte : std::span(digest).first(size))
    text += fmt::format("{:02x}", byte);
  return text;
}

Result<std::optional<std::string>> modbus_role_of(X509* certificate) {
  const std::unique_ptr<ASN1_OBJECT, Free<ASN1_OBJECT_free>> oid(OBJ_txt2obj(modbus_role_oid, 1));
  const int at = X509_get_ext_by_OBJ(certificate, oid.get(), -1);
  if (at < 0) return std::nullopt;
  const std::string remedy = "ask the issuer for a certificate with one role, a UTF8String";
  if (X509_get_ext_by_OBJ(certificate, oid.get(), at) >= 0) {
    return fail(ErrorKind::denied, "the certificate of the peer has more than one Modbus role", remedy);
  }
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  const unsigned char* der = ASN1_STRING_get0_data(value);
  const unsigned char* end = der + ASN1_STRING_length(value);
  const std::unique_ptr<ASN1_UTF8STRING, Free<ASN1_UTF8STRING_free>> role(
      d2i_ASN1_UTF8STRING(nullptr, &der, ASN1_STRING_length(value)));
  if (!role || der != end) {
    ERR_clear_error();
    return fail(ErrorKind::denied, "the Modbus role in the certificate of the peer is no UTF8String", remedy);
  }
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(role.get())),
                     static_cast<std::size_t>(ASN1_STRING_length(role.get())));
}

}  // namespace

Result<PeerCertificate> describe(X509* certificate) {
  auto role = modbus_role_of(certificate);
  if (!role) return fail(std::move(role).error());
  return PeerCertificate{.subject = text_of(X509_get_subject_name(certificate)),
                         .fingerprint_sha256 = digest_of(certificate),
                         .not_after = time_of(X509_get0_notAfter(certificate)),
                         .modbus_role = std::move(*role)};
}

}  // namespace iw::io::tls

#include "io/tls/self_signed.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "io/tls/x509_text.hpp"

namespace iw::io::tls {
namespace {

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using AddressPtr = std::unique_ptr<ASN1_OCTET_STRING, Free<ASN1_OCTET_STRING_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Digest = std::array<unsigned char, 32>;

Unexpected broken(std::string_view what) {
  return fail(ErrorKind::io, fmt::format("no certificate can be made: {}: {}", what, take_reason()));
}

// RFC 1123 2.1, with a wildcard as RFC 6125 6.4.3 has it.
bool is_name(std::string_view host) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (host.starts_with("*.")) host.remove_prefix(2);
  return !host.empty() && host.size() <= 253 && !host.starts_with('.') && !host.starts_with('-') &&
         std::ranges::all_of(host, fits);
}

// "DNS:gateway.lan,IP:192.0.2.7" (X509V3_EXT_conf_nid).
Result<std::string> alternatives(const std::vector<std::string>& hosts) {
  std::string text;
  for (const std::string& host : hosts) {
    const bool is_address = AddressPtr(a2i_IPADDRESS(host.c_str())) != nullptr;
    ERR_clear_error();
    if (!is_address && !is_name(host)) {
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' is neither a name nor an address", host),
                  "as in gateway.lan, 192.0.2.7, fd00::7");
    }
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", is_address ? "IP" : "DNS", host);
  }
  if (text.empty()) return fail(ErrorKind::invalid_argument, "a certificate needs a host");
  return text;
}

bool extend(X509* certificate, int nid, const std::string& value) {
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

time_t seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

template <class Write>
std::string written(Write write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// Another one for each key, as two certificates of one issuer may not share it (RFC 5280 4.1.2.2); positive.
bool number_by_key(X509* certificate) {
  Digest digest{};
  if (X509_pubkey_digest(certificate, EVP_sha256(), digest.data(), nullptr) != 1) return false;
  digest[0] &= 0x7F;
  const NumberPtr number(BN_bin2bn(digest.data(), 16, nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

}  // namespace

Result<CertificateAndKey> make_self_signed(const SelfSigned& wish) {
  const auto names = alternatives(wish.hosts);
  if (!names) return fail(names.error());
  ERR_clear_error();
  const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const CertificatePtr certificate(X509_new());
  if (!key || !certificate) return broken("a key");
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(x509), seconds(wish.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x509), seconds(wish.not_after));
  // A common name takes 64 characters (RFC 5280 A.1); what counts are the alternative names.
  const std::string name = wish.hosts.front().substr(0, 64);
  X509_NAME* subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x509, subject);
  X509_set_pubkey(x509, key.get());
  const bool whole = number_by_key(x509) && extend(x509, NID_basic_constraints, "critical,CA:FALSE") &&
                     extend(x509, NID_key_usage, "critical,digitalSignature") &&
                     extend(x509, NID_ext_key_usage, "serverAuth,clientAuth") &&
                     extend(x509, NID_subject_alt_name, *names) &&
                     X509_sign(x509, key.get(), EVP_sha256()) > 0;
  if (!whole) return broken("its extensions");
  return CertificateAndKey{.certificate = written([&](BIO* bio) { PEM_write_bio_X509(bio, x509); }),
                           .key = written([&](BIO* bio) {
                             PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
                           }),
                           .sha256 = fingerprint_of(x509)};
}

}  // namespace iw::io::tls

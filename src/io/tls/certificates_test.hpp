// Certificates for tests, made on the spot: EC P-256 unless said otherwise.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/tls/openssl.hpp"

namespace iw::io::tls {

struct CertificateWish {
  std::string name;
  std::string alternative = {};  // "DNS:meter.lan", "IP:192.0.2.7"
  WallTime not_before = testing::ManualClock::wall_epoch - std::chrono::days(1);
  WallTime not_after = testing::ManualClock::wall_epoch + std::chrono::days(365);
  std::vector<std::string> role_extensions = {};  // DER, one extension each
  bool authority = false;
  bool rsa = false;
};

struct Identity {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

// The DER of a short UTF8String.
inline std::string utf8_string(std::string_view text) {
  return std::string("\x0c") + static_cast<char>(text.size()) + std::string(text);
}

class Authority {
 public:
  explicit Authority(const std::string& name = "Test CA")
      : key_(make_key(false)), certificate_(make({.name = name, .authority = true}, key_.get(), nullptr)) {}

  [[nodiscard]] std::string pem() const { return to_pem(certificate_.get()); }

  [[nodiscard]] Identity issue(const CertificateWish& wish) const {
    const KeyPtr key = make_key(wish.rsa);
    return {to_pem(make(wish, key.get(), certificate_.get()).get()), to_pem(key.get())};
  }

 private:
  static KeyPtr make_key(bool rsa) {
    return KeyPtr(rsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  }

  template <class Write>
  static std::string written(Write write) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    write(bio.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
  static std::string to_pem(X509* certificate) {
    return written([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
  }
  static std::string to_pem(EVP_PKEY* key) {
    return written(
        [&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
  }

  static time_t seconds(WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  }

  static void add_extension(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static void add_role(X509* certificate, const std::string& der) {
    ASN1_OBJECT* oid = OBJ_txt2obj("1.3.6.1.4.1.50316.802.1", 1);
    ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(value, reinterpret_cast<const unsigned char*>(der.data()),
                          static_cast<int>(der.size()));
    X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, oid, 0, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
  }

  // issuer: null for one that signs itself.
  [[nodiscard]] CertificatePtr make(const CertificateWish& wish, EVP_PKEY* key, X509* issuer) const {
    static long serial = 0;
    CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), seconds(wish.not_before));
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), seconds(wish.not_after));
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(),
                         X509_get_subject_name(issuer != nullptr ? issuer : certificate.get()));
    X509_set_pubkey(certificate.get(), key);
    add_extension(certificate.get(), NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!wish.alternative.empty()) add_extension(certificate.get(), NID_subject_alt_name, wish.alternative);
    for (const std::string& der : wish.role_extensions)
      add_role(certificate.get(), der);
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    return certificate;
  }

  KeyPtr key_;
  CertificatePtr certificate_;
};

}  // namespace iw::io::tls

#include "io/tls/certificate.hpp"

#include <array>

#include <fmt/format.h>

#include "io/tls/x509_text.hpp"

namespace iw::io::tls {
namespace {

using NamesPtr = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

Error broken(std::string what) {
  return {ErrorKind::invalid_argument, std::move(what),
          "expected PEM: -----BEGIN CERTIFICATE-----, our own certificate first, then its issuers"};
}

std::string_view text_in(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// "192.0.2.7"; an IPv6 address in its eight groups.
std::string address_in(const ASN1_OCTET_STRING* address) {
  const std::string_view bytes = text_in(address);
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  constexpr std::size_t v4 = 4;
  if (bytes.size() == v4) return fmt::format("{}.{}.{}.{}", at(0), at(1), at(2), at(3));
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
    text += fmt::format("{}{:x}", text.empty() ? "" : ":", at(i) << 8U | at(i + 1));
  return text;
}

std::vector<std::string> names_of(const X509* certificate) {
  const NamesPtr all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    switch (name->type) {
      case GEN_DNS:
      case GEN_EMAIL:
      case GEN_URI: names.emplace_back(text_in(name->d.ia5)); break;
      case GEN_IPADD: names.push_back(address_in(name->d.iPAddress)); break;
      case GEN_DIRNAME: names.push_back(text_of(name->d.directoryName)); break;
      default: break;  // names that no connection is compared with
    }
  }
  return names;
}

std::string serial_of(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  return with_colons({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

std::string key_of(X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return "unknown";
  std::array<char, 64> group{};
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1) {
    const int number = OBJ_sn2nid(group.data());
    const char* nist = EC_curve_nid2nist(number);
    return fmt::format("EC {}", nist != nullptr ? nist : group.data());
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  const std::string name = type != nullptr ? type : "unknown";
  return name == "RSA" ? fmt::format("RSA {}", EVP_PKEY_get_bits(key)) : name;
}

// Whatever it may be used for: one that only serves may not sign others, and still did sign itself.
bool signs_itself(X509* certificate) {
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0 &&
         X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
}

Certificate described(X509* certificate) {
  return {.subject = text_of(X509_get_subject_name(certificate)),
          .issuer = text_of(X509_get_issuer_name(certificate)),
          .names = names_of(certificate),
          .serial = serial_of(certificate),
          .sha256 = fingerprint_of(certificate),
          .key = key_of(certificate),
          .not_before = time_of(X509_get0_notBefore(certificate)),
          .not_after = time_of(X509_get0_notAfter(certificate)),
          .is_authority = X509_check_ca(certificate) > 0,
          .signs_itself = signs_itself(certificate)};
}

}  // namespace

Result<std::vector<Certificate>> read_certificates(std::string_view pem) {
  ERR_clear_error();
  const BioPtr text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> all;
  while (const CertificatePtr next{PEM_read_bio_X509_AUX(text.get(), nullptr, nullptr, nullptr)}) {
    all.push_back(described(next.get()));
    ERR_clear_error();  // of what it does not have
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_reason();
  if (!at_end) return fail(broken(fmt::format("certificate {} can not be read: {}", all.size() + 1, reason)));
  if (all.empty()) return fail(broken("there is no certificate in it"));
  return all;
}

}  // namespace iw::io::tls

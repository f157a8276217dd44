#include "io/tls/context.hpp"

#include "io/tls/openssl.hpp"

namespace iw::io::tls {
namespace {

Unexpected wrong(std::string what, std::string remedy) {
  return fail(ErrorKind::invalid_argument, fmt::format("{}: {}", what, take_reason()), std::move(remedy));
}

BioPtr reader(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// The next certificate of a PEM text, or null at its end.
CertificatePtr next_certificate(BIO* pem) {
  CertificatePtr certificate(PEM_read_bio_X509_AUX(pem, nullptr, nullptr, nullptr));
  if (!certificate && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE) ERR_clear_error();
  return certificate;
}

Result<void> use_certificate(SSL_CTX* context, const TlsSettings& settings) {
  const std::string remedy =
      "expected PEM: -----BEGIN CERTIFICATE-----, our own certificate first, then its issuers";
  const BioPtr chain = reader(settings.certificate_chain);
  const CertificatePtr own = next_certificate(chain.get());
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1)
    return wrong("the certificate can not be used", remedy);
  while (CertificatePtr issuer = next_certificate(chain.get())) {
    SSL_CTX_add0_chain_cert(context, issuer.release());
  }
  if (ERR_peek_error() != 0) return wrong("the certificate chain is broken", remedy);

  const BioPtr pem = reader(settings.private_key);
  // An empty pass phrase instead of the default, which would ask on the terminal.
  const KeyPtr key(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, const_cast<char*>("")));
  if (!key)
    return wrong("the private key can not be read",
                 "expected an unencrypted PEM key: openssl pkey -in <file>");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return wrong("the private key does not belong to the certificate",
                 "compare: openssl x509 -pubkey, openssl pkey -pubout");
  }
  return {};
}

Result<void> trust(SSL_CTX* context, const TlsSettings& settings, bool server) {
  const BioPtr pem = reader(settings.trust_anchors);
  std::size_t count = 0;
  while (const CertificatePtr anchor = next_certificate(pem.get())) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), anchor.get());
    // A server tells its clients whose certificates it takes.
    if (server) SSL_CTX_add_client_CA(context, anchor.get());
    ++count;
  }
  if (ERR_peek_error() != 0 || count == 0) {
    return wrong("the trusted certificates can not be read",
                 "expected PEM: -----BEGIN CERTIFICATE----- of the authorities that issue the certificates "
                 "of the peers");
  }
  return {};
}

void restrict_protocol(SSL_CTX* context, const TlsSettings& settings) {
  const auto number = [](TlsVersion version) {
    return version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  };
  SSL_CTX_set_min_proto_version(context, number(settings.oldest));
  SSL_CTX_set_max_proto_version(context, number(settings.newest));

  // NULL ciphers, which the text of Modbus Security allows, are in none of these lists.
  std::string ciphers =
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
  if (settings.ciphers == CipherProfile::modern)
    ciphers += ":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
  if (settings.allow_rsa_cbc) ciphers += ":AES128-SHA256";
  SSL_CTX_set_cipher_list(context, ciphers.c_str());
  if (settings.ciphers == CipherProfile::modbus_security) {
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
  }

  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Every connection proves its certificates anew; connections are long and few.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  // Gives 34 kB back while a connection is idle.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

Result<TlsContext> make_context(const TlsSettings& settings, bool server) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()),
                                   SSL_CTX_free);
  if (settings.oldest > settings.newest) {
    return fail(ErrorKind::invalid_argument, "the oldest TLS version is newer than the newest", "swap them");
  }
  restrict_protocol(context.get(), settings);
  if (server && settings.certificate_chain.empty()) {
    return fail(ErrorKind::invalid_argument, "a TLS server needs a certificate",
                "give it a certificate and its key");
  }
  if (!settings.certificate_chain.empty()) {
    if (auto used = use_certificate(context.get(), settings); !used) return fail(std::move(used).error());
  }
  int verify = SSL_VERIFY_NONE;
  if (settings.verify_peer) {
    if (auto trusted = trust(context.get(), settings, server); !trusted)
      return fail(std::move(trusted).error());
    verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  SSL_CTX_set_verify(context.get(), verify, nullptr);
  return TlsContext(std::move(context));
}

}  // namespace

Result<TlsContext> make_client_context(const TlsSettings& settings) { return make_context(settings, false); }
Result<TlsContext> make_server_context(const TlsSettings& settings) { return make_context(settings, true); }

}  // namespace iw::io::tls

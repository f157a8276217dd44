// TlsContext: settings that were checked once and serve any number of connections. A value; copies share.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "io/tls/settings.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace iw::io::tls {

class TlsContext {
 public:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

Result<TlsContext> make_client_context(const TlsSettings& settings);
// Needs a certificate and its key.
Result<TlsContext> make_server_context(const TlsSettings& settings);

}  // namespace iw::io::tls

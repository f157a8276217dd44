// TLS over any ByteStream: TCP, a pipe in a test, a connection in a simulated world.
//
// OpenSSL works on memory only (two memory BIOs); the bytes travel through the inner stream. Validity of
// certificates is judged by the clock of the executor. One read and one write at a time, as on every
// ByteStream; a read may make TLS itself write (an alert), which is kept in order with the writes of
// the user.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/executor.hpp"
#include "io/stream.hpp"
#include "io/tls/context.hpp"
#include "io/tls/peer_certificate.hpp"

namespace iw::io::tls {

class TlsStream : public ByteStream {
 public:
  // None when the context does not verify and the peer showed none.
  [[nodiscard]] virtual const std::optional<PeerCertificate>& peer_certificate() const = 0;
  // "TLSv1.3 TLS_AES_256_GCM_SHA384"
  [[nodiscard]] virtual std::string protection() const = 0;
};

using TlsStreamPtr = std::unique_ptr<TlsStream>;

// The handshake as client, within the deadline. server_name (or an address): what the certificate must be
// for; when empty any certificate of a trusted authority will do, as is usual in closed device networks.
//
// In TLS 1.3 the client is done before the server has judged its certificate: a refusal comes with the first
// read.
Task<Result<TlsStreamPtr>> tls_connect(StreamPtr inner, const TlsContext& context,
                                       const std::string& server_name, Executor& executor, Instant deadline);

// The handshake as server.
Task<Result<TlsStreamPtr>> tls_accept(StreamPtr inner, const TlsContext& context, Executor& executor,
                                      Instant deadline);

}  // namespace iw::io::tls

#include "io/tls/stream.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "io/task_group.hpp"
#include "io/tls/errors.hpp"
#include "io/tls/openssl.hpp"

namespace iw::io::tls {
namespace {

// One TLS connection. Shared by the stream that the user holds and by the coroutines that move its bytes:
// these end a little later, when the inner stream has let them go.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(StreamPtr inner, const TlsContext& context, Executor& executor)
      : inner_(std::move(inner)), ssl_(SSL_new(context.get())), tasks_(executor) {
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);  // now owned by ssl_
    const auto wall = std::chrono::floor<std::chrono::seconds>(executor.clock().wall_now());
    X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl_.get()), wall.time_since_epoch().count());
  }

  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  [[nodiscard]] ByteStream& inner() const { return *inner_; }
  [[nodiscard]] std::string peer() const { return inner_->peer(); }

  void expect_name(const std::string& name) const {
    if (name.empty()) return;
    X509_VERIFY_PARAM* expected = SSL_get0_param(ssl());
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1) return;
    X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size());
    SSL_set_tlsext_host_name(ssl(), name.c_str());
  }

  // Until done, or failed for good. Whatever TLS has to say, the last alert too, is sent before.
  Task<Result<void>> handshake() {
    for (;;) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl());
      std::optional<Error> failure;
      if (done != 1 && SSL_get_error(ssl(), done) != SSL_ERROR_WANT_READ) failure = tls_error(ssl(), peer());
      if (take_outgoing()) {
        auto written = co_await inner_->write(sealed_);
        if (!written && !failure) failure = std::move(written).error();
      }
      if (failure) co_return fail(std::move(*failure));
      if (done == 1) co_return Result<void>{};
      auto n = co_await inner_->read_some(received_);
      if (!n) co_return fail(lost(std::move(n).error()));
      BIO_write(incoming_, received_.data(), static_cast<int>(*n));
    }
  }

  std::optional<Result<std::size_t>> start_read(MutableBytes into, Operation<Result<std::size_t>>& op) {
    if (closed_) return fail(cancelled());
    if (auto result = decrypt(into)) {
      flush();
      return result;
    }
    into_ = into;
    wanted_ = true;
    if (!receiving_) {
      receiving_ = true;
      tasks_.spawn(receive(shared_from_this()));
    }
    if (!read_result_) reading_ = &op;
    return std::exchange(read_result_, std::nullopt);
  }

  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) {
    if (closed_) return fail(cancelled());
    rest_ = bytes;
    flush();
    if (auto result = write_result()) return result;
    writing_ = &op;
    return std::nullopt;
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    rest_ = {};
    ERR_clear_error();
    SSL_shutdown(ssl());  // the farewell, if the inner stream still takes it
    flush();
    inner_->close();
  }

 private:
  [[nodiscard]] Error cancelled() const {
    return {ErrorKind::cancelled, fmt::format("we closed {}", peer()), ""};
  }

  // The inner stream ended where TLS would have said farewell first.
  Error lost(Error why) const {
    if (why.kind != ErrorKind::closed) return why;
    return {ErrorKind::reset, fmt::format("{} closed the connection in the middle of TLS", peer()),
            "does it expect TLS on this port, and has it a log that says why?"};
  }

  // Plain bytes, a failure, or nothing when more has to come in first.
  std::optional<Result<std::size_t>> decrypt(MutableBytes into) {
    if (broken_) return fail(*broken_);
    ERR_clear_error();
    std::size_t n = 0;
    if (SSL_read_ex(ssl(), into.data(), into.size(), &n) == 1) return n;
    switch (SSL_get_error(ssl(), 0)) {
      case SSL_ERROR_WANT_READ: return std::nullopt;
      case SSL_ERROR_ZERO_RETURN:
        broken_ = Error{ErrorKind::closed, fmt::format("{} closed the connection", peer()), ""};
        break;
      default: broken_ = tls_error(ssl(), peer());
    }
    return fail(*broken_);
  }

  // Reads from the inner stream for as long as somebody wants plain bytes.
  static Task<void> receive(std::shared_ptr<Session> self) {
    while (self->wanted_) {
      auto n = co_await self->inner_->read_some(self->received_);
      if (!n) {
        self->finish_read(fail(self->lost(std::move(n).error())));
        continue;
      }
      BIO_write(self->incoming_, self->received_.data(), static_cast<int>(*n));
      auto result = self->decrypt(self->into_);
      self->flush();
      if (self->closed_) {
        self->finish_read(fail(self->cancelled()));
      } else if (result) {
        self->finish_read(std::move(*result));
      }
    }
    self->receiving_ = false;
  }

  void finish_read(Result<std::size_t> result) {
    wanted_ = false;
    if (reading_ != nullptr) {
      std::exchange(reading_, nullptr)->complete(std::move(result));
    } else {
      read_result_ = std::move(result);  // start_read() is still on the stack
    }
  }

  // Sends what TLS has to send and what the user wants to write.
  void flush() {
    if (flushing_) return;
    flushing_ = true;
    tasks_.spawn(send(shared_from_this()));
  }

  static Task<void> send(std::shared_ptr<Session> self) {
    while (!self->write_failure_) {
      self->encrypt();
      if (!self->take_outgoing()) break;
      auto written = co_await self->inner_->write(self->sealed_);
      if (!written) self->write_failure_ = std::move(written).error();
    }
    self->flushing_ = false;
    if (self->writing_ != nullptr) {
      if (auto result = self->write_result())
        std::exchange(self->writing_, nullptr)->complete(std::move(*result));
    }
  }

  // Nothing while the user's bytes are still on their way.
  std::optional<Result<void>> write_result() {
    if (write_failure_) return fail(*write_failure_);
    if (flushing_) return std::nullopt;
    if (closed_) return fail(cancelled());
    return Result<void>{};
  }

  // At most so much at once, to bound the memory.
  void encrypt() {
    constexpr std::size_t most = 65536;
    const Bytes part = rest_.first(std::min(rest_.size(), most));
    if (part.empty()) return;
    ERR_clear_error();
    std::size_t n = 0;
    if (SSL_write_ex(ssl(), part.data(), part.size(), &n) != 1) write_failure_ = tls_error(ssl(), peer());
    rest_ = rest_.subspan(n);
  }

  bool take_outgoing() {
    sealed_.resize(BIO_ctrl_pending(outgoing_));
    if (sealed_.empty()) return false;
    BIO_read(outgoing_, sealed_.data(), static_cast<int>(sealed_.size()));
    return true;
  }

  StreamPtr inner_;
  SslPtr ssl_;
  BIO* incoming_ = nullptr;
  BIO* outgoing_ = nullptr;
  bool closed_ = false;

  MutableBytes into_;
  bool wanted_ = false;
  bool receiving_ = false;
  std::array<std::byte, 4096> received_{};
  std::optional<Result<std::size_t>> read_result_;
  std::optional<Error> broken_;  // the end of what can be read
  Operation<Result<std::size_t>>* reading_ = nullptr;

  Bytes rest_;
  bool flushing_ = false;
  std::vector<std::byte> sealed_;
  std::optional<Error> write_failure_;
  Operation<Result<void>>* writing_ = nullptr;

  TaskGroup tasks_;
};

class OpenSslStream final : public TlsStream {
 public:
  OpenSslStream(std::shared_ptr<Session> session, std::optional<PeerCertificate> certificate)
      : session_(std::move(session)), certificate_(std::move(certificate)) {}
  ~OpenSslStream() override { session_->close(); }

  void close() override { session_->close(); }
  [[nodiscard]] std::string peer() const override { return session_->peer(); }
  [[nodiscard]] const std::optional<PeerCertificate>& peer_certificate() const override {
    return certificate_;
  }
  [[nodiscard]] std::string protection() const override {
    return fmt::format("{} {}", SSL_get_version(session_->ssl()), SSL_get_cipher_name(session_->ssl()));
  }

 protected:
  std::optional<Result<std::size_t>> start_read(MutableBytes into,
                                                Operation<Result<std::size_t>>& op) override {
    return session_->start_read(into, op);
  }
  std::optional<Result<void>> start_write(Bytes bytes, Operation<Result<void>>& op) override {
    return session_->start_write(bytes, op);
  }

 private:
  std::shared_ptr<Session> session_;
  std::optional<PeerCertificate> certificate_;
};

// Closes the stream when the time is up; what waits on it then ends.
class ClosingTimer final : public Timer {
 public:
  explicit ClosingTimer(ByteStream& stream) : stream_(stream) {}
  [[nodiscard]] bool fired() const { return fired_; }

 private:
  void on_timer() override {
    fired_ = true;
    stream_.close();
  }

  ByteStream& stream_;
  bool fired_ = false;
};

Task<Result<TlsStreamPtr>> shake_hands(std::shared_ptr<Session> session, Executor& executor,
                                       Instant deadline) {
  ClosingTimer timer(session->inner());
  if (deadline != never) executor.arm(timer, deadline);
  auto done = co_await session->handshake();
  timer.disarm();
  if (timer.fired()) {
    co_return fail(ErrorKind::timeout,
                   fmt::format("{} did not finish the TLS handshake in time", session->peer()),
                   "does it speak TLS on this port? small devices need seconds for it: allow more time");
  }
  if (!done) co_return fail(std::move(done).error());
  const CertificatePtr shown(SSL_get1_peer_certificate(session->ssl()));
  std::optional<PeerCertificate> certificate;
  if (shown) {
    auto described = describe(shown.get());
    if (!described) co_return fail(std::move(described).error().in(session->peer()));
    certificate = std::move(*described);
  }
  co_return std::make_unique<OpenSslStream>(std::move(session), std::move(certificate));
}

}  // namespace

Task<Result<TlsStreamPtr>> tls_connect(StreamPtr inner, const TlsContext& context,
                                       const std::string& server_name, Executor& executor, Instant deadline) {
  auto session = std::make_shared<Session>(std::move(inner), context, executor);
  session->expect_name(server_name);
  SSL_set_connect_state(session->ssl());
  return shake_hands(std::move(session), executor, deadline);
}

Task<Result<TlsStreamPtr>> tls_accept(StreamPtr inner, const TlsContext& context, Executor& executor,
                                      Instant deadline) {
  auto session = std::make_shared<Session>(std::move(inner), context, executor);
  SSL_set_accept_state(session->ssl());
  return shake_hands(std::move(session), executor, deadline);
}

}  // namespace iw::io::tls

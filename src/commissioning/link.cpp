#include "commissioning/link.hpp"

#include <algorithm>
#include <array>

#include "io/sleep.hpp"
#include "io/tls/stream.hpp"
#include "protocols/modbus/verified_write.hpp"

namespace iw::commissioning {
namespace {

constexpr Duration connect_timeout = 3s;

}  // namespace

std::string Target::url(modbus::UnitId of) const {
  std::string url = modbus::line_url(address);
  char separator = '?';
  if (address.transport == modbus::Transport::serial) {
    const io::SerialSettings& s = address.serial;
    const char* parity = s.parity == io::Parity::none   ? "none"
                         : s.parity == io::Parity::even ? "even"
                                                        : "odd";
    url += fmt::format("?baud={}&parity={}&stop={}", s.baud, parity, s.stop_bits);
    separator = '&';
  }
  return url + fmt::format("{}unit={}", separator, of.value());
}

Link::Link(io::Network& network, io::Files& files, Target target)
    : network_(network), files_(files), target_(std::move(target)) {}

bool Link::ends_link(ErrorKind kind) {
  using enum ErrorKind;
  constexpr std::array harmless{timeout, rejected, invalid_argument, unsupported};
  return std::ranges::find(harmless, kind) == harmless.end();
}

void Link::adapt_to(const modbus::ConnectionDefaults& connection) {
  connect_delay_ = connection.connect_delay;
  gap_ = connection.gap;
  if (!target_.timeout_given) target_.timeout = connection.timeout;
}

io::Task<Result<io::StreamPtr>> Link::open() {
  const Instant deadline = executor().now() + std::max(target_.timeout, connect_timeout);
  co_return co_await modbus::open_stream(network_, target_.address, deadline);
}

io::Task<Result<std::string>> Link::secure(io::StreamPtr stream) {
  std::string protection;
  if (target_.address.transport == modbus::Transport::tls) {
    const auto ca = files_.read(target_.tls.ca);
    if (!ca) co_return fail(ca.error());
    const auto certificate = files_.read(target_.tls.certificate);
    if (!certificate) co_return fail(certificate.error());
    const auto key = files_.read_secret(target_.tls.key);
    if (!key) co_return fail(key.error());
    auto context = io::tls::make_client_context({.certificate_chain = *certificate,
                                                 .private_key = *key,
                                                 .trust_anchors = *ca,
                                                 .ciphers = io::tls::CipherProfile::modbus_security});
    if (!context) co_return fail(std::move(context).error());
    const std::string name = target_.tls.server_name.value_or(target_.address.endpoint.host);
    const Instant deadline = executor().now() + std::max(target_.timeout, connect_timeout);
    auto secured = co_await io::tls::tls_connect(std::move(stream), *context, name, executor(), deadline);
    if (!secured) co_return fail(std::move(secured).error());
    protection = (*secured)->protection();
    stream = std::move(*secured);
  }
  client_ = std::make_unique<modbus::Client>(executor(), std::move(stream),
                                             modbus::framing_of(target_.address), target_.timeout);
  not_before_ = executor().now() + connect_delay_;
  co_return protection;
}

io::Task<Result<void>> Link::connect() {
  if (has_owner()) co_return Result<void>{};
  auto stream = co_await open();
  if (!stream) co_return fail(std::move(stream).error());
  const auto secured = co_await secure(std::move(*stream));
  if (!secured) co_return fail(secured.error());
  co_return Result<void>{};
}

io::Task<Result<modbus::ReplyPdu>> Link::ask(modbus::UnitId unit, modbus::Request request) {
  if (has_owner()) {
    auto answer = co_await target_.owner(unit, std::move(request), target_.timeout);
    co_return answer;
  }
  if (!client_) {
    auto connected = co_await connect();
    if (!connected) co_return fail(std::move(connected).error());
  }
  co_await io::sleep_until(executor(), not_before_);
  auto reply = co_await client_->ask(unit, std::move(request));
  not_before_ = executor().now() + gap_;
  if (!reply && ends_link(reply.error().kind)) client_.reset();
  co_return reply;
}

io::Task<Result<std::vector<std::uint16_t>>> Link::read(modbus::UnitId unit, modbus::Request request) {
  const auto reply = co_await ask(unit, request);
  if (!reply) co_return fail(reply.error());
  co_return modbus::words_of(request, reply->bytes());
}

}  // namespace iw::commissioning

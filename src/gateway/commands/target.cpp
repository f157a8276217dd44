#include "gateway/commands/target.hpp"

#include <algorithm>
#include <array>

#include <CLI/CLI.hpp>

#include "config/rule.hpp"
#include "gateway/surroundings.hpp"
#include "io/sleep.hpp"
#include "io/tls/stream.hpp"
#include "protocols/modbus/verified_write.hpp"

namespace iw::gateway {
namespace {

constexpr Duration connect_timeout = 3s;

}  // namespace

void add_target_options(CLI::App& command, TargetOptions& options) {
  command
      .add_option(
          "URL", options.url,
          "modbus://HOST[:502]?unit=1, modbus+tls://HOST[:802], modbus+rtu://HOST:PORT (RTU over TCP), "
          "modbus+rtu:///dev/ttyUSB0?baud=9600&parity=even&unit=3")
      ->required();
  command.add_option("--timeout", options.timeout,
                     "how long to wait for an answer: 500ms, 2s (otherwise 1s)");
  command.add_flag("--json", options.json, "the result as JSON");
  const std::string tls = "TLS (modbus+tls://)";
  command.add_option("--ca", options.tls.ca, "certificates of the authorities to trust, PEM")->group(tls);
  command.add_option("--cert", options.tls.certificate, "our certificate, PEM")->group(tls);
  command.add_option("--key", options.tls.key, "its private key, PEM, mode 0600")->group(tls);
  command
      .add_option("--server-name", options.tls.server_name,
                  "the name in the device's certificate, when it is not the host; '' takes any")
      ->group(tls);
}

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

Result<Target> parse_target(const TargetOptions& options) {
  auto address = modbus::parse_address(options.url);
  if (!address) return fail(std::move(address).error());
  Target target{.address = *address, .unit = address->unit.value_or(modbus::UnitId(1)), .tls = options.tls};
  if (!options.timeout.empty()) {
    const auto timeout = config::parse_duration(options.timeout);
    if (!timeout) return fail(Error(timeout.error()).in("--timeout"));
    if (*timeout <= 0s) return fail(ErrorKind::invalid_argument, "--timeout must be more than nothing");
    target.timeout = *timeout;
    target.timeout_given = true;
  }
  const TlsFiles& tls = target.tls;
  const bool any = !tls.ca.empty() || !tls.certificate.empty() || !tls.key.empty() || tls.server_name;
  if (address->transport != modbus::Transport::tls) {
    if (!any) return target;
    return fail(ErrorKind::invalid_argument, fmt::format("{} is not a TLS address", options.url),
                "--ca, --cert, --key and --server-name are for modbus+tls://");
  }
  std::vector<std::string_view> missing;
  if (tls.ca.empty()) missing.emplace_back("--ca");
  if (tls.certificate.empty()) missing.emplace_back("--cert");
  if (tls.key.empty()) missing.emplace_back("--key");
  if (!missing.empty()) {
    return fail(
        ErrorKind::invalid_argument, fmt::format("Modbus Security needs {}", fmt::join(missing, ", ")),
        "both sides show a certificate: ours (--cert, --key), and theirs must be issued by one of --ca");
  }
  return target;
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
  auto stream = co_await open();
  if (!stream) co_return fail(std::move(stream).error());
  const auto secured = co_await secure(std::move(*stream));
  if (!secured) co_return fail(secured.error());
  co_return Result<void>{};
}

io::Task<Result<modbus::ReplyPdu>> Link::ask(modbus::UnitId unit, modbus::Request request) {
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

namespace {

io::Task<void> keep_status(io::Task<int> tool, int& status) { status = co_await std::move(tool); }

}  // namespace

int run_tool(const Tool& tool) {
  Surroundings surroundings;
  int status = 1;
  surroundings.run(keep_status(tool(surroundings.network(), surroundings.files()), status));
  return status;
}

}  // namespace iw::gateway

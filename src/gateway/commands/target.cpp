#include "gateway/commands/target.hpp"

#include "config/rule.hpp"
#include "gateway/surroundings.hpp"

namespace iw::gateway {

void add_target_options(const Command& command, TargetOptions& options) {
  command
      .add_option(
          "URL", options.url,
          "modbus://HOST[:502]?unit=1, modbus+tls://HOST[:802], modbus+rtu://HOST:PORT (RTU over TCP), "
          "modbus+rtu:///dev/ttyUSB0?baud=9600&parity=even&unit=3")
      .required();
  command.add_option("--timeout", options.timeout,
                     "how long to wait for an answer: 500ms, 2s (otherwise 1s)");
  command.add_flag("--json", options.json, "the result as JSON");
  const std::string tls = "TLS (modbus+tls://)";
  command.add_option("--ca", options.tls.ca, "certificates of the authorities to trust, PEM").group(tls);
  command.add_option("--cert", options.tls.certificate, "our certificate, PEM").group(tls);
  command.add_option("--key", options.tls.key, "its private key, PEM, mode 0600").group(tls);
  command
      .add_option("--server-name", options.tls.server_name,
                  "the name in the device's certificate, when it is not the host; '' takes any")
      .group(tls);
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

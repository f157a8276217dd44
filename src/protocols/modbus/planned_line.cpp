#include "protocols/modbus/planned_line.hpp"

#include <algorithm>

#include "io/tls/stream.hpp"

namespace iw::modbus {
namespace {

io::Task<Result<io::StreamPtr>> connect_tls(io::StreamPtr stream, io::tls::TlsContext context,
                                            std::string server_name, io::Executor& executor,
                                            Instant deadline) {
  auto connected = co_await io::tls::tls_connect(std::move(stream), context, server_name, executor, deadline);
  if (!connected) co_return fail(std::move(connected).error());
  co_return std::move(*connected);
}

// The certificates are read when the line starts: a key that others may read is refused here.
Result<WrapStream> wrap_with(const TlsFiles& tls, const std::string& host,
                             const driver::Surroundings& surroundings) {
  const auto ca = surroundings.files.read(tls.ca);
  if (!ca) return fail(ca.error());
  const auto certificate = surroundings.files.read(tls.certificate);
  if (!certificate) return fail(certificate.error());
  const auto key = surroundings.files.read_secret(tls.key);
  if (!key) return fail(key.error());
  auto context = io::tls::make_client_context({.certificate_chain = *certificate,
                                               .private_key = *key,
                                               .trust_anchors = *ca,
                                               .ciphers = io::tls::CipherProfile::modbus_security});
  if (!context) return fail(std::move(context).error());
  io::Executor& executor = surroundings.network.executor();
  return WrapStream([context = *context, name = tls.server_name.value_or(host), &executor](
                        io::StreamPtr stream, Instant deadline) {
    return connect_tls(std::move(stream), context, name, executor, deadline);
  });
}

// A line whose certificates are wrong says so at each attempt to connect.
LineSettings ready(LineSettings settings, const std::optional<TlsFiles>& tls,
                   const driver::Surroundings& surroundings) {
  if (!tls) return settings;
  auto wrap = wrap_with(*tls, settings.address.endpoint.host, surroundings);
  if (!wrap) {
    const Error error = wrap.error();
    surroundings.log.error("{}: {}", settings.name, error.message);
    wrap = [error](io::StreamPtr, Instant) -> io::Task<Result<io::StreamPtr>> { co_return fail(error); };
  }
  settings.wrap = std::move(*wrap);
  return settings;
}

bool contains(const std::vector<PlannedDevice>& devices, const PlannedDevice& device) {
  return std::ranges::any_of(devices, [&](const PlannedDevice& other) {
    return other.device.id == device.device.id && other.fingerprint == device.fingerprint;
  });
}

}  // namespace

PlannedLine::PlannedLine(const ModbusLinePlan& plan, const driver::Surroundings& surroundings)
    : settings_(plan.settings()),
      tls_(plan.tls()),
      devices_(plan.devices()),
      line_(ready(settings_, tls_, surroundings),
            {surroundings.network, surroundings.random, surroundings.feed, surroundings.log}) {
  for (const PlannedDevice& planned : devices_)
    line_.add(planned.device);
}

void PlannedLine::end() {
  for (const PlannedDevice& planned : devices_)
    line_.remove(planned.device.id);
  line_.stop();
}

bool PlannedLine::follow(const driver::LinePlan& plan) {
  const auto* wanted = dynamic_cast<const ModbusLinePlan*>(&plan);
  if (wanted == nullptr || wanted->settings() != settings_ || wanted->tls() != tls_) return false;
  for (const PlannedDevice& old : devices_) {
    if (!contains(wanted->devices(), old)) line_.remove(old.device.id);
  }
  for (const PlannedDevice& device : wanted->devices()) {
    if (!contains(devices_, device)) line_.add(device.device);
  }
  devices_ = wanted->devices();
  return true;
}

bool PlannedLine::has(model::DeviceId device) const {
  return std::ranges::any_of(devices_,
                             [&](const PlannedDevice& planned) { return planned.device.id == device; });
}

std::vector<driver::RequestRecord> PlannedLine::recent_requests() const {
  std::vector<driver::RequestRecord> records = line_.requests().recent();
  for (driver::RequestRecord& record : records)
    record.function = to_string(FunctionCode{record.asked.function});
  return records;
}

driver::LineStatus PlannedLine::status() const {
  const LineCounters& counters = line_.counters();
  return {.url = settings_.name,
          .connected = line_.connected(),
          .devices = devices_.size(),
          .requests = counters.requests,
          .answers = counters.answers,
          .refusals = counters.exceptions,
          .timeouts = counters.timeouts,
          .spoiled = counters.spoiled,
          .late = line_.session_counters().strays,
          .connects = counters.connects,
          .connect_failures = counters.connect_failures,
          .skipped = line_.skipped(),
          .latency = line_.requests().latency()};
}

}  // namespace iw::modbus

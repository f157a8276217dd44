#include "protocols/modbus/planned_line.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "io/tls/credentials.hpp"
#include "io/tls/stream.hpp"

namespace iw::modbus {
namespace {

// The certificates of a line as they stand on the disk when a connection is made, so that new ones count
// from the next connection on. What is wrong with them is said at each attempt.
class Certificates {
 public:
  Certificates(TlsFiles at, io::Files& files) : at_(std::move(at)), files_(files) {}

  Result<io::tls::TlsContext> context() {
    auto ca = files_.read(at_.ca);
    if (!ca) return fail(std::move(ca).error());
    auto ours = io::tls::read_credentials(files_, {.certificate = at_.certificate, .key = at_.key});
    if (!ours) return fail(std::move(ours).error());
    io::tls::TlsSettings settings{.certificate_chain = std::move(ours->certificate_chain),
                                  .private_key = std::move(ours->private_key),
                                  .trust_anchors = std::move(*ca),
                                  .ciphers = io::tls::CipherProfile::modbus_security};
    if (context_ && settings == settings_) return *context_;
    auto made = io::tls::make_client_context(settings);
    if (!made) return made;
    settings_ = std::move(settings);
    context_ = *made;
    return made;
  }

 private:
  TlsFiles at_;
  io::Files& files_;
  io::tls::TlsSettings settings_;  // of the context
  std::optional<io::tls::TlsContext> context_;
};

io::Task<Result<io::StreamPtr>> connect_tls(io::StreamPtr stream, Result<io::tls::TlsContext> context,
                                            std::string server_name, io::Executor& executor,
                                            Instant deadline) {
  if (!context) co_return fail(std::move(context).error());
  auto connected =
      co_await io::tls::tls_connect(std::move(stream), *context, server_name, executor, deadline);
  if (!connected) co_return fail(std::move(connected).error());
  co_return std::move(*connected);
}

LineSettings ready(LineSettings settings, const std::optional<TlsFiles>& tls,
                   const driver::Surroundings& surroundings) {
  if (!tls) return settings;
  settings.wrap = [certificates = std::make_shared<Certificates>(*tls, surroundings.files),
                   name = tls->server_name.value_or(settings.address.endpoint.host),
                   &executor = surroundings.network.executor()](io::StreamPtr stream, Instant deadline) {
    return connect_tls(std::move(stream), certificates->context(), name, executor, deadline);
  };
  return settings;
}

// A profile that is loaded again gives another map, which says the same unless the profile was changed.
bool same_map(const LineDevice& a, const LineDevice& b) {
  return a.map == b.map || (a.map && b.map && *a.map == *b.map);
}

bool contains(const std::vector<PlannedDevice>& devices, const PlannedDevice& device) {
  return std::ranges::any_of(devices, [&](const PlannedDevice& other) {
    return other.device.id == device.device.id && other.fingerprint == device.fingerprint &&
           same_map(other.device, device.device);
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

const std::vector<PlannedDevice>* PlannedLine::wanted_by(const driver::LinePlan& plan) const {
  const auto* wanted = dynamic_cast<const ModbusLinePlan*>(&plan);
  if (wanted == nullptr || wanted->settings() != settings_ || wanted->tls() != tls_) return nullptr;
  return &wanted->devices();
}

bool PlannedLine::let_go(const driver::LinePlan& plan) {
  const auto* wanted = wanted_by(plan);
  if (wanted == nullptr) return false;
  const std::vector<PlannedDevice> before = std::exchange(devices_, {});
  for (const PlannedDevice& old : before) {
    if (contains(*wanted, old)) {
      devices_.push_back(old);
    } else {
      line_.remove(old.device.id);
    }
  }
  return true;
}

bool PlannedLine::follow(const driver::LinePlan& plan) {
  if (!let_go(plan)) return false;
  const auto* wanted = wanted_by(plan);
  for (const PlannedDevice& device : *wanted)
    if (!has(device.device.id)) line_.add(device.device);
  devices_ = *wanted;
  return true;
}

bool PlannedLine::has(model::DeviceId device) const {
  return std::ranges::any_of(devices_,
                             [&](const PlannedDevice& planned) { return planned.device.id == device; });
}

io::Task<Result<std::vector<std::byte>>> PlannedLine::ask_station(std::uint8_t station,
                                                                  std::vector<std::byte> question,
                                                                  Duration patience) {
  const auto request = decode_request(question);
  if (!request) co_return fail(ErrorKind::invalid_argument, "the question is no request of Modbus");
  const auto reply = co_await line_.ask(UnitId(station), *request, Turn::between_polls, patience);
  if (!reply) co_return fail(reply.error());
  co_return std::vector<std::byte>(reply->bytes().begin(), reply->bytes().end());
}

std::vector<driver::RequestRecord> PlannedLine::recent_requests() const {
  std::vector<driver::RequestRecord> records = line_.recent_requests();
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
          .latency = line_.latency()};
}

}  // namespace iw::modbus

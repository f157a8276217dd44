#include "gateway/field.hpp"

#include <algorithm>

#include "io/tls/stream.hpp"

namespace iw::gateway {
namespace {

io::Task<Result<io::StreamPtr>> connect_tls(io::StreamPtr stream, io::tls::TlsContext context,
                                            std::string server_name, io::Executor& executor,
                                            Instant deadline) {
  auto connected = co_await io::tls::tls_connect(std::move(stream), context, server_name, executor, deadline);
  if (!connected) co_return fail(std::move(connected).error());
  co_return std::move(*connected);
}

}  // namespace

struct Field::Running {
  Running(LinePlan p, const modbus::Line::Surroundings& surroundings)
      : plan(std::move(p)), line(plan.settings, surroundings) {}

  LinePlan plan;
  modbus::Line line;
  bool ending = false;
};

Field::Field(io::Network& network, io::Random& random, io::Files& files, bus::Feed& feed, Log& log)
    : network_(network), random_(random), files_(files), feed_(feed), log_(log), tasks_(network.executor()) {}

Field::~Field() = default;

void Field::apply(const std::vector<LinePlan>& plans) {
  const auto same_line = [](const LinePlan& a, const LinePlan& b) {
    return a.url == b.url && a.settings == b.settings && a.tls == b.tls;
  };
  const std::vector<std::shared_ptr<Running>> before = lines_;
  for (const auto& running : before) {
    const auto kept =
        std::ranges::find_if(plans, [&](const LinePlan& plan) { return same_line(plan, running->plan); });
    if (kept == plans.end()) {
      end(*running);
    } else {
      change_devices(*running, *kept);
    }
  }
  for (const LinePlan& plan : plans) {
    const auto runs = [&](const auto& running) { return !running->ending && running->plan.url == plan.url; };
    if (std::ranges::none_of(lines_, runs)) start(plan);
  }
}

void Field::change_devices(Running& line, const LinePlan& plan) {
  const auto unchanged = [](const std::vector<PlannedDevice>& others, const PlannedDevice& device) {
    return std::ranges::any_of(others, [&](const PlannedDevice& other) {
      return other.device.id == device.device.id && other.fingerprint == device.fingerprint;
    });
  };
  for (const PlannedDevice& old : line.plan.devices) {
    if (!unchanged(plan.devices, old)) line.line.remove(old.device.id);
  }
  for (const PlannedDevice& wanted : plan.devices) {
    if (!unchanged(line.plan.devices, wanted)) line.line.add(wanted.device);
  }
  line.plan.devices = plan.devices;
}

void Field::start(const LinePlan& plan) {
  LinePlan ready = plan;
  if (plan.tls) {
    auto wrap = wrap_of(plan);
    if (!wrap) {
      const Error error = wrap.error();
      log_.error("{}: {}", plan.url, error.message);
      wrap = [error](io::StreamPtr, Instant) -> io::Task<Result<io::StreamPtr>> { co_return fail(error); };
    }
    ready.settings.wrap = *wrap;
  }
  const modbus::Line::Surroundings surroundings{network_, random_, feed_, log_};
  auto line = std::make_shared<Running>(std::move(ready), surroundings);
  for (const PlannedDevice& planned : plan.devices)
    line->line.add(planned.device);
  lines_.push_back(line);
  tasks_.spawn(run(line));
}

// The certificates are read when the line starts: a key that others may read is refused here.
Result<modbus::WrapStream> Field::wrap_of(const LinePlan& plan) const {
  const auto ca = files_.read(plan.tls->ca);
  if (!ca) return fail(ca.error());
  const auto certificate = files_.read(plan.tls->certificate);
  if (!certificate) return fail(certificate.error());
  const auto key = files_.read_secret(plan.tls->key);
  if (!key) return fail(key.error());
  auto context = io::tls::make_client_context({.certificate_chain = *certificate,
                                               .private_key = *key,
                                               .trust_anchors = *ca,
                                               .ciphers = io::tls::CipherProfile::modbus_security});
  if (!context) return fail(std::move(context).error());
  const std::string name = plan.tls->server_name.value_or(plan.settings.address.endpoint.host);
  io::Executor& executor = network_.executor();
  return modbus::WrapStream([context = *context, name, &executor](io::StreamPtr stream, Instant deadline) {
    return connect_tls(std::move(stream), context, name, executor, deadline);
  });
}

void Field::end(Running& line) {
  line.ending = true;
  for (const PlannedDevice& planned : line.plan.devices)
    line.line.remove(planned.device.id);
  line.line.stop();
}

io::Task<void> Field::run(std::shared_ptr<Running> line) {
  co_await line->line.run();
  std::erase(lines_, line);
}

io::Task<void> Field::stop() {
  const std::vector<std::shared_ptr<Running>> all = lines_;
  for (const auto& running : all)
    running->line.stop();
  co_await tasks_.join();
}

io::Task<model::WriteResult> Field::write(model::WriteCommand command) {
  for (const auto& running : lines_) {
    const auto has = [&](const PlannedDevice& planned) { return planned.device.id == command.point.device; };
    if (running->ending || std::ranges::none_of(running->plan.devices, has)) continue;
    const std::shared_ptr<Running> line = running;  // lives as long as the write
    co_return co_await line->line.write(std::move(command));
  }
  co_return model::WriteResult{.id = command.id,
                               .state = model::WriteState::refused,
                               .error = Error{ErrorKind::not_found, "no line has this device"}};
}

std::vector<Field::LineStatus> Field::status() const {
  std::vector<LineStatus> all;
  for (const auto& running : lines_) {
    all.push_back({.url = running->plan.url,
                   .connected = running->line.connected(),
                   .devices = running->plan.devices.size(),
                   .counters = running->line.counters(),
                   .session = running->line.session_counters(),
                   .skipped = running->line.skipped()});
  }
  return all;
}

}  // namespace iw::gateway

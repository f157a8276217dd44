#include "commissioning/trial.hpp"

#include <algorithm>
#include <array>

#include "protocols/sunspec/map.hpp"

namespace iw::commissioning {
namespace {

using modbus::ExceptionCode;
using modbus::Transport;
using modbus::UnitId;

// Where devices are when they are not at the unit that was asked: as delivered, or as Modbus TCP recommends.
constexpr std::array<std::uint8_t, 10> likely_units{1, 255, 2, 3, 247, 126, 100, 10, 200, 240};

// Any device understands it; whatever it answers, it has answered.
constexpr modbus::ReadRegisters first_question{
    .table = modbus::Table::holding_registers, .address = 0, .count = 1};

bool is_network(const modbus::Address& address) { return address.transport != Transport::serial; }

class Test {
 public:
  Test(Link& link, TrialSettings settings)
      : link_(link), settings_(std::move(settings)), target_(link.target()), unit_(link, target_.unit) {}

  io::Task<Trial> run() {
    if (settings_.profile != nullptr) link_.adapt_to(settings_.profile->connection);
    const bool connected = co_await connect();
    if (!connected) co_return std::move(trial_);
    if (stopped()) co_return std::move(trial_);
    const bool answers = co_await session();
    if (!answers || stopped()) co_return std::move(trial_);
    co_await identity();
    if (!stopped()) co_await values();
    co_return std::move(trial_);
  }

 private:
  [[nodiscard]] bool stopped() const { return settings_.stopped && settings_.stopped(); }
  void begin(std::string_view doing) {
    began_ = link_.executor().now();
    if (settings_.on_wait) settings_.on_wait(doing);
  }
  void end(std::string_view name, StageState state, std::string detail, std::string remedy = {}) {
    const Instant now = link_.executor().now();
    trial_.stages.push_back({.name = name,
                             .state = state,
                             .took = now - began_,
                             .detail = std::move(detail),
                             .remedy = std::move(remedy)});
    began_ = now;
    if (settings_.on_stage) settings_.on_stage(trial_.stages.back());
  }

  // ---- route, port, tls

  io::Task<bool> connect() {
    begin("connecting");
    if (link_.has_owner()) {
      end("port", StageState::passed,
          fmt::format("{} is polled by the gateway: asked between its polls",
                      modbus::line_url(target_.address)));
      co_return true;
    }
    auto stream = co_await link_.open();
    if (!stream) {
      end_unconnected(stream.error());
      co_return false;
    }
    if (is_network(target_.address)) {
      end("route", StageState::passed, fmt::format("{} is reached", target_.address.endpoint.host));
      end("port", StageState::passed,
          fmt::format("port {} takes connections", target_.address.endpoint.port));
    } else {
      end("port", StageState::passed, fmt::format("{} is ours", target_.address.serial.device));
    }
    auto secured = co_await link_.secure(std::move(*stream));
    if (!secured) {
      end("tls", StageState::failed, secured.error().message, secured.error().remedy);
      co_return false;
    }
    if (!secured->empty()) end("tls", StageState::passed, *secured);
    co_return true;
  }

  void end_unconnected(const Error& error) {
    if (!is_network(target_.address)) return end("port", StageState::failed, error.message, error.remedy);
    const io::Endpoint& to = target_.address.endpoint;
    switch (error.kind) {
      case ErrorKind::refused:
        end("route", StageState::passed, fmt::format("{} is reached", to.host));
        return end("port", StageState::failed,
                   fmt::format("{} refuses connections to port {}", to.host, to.port),
                   fmt::format(
                       "switch Modbus TCP on in the device, or find its port ({} is usual); if it serves one "
                       "client at a time, end the other one",
                       target_.address.transport == Transport::tls ? modbus::tls_port : modbus::tcp_port));
      case ErrorKind::reset:
      case ErrorKind::closed:
        end("route", StageState::passed, fmt::format("{} is reached", to.host));
        return end("port", StageState::failed, error.message, error.remedy);
      default: return end("route", StageState::failed, error.message, error.remedy);
    }
  }

  // ---- session

  io::Task<bool> session() {
    constexpr int attempts = 3;  // some devices ignore what comes right after connecting
    begin(fmt::format("waiting for unit {}", target_.unit.value()));
    Error error;
    for (int i = 0; i < attempts; ++i) {
      const auto reply = co_await link_.ask(target_.unit, first_question);
      if (reply) {
        const bool answered = co_await judge(first_answer(reply->bytes()));
        co_return answered;
      }
      error = reply.error();
      if (error.kind != ErrorKind::timeout) break;
    }
    if (error.kind == ErrorKind::timeout) {
      const std::string elsewhere = co_await look_elsewhere();
      end("session", StageState::failed,
          fmt::format("connected, but unit {} does not answer ({} attempts)", target_.unit.value(), attempts),
          elsewhere);
    } else if (error.kind == ErrorKind::malformed) {
      end("session", StageState::failed, error.message, other_framing());
    } else {
      end("session", StageState::failed, error.message,
          "the device hung up on the first question: it may allow only known addresses, one client at a "
          "time, or TLS");
    }
    co_return false;
  }

  // The exception in the first answer, if it was one.
  static std::optional<ExceptionCode> first_answer(Bytes pdu) {
    const auto response = modbus::decode_response(first_question, pdu);
    const auto* exception = response ? std::get_if<modbus::ExceptionResponse>(&*response) : nullptr;
    return exception != nullptr ? std::optional(exception->code) : std::nullopt;
  }

  io::Task<bool> judge(std::optional<ExceptionCode> exception) {
    if (!exception) {
      end("session", StageState::passed, fmt::format("unit {} answers", target_.unit.value()));
      co_return true;
    }
    if (*exception != ExceptionCode::gateway_path_unavailable &&
        *exception != ExceptionCode::gateway_target_failed_to_respond) {
      end("session", StageState::passed,
          fmt::format("unit {} answers ({}, and any answer will do)", target_.unit.value(),
                      modbus::to_string(*exception)));
      co_return true;
    }
    const std::string elsewhere = co_await look_elsewhere();
    end("session", StageState::failed,
        fmt::format("the gateway answers, unit {} behind it does not: {}", target_.unit.value(),
                    modbus::explain(*exception)),
        elsewhere);
    co_return false;
  }

  // The unit is silent: who is there instead?
  io::Task<std::string> look_elsewhere() {
    std::vector<std::string> asked;
    for (const std::uint8_t id : likely_units) {
      if (stopped()) break;
      const UnitId unit(id);
      if (unit == target_.unit || (id == 255 && !is_network(target_.address))) continue;
      if (settings_.on_wait)
        settings_.on_wait(fmt::format("unit {} is silent; asking unit {}", target_.unit.value(), id));
      asked.push_back(fmt::format("{}", id));
      const auto reply = co_await link_.ask(unit, first_question);
      if (!reply) {
        if (reply.error().kind == ErrorKind::timeout) continue;
        break;
      }
      const auto exception = first_answer(reply->bytes());
      if (exception == ExceptionCode::gateway_path_unavailable ||
          exception == ExceptionCode::gateway_target_failed_to_respond) {
        continue;
      }
      co_return fmt::format("unit {} answers: interwatt try '{}'", id, target_.url(unit));
    }
    std::string remedy = fmt::format(
        "units {} are silent too; is the unit id right (interwatt scan --units all finds "
        "it), and is the device switched on?",
        fmt::join(asked, ", "));
    if (target_.address.transport == Transport::serial) {
      remedy += " check baud rate, parity, and that A and B are not swapped";
    } else {
      remedy += " " + other_framing();
    }
    co_return remedy;
  }

  [[nodiscard]] std::string other_framing() const {
    modbus::Address other = target_.address;
    switch (target_.address.transport) {
      case Transport::tcp: other.transport = Transport::rtu_over_tcp; break;
      case Transport::rtu_over_tcp: other.transport = Transport::tcp; break;
      default: return "does the device speak Modbus here?";
    }
    return fmt::format("serial device servers often speak the other framing: interwatt try '{}?unit={}'",
                       modbus::line_url(other), target_.unit.value());
  }

  // ---- identity, values

  io::Task<void> identity() {
    begin("asking who it is");
    trial_.identification = co_await identify(unit_, settings_.catalogue);
    const Identification& found = trial_.identification;
    std::vector<std::string> words;
    if (std::string who = describe(found.identity()); !who.empty()) words.push_back(std::move(who));
    if (found.chain)
      words.push_back(fmt::format("SunSpec at {}: {}", found.chain->base, list_models(*found.chain)));
    if (!found.profiles.empty()) words.push_back("looks like " + list_profiles());
    if (words.empty()) {
      co_return end("identity", StageState::nothing, "the device does not say who it is",
                    "that is usual for meters; look at its label, and at: interwatt profiles");
    }
    end("identity", StageState::passed, fmt::format("{}", fmt::join(words, "; ")));
  }

  [[nodiscard]] std::string list_profiles() const {
    std::vector<std::string_view> ids;
    ids.reserve(trial_.identification.profiles.size());
    for (const modbus::Profile* profile : trial_.identification.profiles)
      ids.push_back(profile->id);
    return fmt::format("{}", fmt::join(ids, " or "));
  }

  io::Task<void> values() {
    const Identification& found = trial_.identification;
    modbus::RegisterMap map;
    std::string with = "SunSpec";
    if (found.chain && settings_.profile == nullptr) map = sunspec::make_map(*found.chain);
    if (settings_.sunspec && map.points.empty()) {
      co_return end("values", StageState::failed,
                    found.chain ? "none of its SunSpec models is known" : found.why_no_chain,
                    "find a profile for it: interwatt profiles");
    }
    if (map.points.empty()) {
      trial_.profile = settings_.profile;
      if (trial_.profile == nullptr && !found.profiles.empty()) trial_.profile = found.profiles.front();
      if (trial_.profile == nullptr) {
        co_return end("values", StageState::nothing, "nothing says how to read its registers",
                      "try a profile (interwatt profiles; try --profile ID), or look at the registers "
                      "(interwatt scan --registers 0-199)");
      }
      map = trial_.profile->map;
      with = trial_.profile->id;
      link_.adapt_to(trial_.profile->connection);
    }
    begin("reading values");
    trial_.readings = co_await read_points(unit_, std::move(map));
    const Readings& readings = *trial_.readings;
    const std::string detail =
        fmt::format("{} of {} points are good, read with {}", readings.good(), readings.points.size(), with);
    if (!readings.error && readings.good() > 0) co_return end("values", StageState::passed, detail);
    const bool some = readings.error && readings.good() > 0;
    const std::string why = some ? fmt::format("{}; a read failed: {}", detail, readings.error->message)
                            : readings.error ? readings.error->message
                                             : detail;
    end("values", StageState::failed, why,
        readings.error && !readings.error->remedy.empty() ? readings.error->remedy
                                                          : "is it the right profile, and the right unit?");
  }

  Link& link_;
  TrialSettings settings_;
  Target target_;
  LinkUnit unit_;
  Trial trial_;
  Instant began_{};
};

}  // namespace

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

std::string_view to_string(StageState state) {
  switch (state) {
    case StageState::passed: return "passed";
    case StageState::nothing: return "nothing";
    case StageState::failed: return "failed";
  }
  return "";
}

bool Trial::ok() const {
  return std::ranges::none_of(stages, [](const Stage& stage) { return stage.state == StageState::failed; });
}

io::Task<Trial> run_trial(Link& link, TrialSettings settings) {
  Test test(link, std::move(settings));
  co_return co_await test.run();
}

}  // namespace iw::commissioning

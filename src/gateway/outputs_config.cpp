#include "gateway/outputs_config.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/ranges.h>

#include "connectors/http_target.hpp"
#include "connectors/influx/writer.hpp"
#include "connectors/prometheus/remote_write.hpp"
#include "driver/section.hpp"
#include "io/tls/context.hpp"

namespace iw::gateway {

using namespace config;  // the tables below read better without it at every word

namespace {

constexpr std::array values_words{Word<OutputValues>{"all", OutputValues::all},
                                  Word<OutputValues>{"changes", OutputValues::changes}};
constexpr std::array when_full_words{
    Word<connectors::WhenFull>{"drop_oldest", connectors::WhenFull::drop_oldest},
    Word<connectors::WhenFull>{"drop_newest", connectors::WhenFull::drop_newest}};

// Where Debian keeps the authorities that everybody believes.
constexpr std::string_view system_authorities = "/etc/ssl/certs/ca-certificates.crt";

// A text file's text: an editor ends the last line.
std::string without_line_feed(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.pop_back();
  return text;
}

bool is_printable(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

class Planner {
 public:
  using Beside = std::function<std::string(const std::string&)>;

  Planner(const Beside& beside, io::Files& files, Findings& findings)
      : beside_(beside), files_(files), findings_(findings) {}

  std::optional<OutputPlan> plan(const OutputSection& section) {
    const std::size_t errors = findings_.errors();
    OutputPlan plan{.points = section.points,
                    .values = section.values,
                    .every = section.every,
                    .forwarder = {.name = section.name.empty() ? kind_of(section) : section.name,
                                  .capacity = section.queue,
                                  .when_full = section.when_full},
                    .fill_rate = section.fill_rate,
                    .make = {},
                    .identity = {}};
    if (section.prometheus.has_value() == section.influx.has_value()) {
      findings_.error(section.place->place(), "an output is one of prometheus, influx",
                      "give each an entry of its own under outputs:");
    } else if (section.prometheus) {
      plan_remote_write(section, plan);
    } else {
      plan_influx(section, plan);
    }
    if (!names_.insert(plan.forwarder.name).second) {
      findings_.error(driver::place_of(*section.place, "name"),
                      fmt::format("the output '{}' is there twice", plan.forwarder.name), "give it a name:");
    }
    if (findings_.errors() != errors) return std::nullopt;
    return plan;
  }

 private:
  static std::string kind_of(const OutputSection& section) {
    return section.influx ? "influx" : "prometheus";
  }

  void plan_remote_write(const OutputSection& section, OutputPlan& plan) {
    auto target = target_of(section, section.prometheus->url, section.prometheus->token, "Bearer", plan);
    plan.make = [target = std::move(target)](io::Network& network) {
      return std::make_unique<connectors::prometheus::RemoteWrite>(network, target);
    };
  }

  void plan_influx(const OutputSection& section, OutputPlan& plan) {
    connectors::influx::check(*section.influx, findings_);
    auto target = target_of(section, connectors::influx::write_url(*section.influx), section.influx->token,
                            "Token", plan);
    plan.make = [target = std::move(target)](io::Network& network) {
      return std::make_unique<connectors::influx::Writer>(network, target);
    };
  }

  connectors::HttpTargetSettings target_of(const OutputSection& section, const wire::http::Url& url,
                                           const std::string& token_file, std::string_view scheme,
                                           OutputPlan& plan) {
    connectors::HttpTargetSettings target{.url = url};
    std::string token;
    if (!token_file.empty()) {
      token = read_token(*section.place, token_file);
      target.headers.add("Authorization", fmt::format("{} {}", scheme, token));
    }
    std::string authorities;
    if (url.tls) {
      authorities = read_authorities(section);
      target.tls = tls_of(section, authorities);
    }
    plan.identity =
        fmt::format("{}", fmt::join({kind_of(section), plan.forwarder.name, to_string(url), token,
                                     authorities, fmt::format("{}", fmt::join(plan.points, " ")),
                                     fmt::format("{} {} {} {} {}", static_cast<int>(plan.values),
                                                 plan.every.count(), plan.forwarder.capacity,
                                                 static_cast<int>(plan.forwarder.when_full), plan.fill_rate)},
                                    "\n"));
    return target;
  }

  std::string read_token(const Value& place, const std::string& file) {
    const auto secret = files_.read_secret(beside_(file));
    if (!secret) {
      findings_.error(place.place(), secret.error().message, secret.error().remedy);
      return {};
    }
    std::string token = without_line_feed(*secret);
    if (!is_printable(token))
      findings_.error(place.place(), fmt::format("{} holds no token: one line without blanks", file));
    return token;
  }

  std::string read_authorities(const OutputSection& section) {
    const std::string file = section.ca.empty() ? std::string(system_authorities) : beside_(section.ca);
    auto text = files_.read(file);
    if (text) return std::move(*text);
    findings_.error(driver::place_of(*section.place, "ca"), text.error().message,
                    section.ca.empty()
                        ? "install ca-certificates, or name the authority of the server with ca:"
                        : text.error().remedy);
    return {};
  }

  std::optional<io::tls::TlsContext> tls_of(const OutputSection& section, const std::string& authorities) {
    if (authorities.empty()) return std::nullopt;
    auto context = io::tls::make_client_context({.trust_anchors = authorities});
    if (context) return *context;
    findings_.error(driver::place_of(*section.place, "ca"), context.error().message, context.error().remedy);
    return std::nullopt;
  }

  const Beside& beside_;
  io::Files& files_;
  Findings& findings_;
  std::set<std::string> names_;
};

}  // namespace

const Record<OutputSection>& output_record() {
  using O = OutputSection;
  static const auto record =
      Record<O>()
          .optional("name", &O::name, text(), "in events and metrics; what it is, when left out")
          .optional("points", &O::points, list_of<std::string>(text()),
                    "paths with wildcards, for example '*/ActivePower'; all when left out")
          .optional("values", &O::values, one_of(values_words),
                    "all, or only what moved by more than its deadband")
          .optional("every", &O::every, duration(100ms, 1h), "what came in this time goes in one message")
          .optional("queue", &O::queue, integer(1'000, 100'000'000),
                    "samples that wait at most while the other side is away, 24 bytes each")
          .optional("when_full", &O::when_full, one_of(when_full_words), "which of them go then")
          .optional("fill_rate", &O::fill_rate, integer(0, 10'000'000),
                    "samples a second that are delivered later, from the history, of what was missed; 0: it "
                    "is lost")
          .optional("ca", &O::ca, text(),
                    "of an https url: file with the authorities that are believed (PEM); those of the system "
                    "when left out")
          .optional("prometheus", &O::prometheus, connectors::prometheus::section_record(),
                    "Prometheus remote write 1.0")
          .optional("influx", &O::influx, connectors::influx::section_record(),
                    "InfluxDB line protocol over HTTP")
          .place(&O::place);
  return record;
}

std::vector<OutputPlan> plan_outputs(const std::vector<OutputSection>& sections,
                                     const std::function<std::string(const std::string&)>& beside,
                                     io::Files& files, Findings& findings) {
  Planner planner(beside, files, findings);
  std::vector<OutputPlan> plans;
  for (const OutputSection& section : sections)
    if (auto plan = planner.plan(section)) plans.push_back(std::move(*plan));
  return plans;
}

}  // namespace iw::gateway

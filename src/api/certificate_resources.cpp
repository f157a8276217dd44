// The certificates that the gateway shows to others and those of whom it trusts: how they are, and new ones.

#include <algorithm>

#include "api/blocking.hpp"
#include "api/body.hpp"
#include "api/gatekeeper.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "gateway/certificate_files.hpp"
#include "gateway/live_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using gateway::CertificateFile;
using gateway::CertificateReport;
using security::Role;

std::string_view to_string(CertificateFile::User user) {
  switch (user) {
    case CertificateFile::User::api: return "api";
    case CertificateFile::User::line: return "line";
    case CertificateFile::User::output: return "output";
  }
  return "";
}

Json certificate_json(const io::tls::Certificate& certificate, WallTime now) {
  const auto left = std::chrono::floor<std::chrono::days>(certificate.not_after - now);
  return {{"subject", certificate.subject},
          {"issuer", certificate.issuer},
          {"names", certificate.names},
          {"serial", certificate.serial},
          {"sha256", certificate.sha256},
          {"key", certificate.key},
          {"not_before", gateway::format_time(certificate.not_before)},
          {"not_after", gateway::format_time(certificate.not_after)},
          {"days_left", left.count()},
          {"state", gateway::to_string(gateway::state_of(certificate, now))},
          {"is_authority", certificate.is_authority},
          {"signs_itself", certificate.signs_itself}};
}

Json file_json(const CertificateReport& report, WallTime now) {
  const CertificateFile& file = report.of;
  Json used_by = Json::array();
  for (const CertificateFile::Use& use : file.used_by)
    used_by.push_back({{"user", to_string(use.user)}, {"name", use.name}});
  Json certificates = Json::array();
  for (const io::tls::Certificate& certificate : report.certificates)
    certificates.push_back(certificate_json(certificate, now));
  return {{"file", file.file},
          {"key_file", file.is_ours() ? Json(file.key) : Json(nullptr)},
          {"used_by", std::move(used_by)},
          {"state", report.error ? "unusable" : gateway::to_string(gateway::state_of(report, now))},
          {"says", report.error ? report.error->message : ""},
          {"remedy", report.error ? report.error->remedy : ""},
          {"certificates", std::move(certificates)}};
}

io::Task<Response> list_certificates(Surroundings on) {
  auto reports =
      co_await run_blocking(on.network.executor(), on.blocking,
                            [&files = on.files, all = gateway::certificate_files(on.gateway.config())] {
                              std::vector<CertificateReport> seen;
                              seen.reserve(all.size());
                              for (const CertificateFile& file : all)
                                seen.push_back(gateway::look_at(file, files));
                              return seen;
                            });
  const WallTime now = on.network.executor().clock().wall_now();
  Json items = Json::array();
  for (const CertificateReport& report : reports)
    items.push_back(file_json(report, now));
  co_return json_answer({{"items", std::move(items)}});
}

// Only files that are in use: no other can be written from here.
Result<CertificateFile> file_of(const Surroundings& on, const Call& call) {
  if (auto known = only(call.target, {"file"}); !known) return fail(std::move(known).error());
  const std::string name = text_of(call.target, "file");
  const auto all = gateway::certificate_files(on.gateway.config());
  const auto found = std::ranges::find(all, name, &CertificateFile::file);
  if (found != all.end()) return *found;
  return fail(ErrorKind::not_found, fmt::format("no certificate in use is in the file '{}'", name),
              "GET /api/v1/certificates lists those that are");
}

security::AuditEntry entry(Gatekeeper& gate, const Call& call, const CertificateReport& report) {
  const io::tls::Certificate& first = report.certificates.front();
  return {.time = gate.wall_now(),
          .actor = gate.who(call)->name,
          .action = "certificate",
          .subject = report.of.file,
          .outcome = "accepted",
          .detail = fmt::format("{} until {}, SHA-256 {}", first.subject,
                                gateway::format_time(first.not_after), first.sha256)};
}

io::Task<Response> replace_certificate(Surroundings on, Gatekeeper& gate, const Call& call) {
  if (!on.certificate_replaced) {
    co_return problem(Status::not_found, "the certificates of this gateway can not be replaced from here",
                      "put the files in their place on the gateway");
  }
  const auto file = file_of(on, call);
  if (!file) co_return problem(file.error());
  Json body;
  if (auto refusal = read_body(call, {"certificate", "key"}, body)) co_return *refusal;
  const auto certificate = text_field(body, "certificate");
  if (!certificate) co_return problem(certificate.error());
  const auto key = text_field(body, "key", "");
  if (!key) co_return problem(key.error());
  const WallTime now = gate.wall_now();
  const auto checked = co_await run_blocking(on.network.executor(), on.blocking, [&] {
    return gateway::check_new(*file, *certificate, *key, now, on.files);
  });
  if (!checked) co_return problem(checked.error());
  if (auto recorded = co_await gate.record(entry(gate, call, checked->report)); !recorded)
    co_return problem(recorded.error());
  const auto replaced = co_await run_blocking(on.network.executor(), on.blocking,
                                              [&] { return gateway::put_in_place(*checked, on.files); });
  if (!replaced) co_return problem(replaced.error());
  on.certificate_replaced();
  co_return json_answer(file_json(checked->report, now));
}

}  // namespace

void add_certificates(Routes& routes, Surroundings on, Gatekeeper& gate) {
  routes.get_waiting("/api/v1/certificates", [on](const Call& /*call*/) { return list_certificates(on); });
  routes.on(Role::admin, "PUT", "/api/v1/certificates",
            [on, &gate](const Call& call) { return replace_certificate(on, gate, call); });
}

}  // namespace iw::api

#include "gateway/certificate_files.hpp"

#include <algorithm>
#include <array>

#include "config/beside.hpp"
#include "gateway/api_tls.hpp"
#include "gateway/line_plan.hpp"
#include "gateway/live_json.hpp"

namespace iw::gateway {
namespace {

using io::tls::Certificate;

void add(std::vector<CertificateFile>& all, std::string file, std::string key, CertificateFile::Use use) {
  const auto known = std::ranges::find_if(
      all, [&](const CertificateFile& other) { return other.file == file && other.key == key; });
  if (known == all.end()) {
    all.push_back({.file = std::move(file), .key = std::move(key), .used_by = {std::move(use)}});
  } else if (std::ranges::find(known->used_by, use) == known->used_by.end()) {
    known->used_by.push_back(std::move(use));
  }
}

std::string when(WallTime time) { return format_time(time); }

CertificateTrouble bad(const CertificateReport& report, std::string_view why, std::string remedy = {}) {
  return {.kind = events::Kind::certificate_bad,
          .cause = {.message = fmt::format("{}: {}", report.of.file, why), .remedy = std::move(remedy)}};
}

// The one that decides how its file is: see state_of().
const Certificate& deciding(const CertificateReport& report) {
  const auto by_end = [](const Certificate& a, const Certificate& b) { return a.not_after < b.not_after; };
  return report.of.is_ours() ? *std::ranges::min_element(report.certificates, by_end)
                             : *std::ranges::max_element(report.certificates, by_end);
}

Result<void> usable(const CertificateReport& report, WallTime now) {
  const Certificate& one = deciding(report);
  switch (state_of(one, now)) {
    case CertificateState::good:
    case CertificateState::ends_soon: return {};
    case CertificateState::not_yet_valid:
      return fail(ErrorKind::invalid_argument,
                  fmt::format("{} is not valid before {}", one.subject, when(one.not_before)),
                  "wait until then; or is the clock of this machine wrong?");
    case CertificateState::ended: break;
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("{} has ended on {}", one.subject, when(one.not_after)),
              "put in one that holds; or is the clock of this machine wrong?");
}

}  // namespace

std::vector<CertificateFile> certificate_files(const LoadedConfig& config) {
  using User = CertificateFile::User;
  std::vector<CertificateFile> all;
  if (const auto api = api_tls_files(config); api && config.site.api.enabled)
    add(all, api->certificate, api->key, {.user = User::api, .name = {}});
  DeviceIds ids;
  for (const driver::LinePlanPtr& line : plan_lines(config, ids)) {
    for (driver::CertificateFile& file : line->certificates())
      add(all, std::move(file.file), std::move(file.key), {.user = User::line, .name = line->url()});
  }
  for (std::size_t i = 0; i < config.site.outputs.size() && i < config.outputs.size(); ++i) {
    const std::string& authorities = config.site.outputs[i].ca;
    if (authorities.empty()) continue;
    add(all, config::beside(config.document.file(), authorities), "",
        {.user = User::output, .name = config.outputs[i].forwarder.name});
  }
  return all;
}

std::string_view to_string(CertificateState state) {
  constexpr std::array<std::string_view, 4> names{"good", "ends_soon", "not_yet_valid", "ended"};
  return names[static_cast<std::size_t>(state)];
}

CertificateState state_of(const Certificate& certificate, WallTime now) {
  constexpr Duration longest_warning = std::chrono::days(30);
  if (now > certificate.not_after) return CertificateState::ended;
  if (now < certificate.not_before) return CertificateState::not_yet_valid;
  const Duration life = certificate.not_after - certificate.not_before;
  const bool soon = certificate.not_after - now < std::min(longest_warning, life / 4);
  return soon ? CertificateState::ends_soon : CertificateState::good;
}

CertificateState state_of(const CertificateReport& report, WallTime now) {
  return state_of(deciding(report), now);
}

CertificateReport look_at(const CertificateFile& file, io::Files& files) {
  CertificateReport report{.of = file, .certificates = {}, .error = {}};
  auto text = files.read(file.file);
  if (file.is_ours()) {
    auto ours = io::tls::read_credentials(files, {.certificate = file.file, .key = file.key});
    if (!ours) report.error = ours.error();
    if (ours) text = std::move(ours->certificate_chain);
  }
  if (!text) {
    report.error = text.error();
    return report;
  }
  auto certificates = io::tls::read_certificates(*text);
  if (certificates) report.certificates = std::move(*certificates);
  if (!certificates && !report.error) report.error = certificates.error();
  return report;
}

std::optional<CertificateTrouble> trouble_of(const CertificateReport& report, WallTime now) {
  if (report.error) return bad(report, report.error->message, report.error->remedy);
  if (auto right = usable(report, now); !right) return bad(report, right.error().message);
  if (state_of(report, now) != CertificateState::ends_soon) return std::nullopt;
  const Certificate& one = deciding(report);
  return CertificateTrouble{.kind = events::Kind::certificate_ends,
                            .cause = {.message = fmt::format("{}: {} ends on {}", report.of.file, one.subject,
                                                             when(one.not_after))}};
}

Result<NewCertificate> check_new(const CertificateFile& file, std::string certificates, std::string key,
                                 WallTime now, io::Files& files) {
  auto read = io::tls::read_certificates(certificates);
  if (!read) return fail(std::move(read).error());
  NewCertificate made{.report = {.of = file, .certificates = std::move(*read), .error = {}},
                      .with = {.certificate_chain = std::move(certificates), .private_key = std::move(key)}};
  if (auto right = usable(made.report, now); !right) return fail(std::move(right).error());
  if (!file.is_ours()) {
    if (made.with.private_key.empty()) return made;
    return fail(ErrorKind::invalid_argument, "whom we trust has no key here",
                "send its certificates only: its private key must stay where it is");
  }
  if (made.with.private_key.empty()) {
    auto kept = files.read_secret(file.key);
    if (!kept) return fail(std::move(kept).error());
    made.with.private_key = std::move(*kept);
  }
  if (auto right = io::tls::check(made.with); !right) return fail(std::move(right).error());
  return made;
}

Result<void> put_in_place(const NewCertificate& certificate, io::Files& files) {
  const CertificateFile& at = certificate.report.of;
  if (!at.is_ours()) return files.replace(at.file, certificate.with.certificate_chain);
  return io::tls::replace_credentials(files, {.certificate = at.file, .key = at.key}, certificate.with);
}

}  // namespace iw::gateway

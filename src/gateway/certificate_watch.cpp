#include "gateway/certificate_watch.hpp"

#include <utility>

namespace iw::gateway {
namespace {

constexpr Duration look_every = 1min;

// Empty: it can not be used.
std::string fingerprints(const CertificateReport& report) {
  std::string all;
  if (report.error) return all;
  for (const io::tls::Certificate& one : report.certificates)
    all += one.sha256 + ' ';
  return all;
}

}  // namespace

CertificateWatch::CertificateWatch(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

void CertificateWatch::watch(std::vector<CertificateFile> files) {
  files_ = std::move(files);
  look();
}

void CertificateWatch::look() {
  surroundings_.core.arm(*this, surroundings_.core.now() + look_every);
  surroundings_.blocking.post([this, files = files_] {
    std::vector<CertificateReport> reports;
    for (const CertificateFile& file : files)
      reports.push_back(look_at(file, surroundings_.files));
    surroundings_.core.post([this, reports = std::move(reports)]() mutable { take(std::move(reports)); });
  });
}

void CertificateWatch::take(std::vector<CertificateReport> reports) {
  std::map<std::string, std::string> now;
  for (const CertificateReport& report : reports)
    now[report.of.file] = fingerprints(report);
  const auto before = std::exchange(seen_, std::move(now));
  surroundings_.tell(reports);
  if (!before) return;
  for (const CertificateReport& report : reports) {
    const auto known = before->find(report.of.file);
    const std::string& is = seen_->at(report.of.file);
    if (!is.empty() && (known == before->end() || known->second != is)) surroundings_.changed(report.of);
  }
}

}  // namespace iw::gateway

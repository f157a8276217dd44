// CertificateWatch: looks at the files of certificates once a minute, and says how they are, and which of
// them became others: then who uses them takes the new ones. All methods on the core executor; the files are
// read on the blocking one, which ends before the watch goes away.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/certificate_files.hpp"
#include "io/executor.hpp"

namespace iw::gateway {

class CertificateWatch final : private io::Timer {
 public:
  struct Surroundings {
    io::Executor& core;
    io::Executor& blocking;
    io::Files& files;  // used there only
    // All of them, each time that they were looked at.
    std::function<void(std::span<const CertificateReport>)> tell;
    // Another certificate that can be used is in this file, or this file is used now; not at the start.
    std::function<void(const CertificateFile&)> changed;
  };
  explicit CertificateWatch(Surroundings surroundings);
  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;
  ~CertificateWatch() override = default;

  // From now on these, and at once.
  void watch(std::vector<CertificateFile> files);
  // At once, and then every minute again.
  void look();
  void stop() { disarm(); }

 private:
  void on_timer() override { look(); }
  void take(std::vector<CertificateReport> reports);

  Surroundings surroundings_;
  std::vector<CertificateFile> files_;
  std::optional<std::map<std::string, std::string>> seen_;  // the fingerprints in a file; none: at the start
};

}  // namespace iw::gateway

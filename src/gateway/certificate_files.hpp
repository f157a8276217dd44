// The files of certificates that a configuration uses, how they are now, and what is to be done about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "events/alarms.hpp"
#include "gateway/site_config.hpp"
#include "io/files.hpp"
#include "io/tls/certificate.hpp"
#include "io/tls/credentials.hpp"

namespace iw::gateway {

struct CertificateFile {
  enum class User : std::uint8_t { api, line, output };
  struct Use {
    User user{};
    std::string name;  // of the line or output; empty: the API and the dashboard

    friend bool operator==(const Use&, const Use&) = default;
  };

  std::string file;  // path on the disk
  std::string key;   // likewise, of its private key; empty: the certificates of whom we trust
  std::vector<Use> used_by;

  [[nodiscard]] bool is_ours() const { return !key.empty(); }
};

// Each once, however many use it, in the order of the configuration: API, lines, outputs. The authorities of
// the operating system, which outputs trust where they name no others, are not among them.
std::vector<CertificateFile> certificate_files(const LoadedConfig& config);

enum class CertificateState : std::uint8_t { good, ends_soon, not_yet_valid, ended };
std::string_view to_string(CertificateState state);

// Soon: within the last quarter of its life, and within 30 days. What renews itself does so when a third is
// left, and need not be looked after.
CertificateState state_of(const io::tls::Certificate& certificate, WallTime now);

struct CertificateReport {
  CertificateFile of;
  std::vector<io::tls::Certificate> certificates;
  std::optional<Error> error;  // nothing can be done with it: it can not be read, or the key is another's
};

// Blocking.
CertificateReport look_at(const CertificateFile& file, io::Files& files);

// Of ours the first that ends counts, its own or one of its chain; of whom we trust the last, for an
// authority that is about to go is often beside the one that follows it.
CertificateState state_of(const CertificateReport& report, WallTime now);

struct CertificateTrouble {
  events::Kind kind{};
  events::Cause cause;
};
// None: it is well.
std::optional<CertificateTrouble> trouble_of(const CertificateReport& report, WallTime now);

struct NewCertificate {
  CertificateReport report;  // as it will be
  io::tls::Credentials with;
};
// Refuses what could not be used now. `key`: PEM; empty: the one that is there stays, or there is none.
// Blocking, as what follows.
Result<NewCertificate> check_new(const CertificateFile& file, std::string certificates, std::string key,
                                 WallTime now, io::Files& files);
// Whole or not at all.
Result<void> put_in_place(const NewCertificate& certificate, io::Files& files);

}  // namespace iw::gateway

// ConfigStore: the file of the configuration, and all that becomes of it. The file on the disk is the truth:
// what is changed here is changed there, whole or not at all, and what somebody wrote there with an editor is
// taken as theirs. Each configuration that comes into force is a version, and on record in the audit log
// with old and new values.
//
// A change carries what it was made on: if that is no longer what stands there, it is a conflict, and nothing
// is done. Blocking; belongs to one thread. What it accepted is to be applied by the caller, in this order.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/config_versions.hpp"
#include "gateway/site_config.hpp"
#include "io/clock.hpp"
#include "io/files.hpp"
#include "security/audit_log.hpp"

namespace iw::gateway {

// The audit log of the configuration, in the folder of all data.
std::string configuration_audit_folder(const std::string& data_folder);

// Checks a text as `interwatt check` does, with warnings about lines that are too busy.
std::unique_ptr<LoadedConfig> load_checked(const std::string& path, std::string_view text, io::Files& files,
                                           config::Findings& findings);

struct ConfigWish {
  ConfigAuthor author;
  // The tag of what it was made on; empty: whatever stands there.
  std::string made_on = {};
  // Of which the tag is; empty: of the whole text.
  std::string device = {};
  // The new text.
  std::function<Result<std::string>(std::string_view text)> edit;
};

struct ConfigOutcome {
  enum class State : std::uint8_t { accepted, unchanged, conflict, faulty, failed };
  State state = State::failed;
  ConfigVersion version = {};            // accepted: the new one; else the one in force
  std::string text = {};                 // that stands in the file now; faulty: that would have
  std::string wished = {};               // conflict: the text that would have been made of it
  config::Findings findings = {};        // faulty: why; accepted: warnings
  std::optional<Error> error = {};       // failed
  std::unique_ptr<LoadedConfig> config;  // accepted: to be applied
};

class ConfigStore {
 public:
  struct Surroundings {
    io::Files& files;
    const io::Clock& clock;
  };
  // The folder of all data must exist.
  static Result<ConfigStore> open(const Surroundings& on, std::string path, const std::string& data_folder);

  // What stands in the file; it need not be what runs.
  Result<std::string> read() const;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] ConfigVersions& versions() { return versions_; }

  // Takes the file as it is, and always gives it to be applied when it is right: what it stands on (profiles)
  // may be new.
  ConfigOutcome take_file(const ConfigAuthor& author);
  ConfigOutcome change(const ConfigWish& wish);

 private:
  ConfigStore(const Surroundings& on, std::string path, const std::string& data_folder,
              ConfigVersions versions, security::AuditLog audit);

  ConfigOutcome accept(const ConfigAuthor& author, std::string text, std::unique_ptr<LoadedConfig> config,
                       bool write);
  Result<void> keep_unseen(const std::string& text);
  [[nodiscard]] ConfigVersion in_force() const;
  [[nodiscard]] std::optional<ConfigAuthor> announced(const std::string& text) const;

  io::Files* files_;
  const io::Clock* clock_;
  std::string path_;
  std::string announcement_;  // the file of it
  ConfigVersions versions_;
  security::AuditLog audit_;
};

// What the event of the change says: by whom, and what; empty when nothing is different.
std::string change_in_words(const LoadedConfig& before, const LoadedConfig& after, std::string_view by);

// Says who wrote what stands, or is about to stand, in the file: for the gateway that takes it. For a command
// beside the gateway.
Result<void> announce(io::Files& files, const std::string& data_folder, const ConfigAuthor& author,
                      std::string_view text);
// The whole file, with the rights that it has.
Result<void> write_config(io::Files& files, const std::string& path, std::string_view text);

}  // namespace iw::gateway

#include "gateway/config_store.hpp"

#include <fmt/ranges.h>

#include "gateway/budget.hpp"
#include "gateway/device_edits.hpp"
#include "gateway/line_plan.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using State = ConfigOutcome::State;

std::string announcement_path(const std::string& data_folder) {
  return data_folder + "/configuration/announced.json";
}

ConfigOutcome failed(Error error) {
  return {.state = State::failed, .error = std::move(error), .config = {}};
}

// What the tag of a wish is compared with.
Result<std::string> tag_now(const ConfigWish& wish, const std::string& text) {
  if (wish.device.empty()) return tag_of(text);
  auto device = find_device(text, wish.device);
  if (!device) return fail(std::move(device).error());
  return tag_of(device->text);
}

std::string say(const std::vector<ConfigChange>& changes) {
  std::vector<std::string> words;
  words.reserve(changes.size());
  for (const ConfigChange& change : changes)
    words.push_back(in_full(change));
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace

std::string configuration_audit_folder(const std::string& data_folder) {
  return data_folder + "/audit-configuration";
}

std::unique_ptr<LoadedConfig> load_checked(const std::string& path, std::string_view text, io::Files& files,
                                           config::Findings& findings) {
  auto config = load_config(path, text, files, findings);
  if (!config) return nullptr;
  // It runs all the same, as often as it can.
  DeviceIds ids;
  for (const driver::LinePlanPtr& line : plan_lines(*config, ids))
    report(line->budget(), *config, config::Severity::warning, findings);
  return config;
}

std::string change_in_words(const LoadedConfig& before, const LoadedConfig& after, std::string_view by) {
  std::vector<std::string> words;
  for (const ConfigChange& change : changes_between(before.document.root(), after.document.root()))
    words.push_back(in_words(change));
  return words.empty() ? "" : fmt::format("{}: {}", by, fmt::join(words, "; "));
}

Result<void> announce(io::Files& files, const std::string& data_folder, const ConfigAuthor& author,
                      std::string_view text) {
  if (auto made = files.make_folder(data_folder + "/configuration"); !made) return made;
  const Json document{{"tag", tag_of(text)}, {"by", author.by}, {"why", author.why}};
  return files.replace(announcement_path(data_folder),
                       document.dump(-1, ' ', false, Json::error_handler_t::replace), 0600);
}

Result<void> write_config(io::Files& files, const std::string& path, std::string_view text) {
  const bool only_ours = files.read_secret(path).has_value();
  return files.replace(path, text, only_ours ? 0600 : 0644);
}

Result<ConfigStore> ConfigStore::open(const Surroundings& on, std::string path,
                                      const std::string& data_folder) {
  auto versions = ConfigVersions::open(on.files, data_folder);
  if (!versions) return fail(std::move(versions).error());
  auto audit =
      security::AuditLog::open(on.files, configuration_audit_folder(data_folder), on.clock.wall_now());
  if (!audit) return fail(std::move(audit).error());
  return ConfigStore(on, std::move(path), data_folder, std::move(*versions), std::move(*audit));
}

ConfigStore::ConfigStore(const Surroundings& on, std::string path, const std::string& data_folder,
                         ConfigVersions versions, security::AuditLog audit)
    : files_(&on.files),
      clock_(&on.clock),
      path_(std::move(path)),
      announcement_(announcement_path(data_folder)),
      versions_(std::move(versions)),
      audit_(std::move(audit)) {}

Result<std::string> ConfigStore::read() const { return files_->read(path_); }

ConfigVersion ConfigStore::in_force() const {
  return versions_.newest() != nullptr ? *versions_.newest() : ConfigVersion{};
}

std::optional<ConfigAuthor> ConfigStore::announced(const std::string& text) const {
  const auto content = files_->read(announcement_);
  if (!content) return std::nullopt;
  const Json document = Json::parse(*content, nullptr, false);
  if (!document.is_object() || document.value("tag", Json()) != tag_of(text)) return std::nullopt;
  const auto word = [&](const char* name) {
    const auto found = document.find(name);
    return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return ConfigAuthor{.by = word("by"), .why = word("why")};
}

ConfigOutcome ConfigStore::take_file(const ConfigAuthor& author) {
  auto text = read();
  if (!text) return failed(std::move(text).error());
  config::Findings findings;
  auto config = load_checked(path_, *text, *files_, findings);
  if (!config)
    return {.state = State::faulty, .version = in_force(), .text = *text, .findings = findings, .config = {}};
  ConfigOutcome outcome;
  const ConfigVersion* newest = versions_.newest();
  if (newest != nullptr && newest->tag == tag_of(*text)) {
    outcome = {.state = State::accepted, .version = *newest, .text = *text, .config = std::move(config)};
  } else {
    outcome = accept(announced(*text).value_or(author), *text, std::move(config), false);
  }
  (void)files_->remove(announcement_);
  outcome.findings = std::move(findings);
  return outcome;
}

ConfigOutcome ConfigStore::change(const ConfigWish& wish) {
  auto text = read();
  if (!text) return failed(std::move(text).error());
  if (!wish.made_on.empty()) {
    const auto now = tag_now(wish, *text);
    if (!now) return failed(now.error());
    if (*now != wish.made_on) {
      return {.state = State::conflict,
              .version = in_force(),
              .text = *text,
              .wished = wish.edit(*text).value_or(""),
              .config = {}};
    }
  }
  if (auto kept = keep_unseen(*text); !kept) return failed(std::move(kept).error());
  auto edited = wish.edit(*text);
  if (!edited) return failed(std::move(edited).error());
  if (*edited == *text)
    return {.state = State::unchanged, .version = in_force(), .text = *text, .config = {}};
  config::Findings findings;
  auto config = load_checked(path_, *edited, *files_, findings);
  if (!config) {
    return {.state = State::faulty,
            .version = in_force(),
            .text = std::move(*edited),
            .findings = std::move(findings),
            .config = {}};
  }
  ConfigOutcome outcome = accept(wish.author, std::move(*edited), std::move(config), true);
  outcome.findings = std::move(findings);
  return outcome;
}

// What somebody wrote into the file since it was taken is not lost when it is written over.
Result<void> ConfigStore::keep_unseen(const std::string& text) {
  if (versions_.newest() != nullptr && versions_.newest()->tag == tag_of(text)) return {};
  auto kept =
      versions_.add(clock_->wall_now(), {.by = "the file", .why = "found there before a change"}, {}, text);
  if (!kept) return fail(std::move(kept).error());
  return {};
}

// On record and kept before it is done: a crash in between leaves a version that never was in force, and the
// next start makes one of what really stands there.
ConfigOutcome ConfigStore::accept(const ConfigAuthor& author, std::string text,
                                  std::unique_ptr<LoadedConfig> config, bool write) {
  std::vector<ConfigChange> changes;
  if (versions_.newest() != nullptr) {
    const auto before = versions_.text(versions_.newest()->number);
    config::Findings ignored;
    const auto old = before ? config::Document::parse(path_, *before, ignored) : std::nullopt;
    if (old) changes = changes_between(old->root(), config->document.root());
  }
  const security::AuditEntry entry{
      .time = clock_->wall_now(),
      .actor = author.by,
      .action = "configuration",
      .subject = path_,
      .outcome = "accepted",
      .detail = author.why.empty() ? say(changes) : fmt::format("{} ({})", say(changes), author.why)};
  if (auto kept = audit_.append({&entry, 1}); !kept) return failed(std::move(kept).error());
  auto version = versions_.add(entry.time, author, std::move(changes), text);
  if (!version) return failed(std::move(version).error());
  if (write) {
    if (auto written = write_config(*files_, path_, text); !written) {
      versions_.withdraw_newest();
      return failed(std::move(written).error());
    }
  }
  return {.state = State::accepted,
          .version = std::move(*version),
          .text = std::move(text),
          .config = std::move(config)};
}

}  // namespace iw::gateway

#include "gateway/config_versions.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "json/json.hpp"
#include "security/password.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view suffix = ".json";
constexpr std::size_t tag_size = 16;  // hex digits: 64 bits

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.ends_with(suffix)) return std::nullopt;
  name.remove_suffix(suffix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

Json to_json(const ConfigVersion& version, std::string_view text) {
  Json changes = Json::array();
  for (const ConfigChange& change : version.changes) {
    changes.push_back({{"subject", change.subject},
                       {"key", change.key},
                       {"before", change.before},
                       {"after", change.after}});
  }
  return {{"version", version.number},     {"time_ns", version.time.time_since_epoch().count()},
          {"by", version.author.by},       {"why", version.author.why},
          {"changes", std::move(changes)}, {"text", text}};
}

struct Read {
  ConfigVersion version;
  std::string text;
};

// Throws what nlohmann-json throws at a document of another shape.
Read from_json(const Json& document) {
  Read read;
  read.text = document.at("text").get<std::string>();
  read.version = {
      .number = document.at("version").get<std::uint64_t>(),
      .time = WallTime(Duration(document.at("time_ns").get<std::int64_t>())),
      .author = {.by = document.at("by").get<std::string>(), .why = document.at("why").get<std::string>()},
      .changes = {},
      .tag = tag_of(read.text)};
  for (const Json& change : document.at("changes")) {
    read.version.changes.push_back({.subject = change.at("subject").get<std::string>(),
                                    .key = change.at("key").get<std::string>(),
                                    .before = change.at("before").get<std::string>(),
                                    .after = change.at("after").get<std::string>()});
  }
  return read;
}

Result<Read> read_version(io::Files& files, const std::string& path) {
  const auto content = files.read(path);
  if (!content) return fail(content.error());
  try {
    return from_json(Json::parse(*content));
  } catch (const Json::exception&) {
    return fail(ErrorKind::malformed, fmt::format("{} is no version of a configuration", path),
                "restore it from a backup, or leave it: the other versions do not need it");
  }
}

}  // namespace

std::string tag_of(std::string_view text) { return security::sha256_hex(text).substr(0, tag_size); }

Result<ConfigVersions> ConfigVersions::open(io::Files& files, const std::string& data_folder,
                                            std::size_t most) {
  ConfigVersions versions(files, data_folder + "/configuration", most);
  if (auto made = files.make_folder(versions.folder_); !made) return fail(std::move(made).error());
  const auto names = files.list(versions.folder_);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const auto number = number_of(name);
    if (!number) continue;
    versions.last_ = std::max(versions.last_, *number);
    auto read = read_version(files, versions.path(*number));
    if (read && read->version.number == *number) versions.all_.push_back(std::move(read->version));
  }
  std::ranges::sort(versions.all_, {}, &ConfigVersion::number);
  return versions;
}

std::string ConfigVersions::path(std::uint64_t number) const {
  return fmt::format("{}/{:06}{}", folder_, number, suffix);
}

const ConfigVersion* ConfigVersions::find(std::uint64_t number) const {
  const auto found = std::ranges::find(all_, number, &ConfigVersion::number);
  return found != all_.end() ? &*found : nullptr;
}

Result<std::string> ConfigVersions::text(std::uint64_t number) {
  if (find(number) == nullptr) {
    return fail(
        ErrorKind::not_found, fmt::format("there is no version {}", number),
        all_.empty() ? "" : fmt::format("there are {} to {}", all_.front().number, all_.back().number));
  }
  auto read = read_version(*files_, path(number));
  if (!read) return fail(std::move(read).error());
  return std::move(read->text);
}

Result<ConfigVersion> ConfigVersions::add(WallTime time, ConfigAuthor author,
                                          std::vector<ConfigChange> changes, std::string_view text) {
  ConfigVersion version{.number = last_ + 1,
                        .time = time,
                        .author = std::move(author),
                        .changes = std::move(changes),
                        .tag = tag_of(text)};
  const std::string content = to_json(version, text).dump(1, ' ', false, Json::error_handler_t::replace);
  // 0600: a configuration that only its owner may read stays so.
  if (auto written = files_->replace(path(version.number), content, 0600); !written)
    return fail(std::move(written).error());
  last_ = version.number;
  all_.push_back(version);
  while (all_.size() > most_) {
    if (auto removed = files_->remove(path(all_.front().number)); !removed) break;
    all_.erase(all_.begin());
  }
  return version;
}

void ConfigVersions::withdraw_newest() {
  if (all_.empty()) return;
  (void)files_->remove(path(all_.back().number));
  all_.pop_back();
}

}  // namespace iw::gateway

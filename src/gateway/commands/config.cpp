// interwatt config: the versions of the configuration: which there were, what they changed, and back to one.

#include "gateway/commands/config.hpp"

#include <charconv>
#include <csignal>

#include "base/line_diff.hpp"
#include "config/beside.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/user_name.hpp"
#include "gateway/config_json.hpp"
#include "gateway/config_store.hpp"
#include "gateway/event_json.hpp"
#include "gateway/history_config.hpp"
#include "gateway/surroundings.hpp"
#include "io/posix/file_lock.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string config = "interwatt.yaml";
  std::string data;
  bool json = false;
  std::uint64_t version = 0;
  std::uint64_t other = 0;
  std::string why;
};

// Also of a file with errors: to go back from it is what this is for.
std::string data_folder_of(const Options& options, io::Files& files) {
  if (!options.data.empty()) return options.data;
  std::string folder = SiteConfig{}.data;
  const auto text = files.read(options.config);
  config::Findings findings;
  const auto document = text ? config::Document::parse(options.config, *text, findings) : std::nullopt;
  const config::Value* named = document ? document->root().find("data") : nullptr;
  if (named != nullptr && !named->text.empty()) folder = named->text;
  return config::beside(options.config, folder);
}

// What all the commands have in front of them.
struct Desk {
  explicit Desk(const Options& options) : folder(data_folder_of(options, around.files())) {}

  Result<ConfigVersions> versions() {
    if (auto there = around.files().list(folder); !there)
      return fail(ErrorKind::not_found, fmt::format("there is no data in {}", folder),
                  "-c or --data names another; a gateway that never ran has no versions");
    return ConfigVersions::open(around.files(), folder);
  }

  Surroundings around;
  std::string folder;
};

int list(const Options& options, Console& console) {
  Desk desk(options);
  const auto versions = desk.versions();
  if (!versions) return give_up(console, options.json, versions.error());
  if (options.json) {
    Json report = Json::array();
    for (const ConfigVersion& version : versions->all())
      report.push_back(config_json(version));
    print(console, report);
    return 0;
  }
  TextTable table({{"version", TextTable::Align::right}, {"time"}, {"by"}, {"what"}});
  for (const ConfigVersion& version : versions->all()) {
    std::string what = version.author.why;
    for (const ConfigChange& change : version.changes)
      what += (what.empty() ? "" : "; ") + in_words(change);
    table.add({fmt::format("{}", version.number), exact_time(version.time), version.author.by, what});
  }
  console.out(table.to_string(console));
  return 0;
}

int show(const Options& options, Console& console) {
  Desk desk(options);
  auto versions = desk.versions();
  if (!versions) return give_up(console, options.json, versions.error());
  const auto text = versions->text(options.version);
  if (!text) return give_up(console, options.json, text.error());
  if (options.json) {
    Json report = config_json(*versions->find(options.version));
    report["text"] = *text;
    print(console, report);
  } else {
    console.out(std::string_view(*text).substr(0, text->size() - (text->ends_with('\n') ? 1 : 0)));
  }
  return 0;
}

// Exit status as that of diff(1).
int diff(const Options& options, Console& console) {
  Desk desk(options);
  auto versions = desk.versions();
  if (!versions) return give_up(console, options.json, versions.error(), 2);
  const auto before = versions->text(options.version);
  if (!before) return give_up(console, options.json, before.error(), 2);
  const bool with_file = options.other == 0;
  const auto after = with_file ? desk.around.files().read(options.config) : versions->text(options.other);
  if (!after) return give_up(console, options.json, after.error(), 2);
  const std::string name = with_file ? options.config : fmt::format("version {}", options.other);
  const std::string text = unified_diff(*before, *after, fmt::format("version {}", options.version), name);
  if (options.json) {
    print(console, {{"from", options.version}, {"to", name}, {"diff", text}});
  } else if (!text.empty()) {
    console.out(std::string_view(text).substr(0, text.size() - 1));
  }
  return text.empty() ? 0 : 1;
}

// The gateway that has the data, if one runs: its number stands in the file of its lock.
std::optional<pid_t> running_gateway(const std::string& folder, io::Files& files) {
  const std::string lock = lock_path(folder);
  const auto owner = files.read(lock);
  if (!owner || !io::posix::FileLock::is_taken(lock)) return std::nullopt;
  pid_t number = 0;
  const auto read = std::from_chars(owner->data(), owner->data() + owner->size(), number);
  if (read.ec != std::errc{} || number <= 1) return std::nullopt;
  return number;
}

int rollback(const Options& options, Console& console) {
  Desk desk(options);
  io::Files& files = desk.around.files();
  auto versions = desk.versions();
  if (!versions) return give_up(console, options.json, versions.error());
  const auto text = versions->text(options.version);
  if (!text) return give_up(console, options.json, text.error());
  config::Findings findings;
  const auto config = load_checked(options.config, *text, files, findings);
  console.findings(findings);
  if (!config) {
    return give_up(
        console, options.json,
        {ErrorKind::rejected, fmt::format("version {} is no right configuration any more", options.version),
         "mend what it stands on, or go back to another version"});
  }
  std::string why = fmt::format("back to version {}", options.version);
  if (!options.why.empty()) why += ": " + options.why;
  if (auto said =
          announce(files, desk.folder, {.by = user_name() + " at the command line", .why = why}, *text);
      !said)
    return give_up(console, options.json, said.error());
  if (auto written = write_config(files, options.config, *text); !written)
    return give_up(console, options.json, written.error());
  const auto gateway = running_gateway(desk.folder, files);
  const bool told = gateway && kill(*gateway, SIGHUP) == 0;
  if (options.json) {
    print(console,
          {{"version", options.version}, {"taken_by_process", told ? Json(*gateway) : Json(nullptr)}});
  } else {
    console.out(fmt::format("{} is version {} again; {}", options.config, options.version,
                            told      ? fmt::format("process {} takes it now", *gateway)
                            : gateway ? fmt::format("tell the gateway: kill -HUP {}", *gateway)
                                      : "the next `interwatt run` takes it"));
  }
  return 0;
}

}  // namespace

void add_config(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "config", "The versions of the configuration: who changed what, and back to one of them.");
  command.require_subcommand();
  const auto add_common = [options](const Command& to) {
    to.add_option("-c,--config", options->config, "configuration file").show_default();
    to.add_option("--data", options->data, "the folder of the data itself");
    to.add_flag("--json", options->json, "the result as JSON");
  };
  const Command listing = command.add_subcommand("versions", "All that are kept, the oldest first.");
  const Command showing = command.add_subcommand("show", "The text of one.");
  showing.add_option("VERSION", options->version, "its number").required();
  const Command comparing = command.add_subcommand("diff", "Two of them, or one and the file as it is.");
  comparing.add_option("FROM", options->version, "a version").required();
  comparing.add_option("TO", options->other, "another; the file when left out");
  const Command going_back = command.add_subcommand("rollback", "Make one the configuration again.");
  going_back.add_option("VERSION", options->version, "its number").required();
  going_back.add_option("--why", options->why, "the reason, for the record");
  for (const Command& one : {listing, showing, comparing, going_back})
    add_common(one);
  command.footer(
      "Examples:\n"
      "  interwatt config versions\n"
      "  interwatt config diff 7 9\n"
      "  interwatt config diff 7                 version 7 and the file as it is now\n"
      "  interwatt config rollback 7 --why 'the new meter counts backwards'\n"
      "Exit status of diff: 0 no difference, 1 there are some, 2 it did not work.");
  listing.callback([options, &program] { program.status = list(*options, program.console); });
  showing.callback([options, &program] { program.status = show(*options, program.console); });
  comparing.callback([options, &program] { program.status = diff(*options, program.console); });
  going_back.callback([options, &program] { program.status = rollback(*options, program.console); });
}

}  // namespace iw::gateway

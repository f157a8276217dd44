// interwatt export: everything that was put into a gateway, as files of open formats.

#include "config/beside.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/export_folder.hpp"
#include "gateway/commands/historian_commands.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/site_files.hpp"
#include "gateway/config_file.hpp"
#include "gateway/event_json.hpp"
#include "gateway/event_keeper.hpp"
#include "gateway/surroundings.hpp"
#include "io/posix/folders.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string config = "interwatt.yaml";
  std::string folder;
  transfer::Form form = transfer::Form::csv;
  bool json = false;
};

struct Counts {
  std::uint64_t profiles = 0;
  std::uint64_t samples = 0;
  std::uint64_t rollups = 0;
  std::uint64_t events = 0;
};

class SiteExport {
 public:
  SiteExport(const Options& options, const LoadedConfig& config, io::Files& files, Console& console)
      : options_(options), config_(config), files_(files), console_(console) {}

  Result<Counts> run(const std::string& folder) {
    auto made = make_folder_at_once(files_, folder, [&](const std::string& partial) -> Result<void> {
      folder_ = partial;
      for (const auto step :
           {&SiteExport::configuration, &SiteExport::profiles, &SiteExport::history, &SiteExport::events})
        if (auto done = (this->*step)(); !done) return done;
      manifest_.content = site_content;
      manifest_.facts["site"] = config_.site.site.name;
      manifest_.facts["mrid"] = model::to_string(config_.site.mrid());
      return transfer::write_manifest(files_, folder_, manifest_, paths_);
    });
    if (!made) return fail(std::move(made).error());
    return counts_;
  }

 private:
  // Bytes as they are: comments and order are the user's.
  Result<void> copy(const std::string& from, const std::string& to) {
    const auto content = files_.read(from);
    if (!content) return fail(content.error());
    paths_.push_back(to);
    return files_.replace(folder_ + "/" + to, *content, 0640);
  }

  Result<void> configuration() { return copy(options_.config, std::string(site_config_file)); }

  Result<void> profiles() {
    if (config_.site.profiles.empty()) return {};
    const std::string from = config::beside(options_.config, config_.site.profiles);
    const auto paths = files_below(from, files_);
    if (!paths) return fail(paths.error());
    for (const std::string& path : *paths) {
      const std::string to = fmt::format("{}/{}", site_profiles_folder, path);
      if (auto made = files_.make_folder(folder_ + "/" + to.substr(0, to.rfind('/'))); !made) return made;
      if (auto copied = copy(from + "/" + path, to); !copied) return copied;
      ++counts_.profiles;
    }
    return {};
  }

  Result<void> history() {
    const std::string from = history_folder(config_.data_folder);
    if (!io::posix::exists(historian::catalogue_path(from))) return {};
    auto reader = historian::Reader::open(files_, from);
    if (!reader) return fail(std::move(reader).error());
    const std::string to(site_history_folder);
    if (auto made = files_.make_folder(folder_ + "/" + to); !made) return made;
    auto done = transfer::export_history(*reader, files_,
                                         {.folder = folder_ + "/" + to,
                                          .form = options_.form,
                                          .wanted = {},
                                          .progress = [&](std::uint64_t samples, historian::Day) {
                                            console_.progress(fmt::format("exporting  {} samples", samples));
                                          }});
    if (!done) return fail(std::move(done).error());
    for (const std::string& name : done->files)
      paths_.push_back(to + "/" + name);
    add_history_facts(manifest_, options_.form, *done);
    counts_.samples = done->samples;
    counts_.rollups = done->rollups;
    return {};
  }

  Result<void> events() {
    if (!io::posix::exists(events_path(config_.data_folder))) return {};
    auto store = events::EventStore::open(events_path(config_.data_folder), sqlite::Mode::read);
    if (!store) return fail(std::move(store).error());
    events::Query everything;
    everything.limit = 1'000'000'000;
    const auto found = store->query(everything);
    if (!found) return fail(found.error());
    auto file = transfer::OutputFile::create(files_, folder_ + "/" + std::string(site_events_file));
    if (!file) return fail(std::move(file).error());
    for (auto event = found->rbegin(); event != found->rend(); ++event)
      if (auto put = file->put(event_json(*event) + "\n"); !put) return put;
    paths_.emplace_back(site_events_file);
    counts_.events = found->size();
    return file->finish();
  }

  const Options& options_;
  const LoadedConfig& config_;
  io::Files& files_;
  Console& console_;
  std::string folder_;
  transfer::Manifest manifest_;
  std::vector<std::string> paths_;
  Counts counts_;
};

int export_site(const Options& options, Console& console) {
  Surroundings around;
  must_be_there("--config", options.config, "name the configuration with -c");
  const auto config = read_config(options.config, around.files(), console);
  if (!config) return 1;
  const std::string folder = without_slash(options.folder);
  const auto done = SiteExport(options, *config, around.files(), console).run(folder);
  console.end_progress();
  if (!done) return give_up(console, options.json, done.error());
  if (options.json) {
    print(console, {{"ok", true},
                    {"folder", folder},
                    {"profiles", done->profiles},
                    {"samples", done->samples},
                    {"rollups", done->rollups},
                    {"events", done->events}});
    return 0;
  }
  console.out(fmt::format("the configuration, {} profiles, {} samples, {} roll-ups and {} events in {}",
                          done->profiles, done->samples, done->rollups, done->events, folder));
  console.note("certificates and private keys stay here: give the new place its own");
  console.note(fmt::format("Elsewhere: interwatt import site {} -o site", folder));
  return 0;
}

}  // namespace

void add_export(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "export",
      "Take out all that a gateway has, in open formats: configuration, profiles, history, events.");
  command.add_option("-o,--output", options->folder, "folder, which must not be there yet").required();
  command.add_option("-c,--config", options->config, "configuration file").show_default();
  add_form(command, options->form);
  command.add_flag("--json", options->json, "the result as JSON");
  command.footer(
      "It may be done while the gateway runs. `interwatt import site` reads it back; what the files look "
      "like is\n"
      "in docs/portability.md. Secrets are not taken out.\n\n"
      "Examples:\n"
      "  interwatt export -o /mnt/usb/factory-roof\n"
      "  interwatt export -c interwatt.yaml -o out --format protobuf\n");
  command.callback([options, &program] { program.status = export_site(*options, program.console); });
}

}  // namespace iw::gateway

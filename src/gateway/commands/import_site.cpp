// interwatt import site: what `interwatt export` took out, as a gateway of its own.

#include "config/beside.hpp"
#include "config/document.hpp"
#include "gateway/commands/export_folder.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/site_files.hpp"
#include "gateway/commands/site_transfer.hpp"
#include "gateway/event_json.hpp"
#include "gateway/event_keeper.hpp"
#include "gateway/site_config.hpp"
#include "gateway/surroundings.hpp"
#include "io/posix/folders.hpp"
#include "json/json.hpp"
#include "transfer/counter_csv.hpp"
#include "transfer/history_import.hpp"
#include "transfer/rollup_csv.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string from;
  std::string to;
  bool json = false;
};

struct Counts {
  std::uint64_t profiles = 0;
  std::uint64_t events = 0;
  transfer::Imported history;
};

// All is made under other names first, `x.partial`; then each folder is put in place, that of the
// configuration last: without it nothing runs.
class SiteImport {
 public:
  SiteImport(const Options& options, io::Files& files, Console& console)
      : from_(without_slash(options.from)),
        to_(without_slash(options.to)),
        files_(files),
        console_(console) {}

  Result<Counts> run() {
    auto manifest = transfer::read_manifest(files_, from_);
    if (!manifest) return fail(std::move(manifest).error());
    if (manifest->content != site_content) {
      return fail(ErrorKind::invalid_argument, fmt::format("{} is no export of a site", from_),
                  "`interwatt historian import` takes one of a history");
    }
    manifest_ = std::move(*manifest);
    for (const auto step :
         {&SiteImport::choose_places, &SiteImport::configuration, &SiteImport::profiles, &SiteImport::history,
          &SiteImport::events, &SiteImport::check, &SiteImport::put_in_place}) {
      if (auto done = (this->*step)(); !done) {
        clean_up();
        return fail(std::move(done).error());
      }
    }
    return counts_;
  }

  [[nodiscard]] const std::string& data() const { return data_.final; }

 private:
  struct Place {
    std::string partial;
    std::string final;
  };

  [[nodiscard]] std::string config_path(const std::string& folder) const {
    return fmt::format("{}/{}", folder, site_config_file);
  }

  [[nodiscard]] bool has(std::string_view path) const {
    return std::ranges::find(manifest_.files, path, &transfer::Manifest::File::path) != manifest_.files.end();
  }

  // Where the configuration says its folders are: in the new folder, or elsewhere.
  Result<void> choose_places() {
    auto text = files_.read(from_ + "/" + std::string(site_config_file));
    if (!text) return fail(std::move(text).error());
    text_ = std::move(*text);
    config::Findings findings;
    const auto document = config::Document::parse(config_path(from_), text_, findings);
    if (!document) return fail(ErrorKind::malformed, fmt::format("{} is no YAML", config_path(from_)));
    const auto value = [&](std::string_view key, std::string otherwise) {
      const config::Value* found = document->root().find(key);
      return found != nullptr ? found->text : std::move(otherwise);
    };
    places_.push_back({.partial = to_ + ".partial", .final = to_});
    auto data = place_of(value("data", SiteConfig{}.data));
    if (!data) return fail(std::move(data).error());
    data_ = std::move(*data);
    if (const std::string folder = value("profiles", ""); !folder.empty()) {
      auto profiles = place_of(folder);
      if (!profiles) return fail(std::move(profiles).error());
      profiles_ = std::move(*profiles);
    }
    for (const Place& place : places_) {
      const auto names = files_.list(place.final);
      if (io::posix::exists(place.final) && (!names || !names->empty()))
        return fail(ErrorKind::busy, fmt::format("{} exists already", place.final),
                    "name another folder, or move it away");
      if (auto removed = io::posix::remove_folder(place.partial); !removed) return removed;
    }
    return files_.make_folder(places_.front().partial);
  }

  Result<Place> place_of(const std::string& configured) {
    const std::string path = without_slash(config::beside(config_path(to_), configured));
    if ((path + "/").find("/../") != std::string::npos) {
      return fail(ErrorKind::unsupported, fmt::format("the configuration names the folder '{}'", configured),
                  "write a path without '..' there, and export again");
    }
    if (path.starts_with(to_ + "/"))
      return Place{.partial = places_.front().partial + path.substr(to_.size()), .final = path};
    places_.push_back({.partial = path + ".partial", .final = path});
    return places_.back();
  }

  Result<void> configuration() { return files_.replace(config_path(places_.front().partial), text_); }

  Result<void> profiles() {
    const std::string prefix = std::string(site_profiles_folder) + "/";
    for (const transfer::Manifest::File& file : manifest_.files) {
      if (!file.path.starts_with(prefix) || profiles_.partial.empty()) continue;
      const std::string to = profiles_.partial + "/" + file.path.substr(prefix.size());
      const auto content = files_.read(from_ + "/" + file.path);
      if (!content) return fail(content.error());
      if (auto made = files_.make_folder(to.substr(0, to.rfind('/'))); !made) return made;
      if (auto written = files_.replace(to, *content); !written) return written;
      ++counts_.profiles;
    }
    return {};
  }

  Result<void> history() {
    const std::string rollups = fmt::format("{}/{}", site_history_folder, transfer::rollups_name);
    const std::string counters = fmt::format("{}/{}", site_history_folder, transfer::counters_name);
    if (!has(rollups)) return {};
    const auto facts = history_facts(manifest_);
    if (!facts) return fail(facts.error());
    if (auto made = files_.make_folder(data_.partial); !made) return made;
    auto done = transfer::import_history(
        files_, {.history = history_folder(data_.partial),
                 .samples = fmt::format("{}/{}/{}", from_, site_history_folder, file_name(facts->form)),
                 .form = facts->form,
                 .rollups = from_ + "/" + rollups,
                 .counters = has(counters) ? from_ + "/" + counters : "",
                 .values_from = facts->values_from,
                 .progress = [&](std::uint64_t samples) {
                   console_.progress(fmt::format("importing  {} samples", samples));
                 }});
    console_.end_progress();
    if (!done) return fail(std::move(done).error());
    counts_.history = *done;
    return {};
  }

  Result<void> events() {
    if (!has(site_events_file)) return {};
    if (auto made = files_.make_folder(data_.partial); !made) return made;
    auto store = events::EventStore::open(events_path(data_.partial), sqlite::Mode::create);
    if (!store) return fail(std::move(store).error());
    transfer::InputFile file(files_, fmt::format("{}/{}", from_, site_events_file));
    std::vector<events::Event> some;
    for (;;) {
      const auto more = file.more();
      if (!more) return fail(more.error());
      for (auto end = file.rest().find('\n'); end != std::string_view::npos; end = file.rest().find('\n')) {
        auto event = parse_event_json(file.rest().substr(0, end));
        if (!event) return fail(std::move(event).error().in(file.path()));
        some.push_back(std::move(*event));
        file.take(end + 1);
      }
      counts_.events += some.size();
      if (auto written = store->write(some); !written) return written;
      some.clear();
      if (!*more) return {};
    }
  }

  // As the gateway will read it. Profiles elsewhere are not there yet.
  Result<void> check() {
    if (!profiles_.partial.empty() && !profiles_.partial.starts_with(places_.front().partial)) return {};
    config::Findings findings;
    if (load_config(config_path(places_.front().partial), text_, files_, findings)) return {};
    console_.findings(findings);
    return fail(ErrorKind::malformed, "the configuration does not load with this version of interwatt",
                "correct it where it was exported, or use the version that exported it");
  }

  Result<void> put_in_place() {
    for (std::size_t i = places_.size(); i-- > 0;) {
      if (!io::posix::exists(places_[i].partial)) continue;  // nothing of it was exported
      auto placed = io::posix::put_in_place(places_[i].partial, places_[i].final);
      if (placed) continue;
      for (std::size_t done = i + 1; done < places_.size(); ++done)
        (void)io::posix::put_in_place(places_[done].final, places_[done].partial);
      return placed;
    }
    return {};
  }

  // Best effort after an error, which is what is told.
  void clean_up() {
    for (const Place& place : places_)
      (void)io::posix::remove_folder(place.partial);
  }

  std::string from_;
  std::string to_;
  io::Files& files_;
  Console& console_;
  transfer::Manifest manifest_;
  std::string text_;           // of the configuration
  std::vector<Place> places_;  // the new folder first
  Place data_;
  Place profiles_;
  Counts counts_;
};

int import_site(const Options& options, Console& console) {
  Surroundings around;
  SiteImport import(options, around.files(), console);
  const auto done = import.run();
  if (!done) return give_up(console, options.json, done.error());
  const std::string config = fmt::format("{}/{}", without_slash(options.to), site_config_file);
  if (options.json) {
    print(console, {{"ok", true},
                    {"config", config},
                    {"profiles", done->profiles},
                    {"series", done->history.series},
                    {"samples", done->history.samples},
                    {"rollups", done->history.rollups},
                    {"events", done->events}});
    return 0;
  }
  console.out(fmt::format("{}, {} profiles; in {}: {} samples, {} roll-ups and {} events", config,
                          done->profiles, import.data(), done->history.samples, done->history.rollups,
                          done->events));
  console.note(fmt::format("Next: interwatt run -c {}", config));
  return 0;
}

}  // namespace

void add_import_site(const Command& import, Program& program) {
  auto options = std::make_shared<Options>();
  const Command one = import.add_subcommand("site", "All that `interwatt export` took out of a gateway.");
  one.add_option("FOLDER", options->from, "that was exported").required();
  one.add_option("-o,--output", options->to, "folder for interwatt.yaml, which must not be there yet")
      .required();
  one.add_flag("--json", options->json, "the result as JSON");
  one.callback([options, &program] { program.status = import_site(*options, program.console); });
}

}  // namespace iw::gateway

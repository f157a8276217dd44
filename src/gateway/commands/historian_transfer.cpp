// interwatt historian export and import: the history as files of open formats, and back.

#include "gateway/commands/choice.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/export_folder.hpp"
#include "gateway/commands/historian_commands.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/history_config.hpp"
#include "gateway/point_patterns.hpp"
#include "gateway/surroundings.hpp"
#include "gateway/time_span.hpp"
#include "io/posix/file_lock.hpp"
#include "json/json.hpp"
#include "transfer/counter_csv.hpp"
#include "transfer/history_import.hpp"
#include "transfer/rollup_csv.hpp"

namespace iw::gateway {
namespace {

using transfer::Form;

struct Options {
  DataFolderOptions data;
  std::string folder;
  std::vector<std::string> patterns;
  std::string since;
  std::string until;
  Form form = Form::csv;
  bool json = false;
};

Result<std::optional<historian::Range>> range_of(const Options& options, WallTime now) {
  if (options.since.empty() && options.until.empty()) return std::nullopt;
  const auto span = parse_span(options.since.empty() ? "1970-01-01" : options.since, options.until, now, 1h);
  if (!span) return fail(span.error());
  return historian::Range{.from_ms = historian::ms(span->from.time_since_epoch()),
                          .to_ms = historian::ms(span->to.time_since_epoch())};
}

// ---- export

int export_(const Options& options, const std::string& data, Console& console, Surroundings& around) {
  const auto range = range_of(options, around.executor().clock().wall_now());
  if (!range) return give_up(console, options.json, range.error(), 2);
  auto reader = historian::Reader::open(around.files(), history_folder(data));
  if (!reader) return give_up(console, options.json, reader.error());
  const std::string folder = without_slash(options.folder);
  transfer::Exported exported;
  const auto done =
      make_folder_at_once(around.files(), folder, [&](const std::string& partial) -> Result<void> {
        auto written = transfer::export_history(
            *reader, around.files(),
            {.folder = partial,
             .form = options.form,
             .wanted = [&](std::string_view path) { return wanted(options.patterns, path); },
             .range = *range,
             .progress =
                 [&](std::uint64_t samples, historian::Day) {
                   console.progress(fmt::format("exporting  {} samples", samples));
                 }});
        if (!written) return fail(std::move(written).error());
        exported = std::move(*written);
        if (exported.series == 0) {
          return fail(ErrorKind::not_found,
                      fmt::format("the history has no point '{}'", fmt::join(options.patterns, "', '")),
                      "`interwatt query` without points lists them; wildcards need quotes: '*/ActivePower'");
        }
        transfer::Manifest manifest{.content = "history", .facts = {}, .files = {}};
        add_history_facts(manifest, options.form, exported);
        return transfer::write_manifest(around.files(), partial, manifest, exported.files);
      });
  console.end_progress();
  if (!done) return give_up(console, options.json, done.error());
  if (options.json) {
    print(console, {{"ok", true},
                    {"folder", folder},
                    {"series", exported.series},
                    {"samples", exported.samples},
                    {"rollups", exported.rollups}});
  } else {
    console.out(fmt::format("{} series with {} samples and {} roll-ups in {}", exported.series,
                            exported.samples, exported.rollups, folder));
  }
  return 0;
}

// ---- import

// A folder that was exported, or one file of samples.
Result<transfer::ImportSettings> sources_of(const std::string& from, io::Files& files) {
  for (const Form form : {Form::csv, Form::protobuf}) {
    const std::string_view name = file_name(form);
    if (from.ends_with(name.substr(name.rfind('.'))))
      return transfer::ImportSettings{.history = {}, .samples = from, .form = form};
  }
  const auto manifest = transfer::read_manifest(files, from);
  if (!manifest) return fail(manifest.error());
  const auto facts = history_facts(*manifest);
  if (!facts) return fail(Error(facts.error()).in(from));
  const bool counters = std::ranges::find(manifest->files, transfer::counters_name,
                                          &transfer::Manifest::File::path) != manifest->files.end();
  return transfer::ImportSettings{
      .history = {},
      .samples = fmt::format("{}/{}", from, file_name(facts->form)),
      .form = facts->form,
      .rollups = fmt::format("{}/{}", from, transfer::rollups_name),
      .counters = counters ? fmt::format("{}/{}", from, transfer::counters_name) : "",
      .values_from = facts->values_from};
}

int import(const Options& options, const std::string& data, Console& console, Surroundings& around) {
  if (auto made = around.files().make_folder(data); !made)
    return give_up(console, options.json, made.error());
  const auto lock = io::posix::FileLock::take(lock_path(data));
  if (!lock) return give_up(console, options.json, lock.error());
  auto settings = sources_of(without_slash(options.folder), around.files());
  if (!settings) return give_up(console, options.json, settings.error());
  settings->history = history_folder(data);
  settings->progress = [&](std::uint64_t samples) {
    console.progress(fmt::format("importing  {} samples", samples));
  };
  const auto done = transfer::import_history(around.files(), *settings);
  console.end_progress();
  if (!done) {
    return give_up(
        console, options.json,
        {done.error().kind, done.error().message,
         done.error().remedy.empty() ? "what came before it is imported; to import it again does no harm"
                                     : done.error().remedy});
  }
  if (options.json) {
    print(console, {{"ok", done->refused == 0},
                    {"series", done->series},
                    {"samples", done->samples},
                    {"refused", done->refused},
                    {"rollups", done->rollups}});
  } else {
    console.out(
        fmt::format("{} series with {} samples and {} roll-ups", done->series, done->samples, done->rollups));
    if (done->refused > 0) {
      console.note(
          fmt::format("{} samples were refused: of days whose values are given up here, or with times "
                      "that can not be",
                      done->refused));
    }
  }
  return done->refused == 0 ? 0 : 1;
}

using Action = int (*)(const Options&, const std::string& data, Console&, Surroundings&);

int with_folder(Action action, const Options& options, Console& console) {
  Surroundings around;
  const Folder kind = action == &import ? Folder::may_be_new : Folder::must_be_there;
  const auto folder = data_folder(options.data, around.files(), console, kind);
  return folder ? action(options, *folder, console, around) : 1;
}

}  // namespace

void add_form(const Command& command, transfer::Form& form) {
  add_choice<Form>(command, "--format", form, {{"csv", Form::csv}, {"protobuf", Form::protobuf}},
                   "of the samples: csv (when left out) or protobuf, a tenth of the size");
}

void add_historian_transfer(const Command& historian, Program& program) {
  const auto add = [&](const char* name, const char* what, const char* folder, Action action) {
    auto options = std::make_shared<Options>();
    const Command one = historian.add_subcommand(name, what);
    one.add_option("FOLDER", options->folder, folder).required();
    add_data_folder(one, options->data);
    one.add_flag("--json", options->json, "the result as JSON");
    one.callback([=, &program] { program.status = with_folder(action, *options, program.console); });
    return std::pair(one, options);
  };
  const auto [exports, options] =
      add("export", "Write the history, or a part of it, to files of open formats.", "must not be there yet",
          &export_);
  exports.add_option("points", options->patterns, "paths, with wildcards: 'roof/*'; all when left out");
  exports.add_option("--since", options->since, "from when: 2h (ago), today, 2026-11-24T10:15");
  exports.add_option("--until", options->until, "to when; now when left out");
  add_form(exports, options->form);
  add("import", "Take such files into the history; not while the gateway runs.",
      "that was exported, or one file of samples", &import);
}

}  // namespace iw::gateway

// interwatt historian: looking after the history that the gateway keeps.

#include <limits>

#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/export_folder.hpp"
#include "gateway/commands/historian_commands.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/event_keeper.hpp"
#include "gateway/history_config.hpp"
#include "gateway/surroundings.hpp"
#include "historian/backup.hpp"
#include "historian/compaction.hpp"
#include "io/posix/file_lock.hpp"
#include "io/posix/folders.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using io::posix::FileLock;

struct Options {
  DataFolderOptions data;
  std::string target;
  bool drop = false;
  bool json = false;
};

std::string size_text(std::uint64_t bytes) {
  constexpr double kilo = 1000;
  const auto size = static_cast<double>(bytes);
  if (size < kilo) return fmt::format("{} B", bytes);
  if (size < kilo * kilo) return fmt::format("{:.1f} kB", size / kilo);
  if (size < kilo * kilo * kilo) return fmt::format("{:.1f} MB", size / kilo / kilo);
  return fmt::format("{:.2f} GB", size / kilo / kilo / kilo);
}

// "1 block", "2 blocks".
std::string count_text(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

historian::Progress progress_on(Console& console, std::string_view what) {
  return [&console, what](const std::string& file, std::uint64_t done, std::uint64_t of_all) {
    console.progress(fmt::format("{}  {} of {}  {}", what, size_text(done), size_text(of_all), file));
  };
}

// The days that a gateway still writes to are its own while it runs.
historian::Day days_to_work_on(const std::string& data_folder, Surroundings& around) {
  if (!FileLock::is_taken(lock_path(data_folder))) return std::numeric_limits<historian::Day>::max();
  const auto now = around.executor().clock().wall_now().time_since_epoch();
  return historian::day_of(historian::ms(now)) - 1;
}

// ---- check

void show(const historian::Inspection& found, Console& console) {
  for (const historian::Damage& damage : found.damages) {
    console.out(fmt::format("{} {}{}: {}", console.styled(Style::bad, "damaged"), damage.file,
                            damage.place.empty() ? "" : ", " + damage.place, damage.what));
    console.out(fmt::format("        {}", damage.remedy));
  }
  for (const std::string& segment : found.written_again) {
    console.note(
        fmt::format("{} is cut, because the disk was full or ill: what belongs there stands in the next one, "
                    "nothing is lost",
                    segment));
  }
  console.out(fmt::format("{}: {} series, {} with {}, {} of roll-ups, {} in the head log; {} read",
                          found.damages.empty() ? console.styled(Style::good, "sound")
                                                : count_text(found.damages.size(), "damage"),
                          found.series, count_text(found.blocks, "block"),
                          count_text(found.samples, "sample"), count_text(found.rollups, "bucket"),
                          count_text(found.recordings, "recording"), size_text(found.bytes)));
}

Json to_json(const historian::Inspection& found, std::uint64_t dropped) {
  Json damages = Json::array();
  for (const historian::Damage& damage : found.damages) {
    damages.push_back(
        {{"file", damage.file}, {"place", damage.place}, {"what", damage.what}, {"remedy", damage.remedy}});
  }
  return {{"ok", found.damages.empty()},  {"files", found.files},
          {"bytes", found.bytes},         {"series", found.series},
          {"blocks", found.blocks},       {"samples", found.samples},
          {"rollups", found.rollups},     {"recordings", found.recordings},
          {"dropped_blocks", dropped},    {"written_again", found.written_again},
          {"damages", std::move(damages)}};
}

int check(const Options& options, const std::string& data, Console& console, Surroundings& around) {
  std::uint64_t dropped = 0;
  if (options.drop) {
    const auto done = historian::drop_damaged_blocks(
        around.files(), {.folder = history_folder(data), .before = days_to_work_on(data, around)});
    if (!done) return give_up(console, options.json, done.error());
    dropped = *done;
    if (!options.json) console.note(fmt::format("{} given up", count_text(dropped, "damaged block")));
  }
  const auto found = historian::inspect(
      around.files(), {.folder = history_folder(data), .being_written = FileLock::is_taken(lock_path(data))},
      progress_on(console, "reading"));
  console.end_progress();
  if (!found) return give_up(console, options.json, found.error());
  if (options.json) {
    print(console, to_json(*found, dropped));
  } else {
    show(*found, console);
  }
  return found->damages.empty() ? 0 : 1;
}

// ---- compact

int compact(const Options& options, const std::string& data, Console& console, Surroundings& around) {
  const historian::Day before = days_to_work_on(data, around);
  const auto done = historian::compact(around.files(), {.folder = history_folder(data), .before = before},
                                       progress_on(console, "compacting"));
  console.end_progress();
  if (!done) return give_up(console, options.json, done.error());
  if (options.json) {
    print(console, {{"ok", done->left.empty()},
                    {"files", done->files},
                    {"blocks_before", done->blocks_before},
                    {"blocks_after", done->blocks_after},
                    {"bytes_before", done->bytes_before},
                    {"bytes_after", done->bytes_after},
                    {"left", done->left}});
  } else {
    for (const std::string& line : done->left)
      console.note(fmt::format("left as it is: {}", line));
    console.out(fmt::format("{} compacted: {} became {}; {} became {}", count_text(done->files, "day"),
                            count_text(done->blocks_before, "block"), done->blocks_after,
                            size_text(done->bytes_before), size_text(done->bytes_after)));
    if (before != std::numeric_limits<historian::Day>::max())
      console.note("the gateway runs: today and yesterday were left to it");
  }
  return done->left.empty() ? 0 : 1;
}

// ---- backup

Result<void> back_up_events(const std::string& from, const std::string& to, io::Files& files) {
  if (!io::posix::exists(from)) return {};
  auto database = sqlite::Database::open({.path = from, .mode = sqlite::Mode::read});
  if (!database) return fail(std::move(database).error());
  if (auto copied = database->copy_to(to); !copied) return copied;
  return files.sync(to);
}

int backup(const Options& options, const std::string& data, Console& console, Surroundings& around) {
  const std::string target = without_slash(options.target);
  historian::Backup copied;
  const auto done =
      make_folder_at_once(around.files(), target, [&](const std::string& partial) -> Result<void> {
        auto history =
            historian::back_up(around.files(), {.from = history_folder(data), .to = history_folder(partial)},
                               progress_on(console, "copying"));
        if (!history) return fail(std::move(history).error());
        copied = *history;
        return back_up_events(events_path(data), events_path(partial), around.files());
      });
  console.end_progress();
  if (!done) return give_up(console, options.json, done.error());
  if (options.json) {
    print(console, {{"ok", true}, {"folder", target}, {"files", copied.files}, {"bytes", copied.bytes}});
  } else {
    console.out(fmt::format("{} of history in {} and the head log, and the events", size_text(copied.bytes),
                            count_text(copied.files, "file")));
    console.note(fmt::format("Look into it: interwatt query --data {}", target));
  }
  return 0;
}

using Action = int (*)(const Options&, const std::string& data, Console&, Surroundings&);

int with_folder(Action action, const Options& options, Console& console) {
  Surroundings around;
  const auto folder = data_folder(options.data, around.files(), console);
  if (!folder) return 1;
  return action(options, *folder, console, around);
}

}  // namespace

void add_historian(Program& program) {
  const Command command = program.app.add_subcommand(
      "historian", "Look after the history: check, compact, back up, export, import.");
  command.require_subcommand();
  command.footer(
      "All but import may be done while the gateway runs.\n\n"
      "Examples:\n"
      "  interwatt historian check\n"
      "  interwatt historian backup /mnt/usb/interwatt-2026-11-28\n"
      "  interwatt historian compact --json\n"
      "  interwatt historian export out '*/ActivePower' --since 2026-01-01\n"
      "  interwatt historian import out\n");
  const auto add = [&](const char* name, const char* what, Action action) {
    auto options = std::make_shared<Options>();
    const Command one = command.add_subcommand(name, what);
    add_data_folder(one, options->data);
    one.add_flag("--json", options->json, "the result as JSON");
    one.callback([=, &program] { program.status = with_folder(action, *options, program.console); });
    return std::pair(one, options);
  };
  const auto [checks, check_options] =
      add("check", "Read every file, and say what is damaged, where, and what to do.", &check);
  checks.add_flag("--drop", check_options->drop,
                  "first give up the blocks that can not be read, so that the others of their series can");
  add("compact", "Make few large blocks of many small ones, and give the space back to the disk.", &compact);
  const auto [backs_up, backup_options] =
      add("backup", "Copy history and events to a new folder, as they are now.", &backup);
  backs_up.add_option("FOLDER", backup_options->target, "must not be there yet").required();
  add_historian_transfer(command, program);
}

}  // namespace iw::gateway

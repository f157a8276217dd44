#include "historian/compaction.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "historian/day_file.hpp"

namespace iw::historian {
namespace {

// So many series in one transaction: some ten milliseconds, for which a writer waits.
constexpr std::size_t series_of_step = 16;
// Rewriting a file to give back less than this part of it is not worth it.
constexpr std::int64_t least_free_part = 16;

class Compactor {
 public:
  Compactor(io::Files& files, const CompactionSettings& settings, const Progress& progress)
      : files_(files), settings_(settings), progress_(progress) {}

  Result<Compaction> run() {
    const auto days = days_in(files_, settings_.folder);
    if (!days) return fail(days.error());
    std::vector<std::string> paths;
    for (const Day day : *days)
      if (day < settings_.before) paths.push_back(day_path(settings_.folder, day));
    for (const std::string& path : paths)
      done_.bytes_before += files_.size(path).value_or(0);
    std::uint64_t behind = 0;
    for (const std::string& path : paths) {
      progress_(path, behind, done_.bytes_before);
      const std::uint64_t size = files_.size(path).value_or(0);
      behind += size;
      if (auto worked = compact(path); !worked) {
        if (!files_.size(path)) continue;  // gone with its time
        done_.left.push_back(std::move(worked).error().in(path).message);
      }
      done_.bytes_after += files_.size(path).value_or(0);
    }
    return std::move(done_);
  }

 private:
  Result<void> compact(const std::string& path) {
    auto file = DayFile::open(path, sqlite::Mode::write, settings_.vfs);
    if (!file) return fail(std::move(file).error());
    const auto fragmented = file->fragmented();
    if (!fragmented) return fail(fragmented.error());
    for (std::size_t at = 0; at < fragmented->size(); at += series_of_step) {
      const std::size_t count = std::min(series_of_step, fragmented->size() - at);
      if (auto merged = merge(*file, std::span(*fragmented).subspan(at, count)); !merged) return merged;
    }
    auto given_back = give_back(file->database());
    if (!given_back) return fail(given_back.error());
    if (!fragmented->empty() || *given_back) ++done_.files;
    return {};
  }

  // A series with a damaged block is left alone, and does not keep its neighbours.
  Result<void> merge(DayFile& file, std::span<const SeriesId> series) {
    auto merged = file.merge_blocks(series);
    if (!merged && merged.error().kind == ErrorKind::malformed && series.size() > 1) {
      for (std::size_t i = 0; i < series.size(); ++i)
        if (auto one = merge(file, series.subspan(i, 1)); !one) return one;
      return {};
    }
    if (!merged && merged.error().kind == ErrorKind::malformed) {
      done_.left.push_back(merged.error().message);
      return {};
    }
    if (!merged) return fail(std::move(merged).error());
    done_.blocks_before += merged->before;
    done_.blocks_after += merged->after;
    return {};
  }

  // VACUUM writes the file anew beside its log, in one transaction.
  static Result<bool> give_back(sqlite::Database& database) {
    const auto pages = database.number("PRAGMA page_count");
    if (!pages) return fail(pages.error());
    const auto free = database.number("PRAGMA freelist_count");
    if (!free) return fail(free.error());
    if (*free * least_free_part < *pages) return false;
    if (auto done = database.run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"); !done)
      return fail(std::move(done).error());
    return true;
  }

  io::Files& files_;
  const CompactionSettings& settings_;
  const Progress& progress_;
  Compaction done_;
};

}  // namespace

Result<Compaction> compact(io::Files& files, const CompactionSettings& settings, const Progress& progress) {
  return Compactor(files, settings, progress).run();
}

Result<std::uint64_t> drop_damaged_blocks(io::Files& files, const CompactionSettings& settings) {
  const auto days = days_in(files, settings.folder);
  if (!days) return fail(days.error());
  std::uint64_t dropped = 0;
  for (const Day day : *days) {
    if (day >= settings.before) break;
    auto file = DayFile::open(day_path(settings.folder, day), sqlite::Mode::write, settings.vfs);
    if (!file) continue;  // more than blocks is damaged
    std::vector<std::int64_t> rows;
    auto read = file->each_block([&](const StoredBlock& block) {
      if (!block.check()) rows.push_back(block.row);
    });
    if (!read) continue;
    if (auto done = file->remove_blocks(rows); !done) return fail(std::move(done).error());
    dropped += rows.size();
  }
  return dropped;
}

}  // namespace iw::historian

#include "historian/inspection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "historian/catalogue.hpp"
#include "historian/day_file.hpp"
#include "historian/head_log.hpp"
#include "historian/rollup_files.hpp"

namespace iw::historian {
namespace {

constexpr std::string_view restore = "restore the file from a backup, or move it away";
constexpr std::string_view drop =
    "restore the file from a backup; or give the block up with `interwatt historian check --drop`";

class Inspector {
 public:
  Inspector(io::Files& files, const InspectionSettings& settings, const Progress& progress)
      : files_(files), settings_(settings), progress_(progress) {}

  Result<Inspection> run() {
    if (auto known = files_.size(catalogue_path(settings_.folder)); !known) {
      return fail(ErrorKind::not_found, fmt::format("no history is kept in {}", settings_.folder),
                  "`interwatt run` keeps it; --data names another folder");
    }
    auto names = files_.list(settings_.folder);
    if (!names) return fail(std::move(names).error());
    for (const std::string& name : *names)
      total_ += is_database(name) ? size_of(path_of(name)) : 0;
    inspect_catalogue();
    for (const std::string& name : *names) {
      if (day_of_file(name)) inspect_day(name);
      if (days_of_month_file(name) || days_of_year_file(name)) inspect_rollups(name);
    }
    if (auto done = inspect_head(); !done) return fail(std::move(done).error());
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const { return settings_.folder + "/" + name; }
  [[nodiscard]] std::uint64_t size_of(const std::string& path) const { return files_.size(path).value_or(0); }
  static bool is_database(const std::string& name) { return name.ends_with(".db"); }

  void begin(const std::string& path) {
    file_ = path;
    ++found_.files;
    progress_(path, found_.bytes, total_);
    found_.bytes += size_of(path);
  }

  void damaged(std::string place, std::string what, std::string_view remedy) {
    found_.damages.push_back(
        {.file = file_, .place = std::move(place), .what = std::move(what), .remedy = std::string(remedy)});
  }
  void damaged(Error error) {
    damaged("", std::move(error.message), error.remedy.empty() ? restore : error.remedy);
  }

  // What SQLite itself finds. False: nothing more can be read.
  bool sound(sqlite::Database& database) {
    const auto wrong = database.check();
    if (wrong && wrong->empty()) return true;
    damaged("", wrong ? *wrong : wrong.error().message, restore);
    return false;
  }

  [[nodiscard]] std::string name_of(std::int64_t series) const {
    const auto known = static_cast<std::size_t>(series) < paths_.size();
    return fmt::format("series {} ({})", series,
                       known ? paths_[static_cast<std::size_t>(series)] : "not in the catalogue");
  }
  [[nodiscard]] bool is_known(std::int64_t series) const {
    return series >= 0 && static_cast<std::size_t>(series) < paths_.size();
  }

  void inspect_catalogue() {
    begin(catalogue_path(settings_.folder));
    auto catalogue = Catalogue::open(file_, sqlite::Mode::read, settings_.vfs);
    if (!catalogue) return damaged(std::move(catalogue).error());
    for (const SeriesInfo& info : catalogue->series())
      paths_.push_back(info.path);
    found_.series = paths_.size();
    if (!sound(catalogue->database())) return;
    if (auto notes = catalogue->notes(); !notes) damaged(std::move(notes).error());
  }

  void inspect_day(const std::string& name) {
    begin(path_of(name));
    auto file = DayFile::open(file_, sqlite::Mode::read, settings_.vfs);
    if (!file) return gone_or_damaged(std::move(file).error());
    if (!sound(file->database())) return;
    const std::int64_t begin_ms = *day_of_file(name) * day_ms;
    auto read = file->each_block([&](const StoredBlock& block) { inspect(block, begin_ms); });
    if (!read) damaged(std::move(read).error());
  }

  void inspect(const StoredBlock& block, std::int64_t begin_ms) {
    ++found_.blocks;
    const std::string place = fmt::format("block {} of {}", block.row, name_of(block.series));
    if (!is_known(block.series)) damaged(place, "its series is not in the catalogue", restore);
    if (const auto good = block.check(); !good) return damaged(place, good.error().message, drop);
    found_.samples += static_cast<std::uint64_t>(block.count);
    if (block.first_ms < begin_ms || block.last_ms >= begin_ms + day_ms)
      damaged(place, "its samples are of another day", drop);
  }

  void inspect_rollups(const std::string& name) {
    begin(path_of(name));
    auto database = sqlite::Database::open({.path = file_, .mode = sqlite::Mode::read, .vfs = settings_.vfs});
    if (!database) return gone_or_damaged(std::move(database).error());
    if (!sound(*database)) return;
    for (const Level level : {Level::minute, Level::quarter, Level::hour}) {
      auto read = each_row(*database, level, [&](const RollupRow& row) { inspect(row); });
      if (!read) damaged(std::move(read).error());
    }
  }

  void inspect(const RollupRow& row) {
    const std::string place =
        fmt::format("{} row {} of {}", to_string(row.level),
                    row.range.from_ms / (row.range.to_ms - row.range.from_ms), name_of(row.series.value()));
    if (!is_known(row.series.value())) damaged(place, "its series is not in the catalogue", restore);
    const auto rollups = decode_rollups(row.data);
    if (!rollups) return damaged(place, rollups.error().message, restore);
    found_.rollups += rollups->size();
    const bool fits = std::ranges::is_sorted(*rollups, std::less_equal{}, &Rollup::start_ms) &&
                      std::ranges::all_of(*rollups, [&](const Rollup& r) {
                        return r.start_ms >= row.range.from_ms && r.start_ms < row.range.to_ms &&
                               r.start_ms % step_ms(row.level) == 0;
                      });
    if (!fits) damaged(place, "its buckets are not of that time", restore);
  }

  // A file that went with its time while others were read is no damage; nor is one whose maker was killed
  // before anything was in it, with the journal of that beside it.
  void gone_or_damaged(Error error) {
    const bool there = files_.size(file_).has_value();
    const bool being_made = error.kind == ErrorKind::not_found && files_.size(file_ + "-journal");
    if (there && !being_made) return damaged(std::move(error));
    --found_.files;
  }

  Result<void> inspect_head() {
    file_ = head_folder(settings_.folder);
    progress_(file_, found_.bytes, total_);
    const auto count = [&](std::uint64_t, const Recording&) { ++found_.recordings; };
    auto damages = HeadLog::read(files_, file_, count);
    if (!damages) return fail(std::move(damages).error());
    for (SegmentDamage& damage : *damages) {
      if (settings_.being_written && damage.in_last) continue;
      if (damage.written_again) {
        found_.written_again.push_back(std::move(damage.path));
        continue;
      }
      file_ = std::move(damage.path);
      damaged(fmt::format("from byte {} on", damage.at),
              fmt::format("{} bytes can not be read: {}", damage.size, damage.why),
              "nothing: the gateway leaves them out, and removes the file when it is sealed");
    }
    return {};
  }

  io::Files& files_;
  const InspectionSettings& settings_;
  const Progress& progress_;
  Inspection found_;
  std::uint64_t total_ = 0;
  std::string file_;
  std::vector<std::string> paths_;  // of the series, by number
};

}  // namespace

Result<Inspection> inspect(io::Files& files, const InspectionSettings& settings, const Progress& progress) {
  return Inspector(files, settings, progress).run();
}

}  // namespace iw::historian

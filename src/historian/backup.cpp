#include "historian/backup.hpp"

#include <set>

#include "historian/catalogue.hpp"
#include "historian/layout.hpp"
#include "sqlite/database.hpp"

namespace iw::historian {
namespace {

// The order makes it one moment, although the writer goes on meanwhile. The head log comes first, and again
// after the day files: what is sealed in between is in both, and counts once; and no number stands in a day
// file as sealed that the copied head log could give again. Roll-ups come after the day files, which say
// what of them is still to be made. The catalogue comes last, so that it knows every series; but what it
// says to be forgotten, and which days have roll-ups to be made, is as it was in the beginning: by now both
// may have been settled in the day files, after they were copied.
class Copier {
 public:
  Copier(io::Files& files, const BackupSettings& settings, const Progress& progress)
      : files_(files), settings_(settings), progress_(progress) {}

  Result<Backup> run() {
    if (auto made = files_.make_folder(head_folder(settings_.to)); !made)
      return fail(std::move(made).error());
    if (auto noted = note_beginning(); !noted) return fail(std::move(noted).error());
    const auto names = files_.list(settings_.from);
    if (!names) return fail(names.error());
    for (const std::string& name : *names)
      total_ += files_.size(settings_.from + "/" + name).value_or(0);

    if (auto done = copy_head(); !done) return fail(std::move(done).error());
    for (const std::string& name : *names) {
      if (day_of_file(name))
        if (auto done = copy_database(name); !done) return fail(std::move(done).error());
    }
    for (const std::string& name : *names) {
      if (days_of_month_file(name) || days_of_year_file(name))
        if (auto done = copy_database(name); !done) return fail(std::move(done).error());
    }
    if (auto done = copy_head(); !done) return fail(std::move(done).error());
    if (auto done = copy_database("catalogue.db"); !done) return fail(std::move(done).error());
    if (auto done = set_beginning(); !done) return fail(std::move(done).error());
    return done_;
  }

 private:
  Result<void> note_beginning() {
    auto catalogue = Catalogue::open(catalogue_path(settings_.from), sqlite::Mode::read, settings_.vfs);
    if (!catalogue) return fail(std::move(catalogue).error());
    const auto forgotten = catalogue->mark(Mark::forgotten);
    if (!forgotten) return fail(forgotten.error());
    forgotten_ = *forgotten;
    auto stale_days = catalogue->stale_days();
    if (!stale_days) return fail(std::move(stale_days).error());
    stale_days_ = std::move(*stale_days);
    return {};
  }

  Result<void> set_beginning() {
    auto catalogue = Catalogue::open(catalogue_path(settings_.to), sqlite::Mode::write, settings_.vfs);
    if (!catalogue) return fail(std::move(catalogue).error());
    for (const Day day : stale_days_)
      if (auto added = catalogue->add_stale_day(day); !added) return added;
    return catalogue->set(Mark::forgotten, forgotten_);
  }

  // Segments only grow, until they go.
  Result<void> copy_head() {
    const std::string from = head_folder(settings_.from);
    const auto names = files_.list(from);
    if (!names && names.error().kind == ErrorKind::not_found) return {};
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
      const auto content = files_.read(from + "/" + name);
      if (!content && content.error().kind == ErrorKind::not_found) continue;  // sealed meanwhile
      if (!content) return fail(content.error());
      if (auto written = files_.replace(head_folder(settings_.to) + "/" + name, *content, 0640); !written)
        return written;
    }
    return {};
  }

  Result<void> copy_database(const std::string& name) {
    const std::string path = settings_.from + "/" + name;
    progress_(path, done_.bytes, total_);
    auto database = sqlite::Database::open({.path = path, .mode = sqlite::Mode::read, .vfs = settings_.vfs});
    if (!database) {
      if (!files_.size(path)) return {};  // its time was over meanwhile
      return fail(std::move(database).error());
    }
    const std::string copy = settings_.to + "/" + name;
    if (auto copied = database->copy_to(copy); !copied) return copied;
    if (auto synced = files_.sync(copy); !synced) return synced;
    ++done_.files;
    done_.bytes += files_.size(copy).value_or(0);
    return {};
  }

  io::Files& files_;
  const BackupSettings& settings_;
  const Progress& progress_;
  Backup done_;
  std::uint64_t total_ = 0;
  std::int64_t forgotten_ = 0;
  std::set<Day> stale_days_;
};

}  // namespace

Result<Backup> back_up(io::Files& files, const BackupSettings& settings, const Progress& progress) {
  return Copier(files, settings, progress).run();
}

}  // namespace iw::historian

#include "historian/reader.hpp"

#include "historian/head_log.hpp"

namespace iw::historian {

// The head log is read before the marks: what is sealed in between is found in both, and counts once.
Result<Reader> Reader::open(io::Files& files, const std::string& folder, Duration longest_hold,
                            const std::string& vfs) {
  auto catalogue = Catalogue::open(catalogue_path(folder), sqlite::Mode::read, vfs);
  if (!catalogue) return fail(std::move(catalogue).error());
  Archive archive(files, folder, sqlite::Mode::read, vfs, ms(longest_hold));
  SealedMarks marks(archive.days());
  Unsealed unsealed;
  unsealed.resize(catalogue->series().size());
  const auto take = [&](std::uint64_t sequence, const Recording& recording) {
    unsealed.replay(sequence, recording, marks);
  };
  if (auto read = HeadLog::read(files, head_folder(folder), take); !read)
    return fail(std::move(read).error());
  return Reader(std::move(*catalogue), std::move(archive), std::move(unsealed));
}

Result<Samples> Reader::raw(SeriesId series, Range range) {
  return archive_.days().read(series, range, unsealed_.samples(series));
}

Result<std::vector<Rollup>> Reader::rollups(SeriesId series, Level level, Range range) {
  if (series.value() >= catalogue_.series().size()) return std::vector<Rollup>{};
  const EnergyOf energy = energy_of(catalogue_.series()[series.value()].name);
  const auto stale_days = catalogue_.stale_days();
  if (!stale_days) return fail(stale_days.error());
  const Samples unsealed = unsealed_.samples(series);
  return archive_.rollups(series, energy, level, range, {.unsealed = unsealed, .stale_days = *stale_days});
}

}  // namespace iw::historian

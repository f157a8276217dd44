// The speed and size of the historian at 10,000 points, beside rows of SQLite and zstd of the raw columns.
// Prints one JSON object.
//
//   bench_historian record FOLDER                 an hour as fast as it goes, synced once a second
//   bench_historian rows FOLDER --seconds 5       the same samples as rows of SQLite, a transaction a second
//   bench_historian hours FOLDER [--jitter 20]    two hours at 1 Hz, on a clock of its own: bytes
//   bench_historian replay FOLDER                 a head log of a minute, read at a start
//   bench_historian day FOLDER                    writes a day of all series, for `query`
//   bench_historian query FOLDER                  a day of one series, for the first time and again
//   bench_historian year FOLDER                   a year of quarters of an hour, 30 days of raw beside it

#include "historian/historian.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include "historian/reader.hpp"
#include "io/posix/files.hpp"
#include "meters.hpp"
#include "report.hpp"

namespace {

using namespace iw;
using namespace iw::historian;
using bench::Meters;
using json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t points = 10'000;
constexpr std::int64_t midnight = 1'790'000'000'000 / day_ms * day_ms;  // of a day in 2026

template <class T>
T checked(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}
double ms_since(Clock::time_point begin) { return seconds_since(begin) * 1000; }

Instant real_now() { return Instant(Clock::now().time_since_epoch()); }
WallTime wall(std::int64_t time_ms) { return WallTime(std::chrono::milliseconds(time_ms)); }

// What this process has given to the disk, in pages of the cache that became dirty.
std::uint64_t bytes_written() {
  std::ifstream io("/proc/self/io");
  for (std::string key; io >> key;) {
    std::uint64_t bytes = 0;
    io >> bytes;
    if (key == "write_bytes:") return bytes;
  }
  return 0;
}

// The files whose names begin like this, and nothing of them in the page cache afterwards.
std::vector<std::string> files_of(const std::string& folder, std::string_view prefix) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path().string());
  return found;
}

double size_of(const std::string& folder, std::string_view prefix) {
  double sum = 0;
  for (const std::string& path : files_of(folder, prefix))
    sum += static_cast<double>(std::filesystem::file_size(path));
  return sum;
}

void make_cold(const std::string& folder) {
  for (const std::string& path : files_of(folder, "")) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    fsync(file);
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
  }
}

Historian opened(io::Files& files, const std::string& folder, Instant now) {
  return checked(Historian::open(files, {.folder = folder, .reserve = 0}, now));
}

struct Pace {
  std::uint64_t samples = 0;
  double seconds = 0;
  double cpu_seconds = 0;

  // What `each` takes for the samples of a second.
  template <class Each>
  void measure(Meters& meters, Each each) {
    const Recording& recording = meters.next();
    const double cpu_begin = bench::cpu_seconds();
    const auto begin = Clock::now();
    each(recording);
    cpu_seconds += bench::cpu_seconds() - cpu_begin;
    seconds += seconds_since(begin);
    samples += recording.size();
  }
  [[nodiscard]] json to_json() const {
    const auto n = static_cast<double>(samples);
    return {{"samples_per_s", n / seconds}, {"samples_per_cpu_s", n / cpu_seconds}};
  }
};

// An hour of samples, with all that belongs to it: the roll-ups of the hour before are made meanwhile.
json record(const std::string& folder) {
  io::posix::PosixFiles files;
  Historian historian = opened(files, folder, real_now());
  checked(historian.series(Meters::infos(points)));
  Meters meters(points, midnight, 0);
  const auto second = [&](const Recording& recording) {
    historian.record(recording, real_now());
    historian.tick(wall(meters.time_ms()), real_now());
  };
  Pace begin;
  Pace steady;
  for (int i = 0; i < 75 * 60; ++i)
    begin.measure(meters, second);
  for (int i = 0; i < 3600; ++i)
    steady.measure(meters, second);
  const Status status = historian.status();
  if (status.trouble || status.lost > 0) throw std::runtime_error("the disk is ill");
  json result = steady.to_json();
  result["unsealed_per_series"] = static_cast<double>(status.unsealed) / points;
  return result;
}

json rows(const std::string& folder, double seconds) {
  auto database = checked(sqlite::Database::open({.path = folder + "/rows.db"}));
  checked(
      database.run("CREATE TABLE sample(series INTEGER, time INTEGER, value REAL, quality INTEGER, "
                   "PRIMARY KEY(series, time)) WITHOUT ROWID"));
  auto insert = checked(database.prepare("INSERT INTO sample VALUES(?, ?, ?, ?)"));
  Meters meters(points, midnight, 0);
  Pace pace;
  while (pace.seconds < seconds) {
    pace.measure(meters, [&](const Recording& recording) {
      auto transaction = checked(sqlite::Transaction::begin(database));
      for (std::size_t i = 0; i < recording.size(); ++i) {
        insert.bind(1, std::int64_t{recording.series[i].value()}).bind(2, recording.samples.time_ms[i]);
        insert.bind(3, recording.samples.value[i]);
        checked(insert.bind(4, std::int64_t{recording.samples.quality[i].bits()}).run());
      }
      checked(transaction.commit());
    });
  }
  json result = pace.to_json();
  result["written_per_sample"] = static_cast<double>(bytes_written()) / static_cast<double>(pace.samples);
  result["bytes_per_sample"] = size_of(folder, "rows.db") / static_cast<double>(pace.samples);
  return result;
}

// The raw columns of some series, and what zstd makes of them in blocks as large as the historian's.
class RawColumns {
 public:
  void take(const Recording& recording) {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const std::size_t i = k * points / columns_.size() + k % 10;
      columns_[k].add(recording.samples.time_ms[i], recording.samples.value[i], recording.samples.quality[i]);
    }
    if (columns_[0].size() < Settings{}.seal_samples) return;
    for (Samples& columns : columns_)
      compress(columns);
  }
  [[nodiscard]] double bytes_per_sample() const {
    return static_cast<double>(bytes_) / static_cast<double>(samples_);
  }

 private:
  void compress(Samples& columns) {
    std::vector<std::byte> raw;
    const auto append = [&](const auto& column) {
      const Bytes bytes = std::as_bytes(std::span(column));
      raw.insert(raw.end(), bytes.begin(), bytes.end());
    };
    append(columns.time_ms);
    append(columns.value);
    append(columns.quality);
    std::vector<std::byte> out(ZSTD_compressBound(raw.size()));
    bytes_ += ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), ZSTD_CLEVEL_DEFAULT);
    samples_ += columns.size();
    columns.clear();
  }

  std::vector<Samples> columns_ = std::vector<Samples>(100);
  std::uint64_t bytes_ = 0;
  std::uint64_t samples_ = 0;
};

// Two hours as the gateway has them at 1 Hz, ten ticks a second; the second has the roll-ups of the first.
json hours(const std::string& folder, std::int64_t jitter_ms) {
  constexpr int seconds = 7200;
  io::posix::PosixFiles files;
  RawColumns raw;
  Status status;
  const double cpu_begin = bench::cpu_seconds();
  {
    Instant now{};
    Historian historian = opened(files, folder, now);
    checked(historian.series(Meters::infos(points)));
    Meters meters(points, midnight, jitter_ms);
    for (int second = 0; second < seconds; ++second) {
      const Recording& recording = meters.next();
      raw.take(recording);
      historian.record(recording, now);
      for (int tick = 0; tick < 10; ++tick, now += 100ms)
        historian.tick(wall(meters.time_ms()), now);
    }
    status = historian.status();
  }
  const auto recorded = static_cast<double>(status.recorded);
  return {{"written_per_sample", static_cast<double>(bytes_written()) / recorded},
          {"core_percent", 100 * (bench::cpu_seconds() - cpu_begin) / seconds},
          {"bytes_per_sample", size_of(folder, "raw-") / (recorded - static_cast<double>(status.unsealed))},
          {"rollup_bytes_per_sample", size_of(folder, "rollup-") / (recorded / 2)},
          {"zstd_bytes_per_sample", raw.bytes_per_sample()}};
}

json replay(const std::string& folder) {
  io::posix::PosixFiles files;
  {
    Historian historian = opened(files, folder, {});
    checked(historian.series(Meters::infos(points)));
    Meters meters(points, midnight, 0);
    for (int second = 0; second < 60; ++second)
      historian.record(meters.next(), Instant{} + 1s * second);
    historian.sync();
  }
  make_cold(head_folder(folder));
  const auto begin = Clock::now();
  const Historian historian = opened(files, folder, {});
  return {{"ms", ms_since(begin)}, {"samples", historian.recovery().samples}};
}

// The blocks lie in the file as the historian seals them at 1 Hz: 16 neighbours, then others.
json day(const std::string& folder) {
  constexpr std::size_t neighbours = 16;
  constexpr std::size_t groups = points / neighbours;
  io::posix::PosixFiles files;
  checked(opened(files, folder, {}).series(Meters::infos(points)));
  DayFile file = checked(DayFile::open(day_path(folder, day_of(midnight)), sqlite::Mode::create, {}));
  Meters meters(points, midnight, 0);
  std::vector<Sealing> sealings(points);
  std::uint64_t sequence = 0;
  for (int second = 1; second <= 86'400; ++second) {
    const Recording& recording = meters.next();
    for (std::size_t i = 0; i < points; ++i) {
      const std::size_t place = i / neighbours * 197 % groups * neighbours + i % neighbours;
      sealings[place].series = recording.series[i];
      sealings[place].samples.add(recording.samples.time_ms[i], recording.samples.value[i], {});
    }
    if (sealings[0].samples.size() < Settings{}.seal_samples && second < 86'400) continue;
    for (std::size_t at = 0; at < points; at += 1000)
      checked(file.seal(++sequence, std::span(sealings).subspan(at, 1000), ms(Settings{}.longest_hold)));
    for (Sealing& sealing : sealings)
      sealing.samples.clear();
  }
  return {{"file_bytes", std::filesystem::file_size(file.database().path())}};
}

// A random page of the file that is not in memory: what the disk itself takes.
double page_ms(const std::string& path, io::Random& random) {
  constexpr std::size_t page = 32'768;
  std::vector<std::byte> bytes(page);
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto at = static_cast<off_t>(random.below(std::filesystem::file_size(path) / page) * page);
  const auto begin = Clock::now();
  if (pread(file, bytes.data(), page, at) != static_cast<ssize_t>(page)) throw std::runtime_error("no page");
  const double taken = ms_since(begin);
  close(file);
  return taken;
}

// The first time cold, with nothing of the files in memory; then warm.
struct Reads {
  std::vector<float> cold_ms;
  std::vector<float> warm_ms;

  template <class Read>
  void measure(const std::string& folder, Read read) {
    constexpr int times_warm = 5;
    make_cold(folder);
    for (int i = 0; i <= times_warm; ++i) {
      const auto begin = Clock::now();
      read();
      (i == 0 ? cold_ms : warm_ms).push_back(static_cast<float>(ms_since(begin)));
    }
  }
  json to_json() { return {{"cold_ms", bench::quantiles(cold_ms)}, {"warm_ms", bench::quantiles(warm_ms)}}; }
};

json query(const std::string& folder) {
  io::posix::PosixFiles files;
  io::world::SeededRandom random(3, "pages");
  Reads reads;
  std::vector<float> pages;
  for (std::uint32_t i = 0; i < 20; ++i) {
    auto reader = checked(historian::Reader::open(files, folder));
    reads.measure(folder, [&] {
      const Samples samples =
          checked(reader.raw(SeriesId(i * 487), {.from_ms = midnight, .to_ms = midnight + day_ms}));
      if (samples.size() != 86'400) throw std::runtime_error("the day is not whole");
    });
    make_cold(folder);
    for (int k = 0; k < 50; ++k)
      pages.push_back(static_cast<float>(page_ms(day_path(folder, day_of(midnight)), random)));
  }
  json result = reads.to_json();
  result["page_ms"] = bench::quantiles(pages);
  return result;
}

// A year of minutes, quarters and hours of some points, and the raw samples of its last 30 days.
json year(const std::string& folder) {
  constexpr std::size_t some = 50;
  constexpr Day first = 20'454;  // 2026-01-01
  constexpr Day days = 365;
  io::posix::PosixFiles files;
  checked(opened(files, folder, {}).series(Meters::infos(some)));
  RollupFiles rollups(files, folder, sqlite::Mode::create, {});
  io::world::SeededRandom random(2, "year");
  for (std::int64_t hour = first * 24; hour < (first + days) * 24; ++hour) {
    std::vector<RolledHour> hours;
    for (std::uint32_t i = 0; i < some; ++i) {
      RolledHour rolled{.series = SeriesId(i), .hour = hour, .energy = EnergyOf::power, .minutes = {}};
      for (std::int64_t minute = 0; minute < 60; ++minute) {
        const double average = 1000 + static_cast<double>(random.below(1000));
        rolled.minutes.push_back({.start_ms = hour * hour_ms + minute * minute_ms,
                                  .min = average - 60,
                                  .max = average + 55,
                                  .last = average + 4,
                                  .covered_ms = minute_ms,
                                  .integral = average * minute_ms + 17'000,
                                  .count = 60,
                                  .good = 60});
      }
      hours.push_back(std::move(rolled));
    }
    checked(rollups.write(hours));
  }
  for (Day of = first + days - 30; of < first + days; ++of) {
    DayFile file = checked(DayFile::open(day_path(folder, of), sqlite::Mode::create, {}));
    Samples samples;
    for (std::int64_t time = of * day_ms; time < (of + 1) * day_ms; time += minute_ms)
      samples.add(time, 1, {});
    std::vector<Sealing> sealings;
    for (std::uint32_t i = 0; i < some; ++i)
      sealings.push_back({.series = SeriesId(i), .samples = samples});
    checked(file.seal(1, sealings, ms(Settings{}.longest_hold)));
    checked(file.rolled_up(checked(file.stale((first + days + 1) * 24, 100'000))));
  }
  Reads reads;
  for (std::uint32_t i = 0; i < some; ++i) {
    auto reader = checked(historian::Reader::open(files, folder));
    reads.measure(folder, [&] {
      const auto found = checked(reader.rollups(
          SeriesId(i), Level::quarter, {.from_ms = first * day_ms, .to_ms = (first + days) * day_ms}));
      if (found.size() != days * 96) throw std::runtime_error("the year is not whole");
    });
  }
  return reads.to_json();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string what = argv[1];
  const std::string folder = argv[2];
  double seconds = 5;
  std::int64_t jitter_ms = 0;
  for (int i = 3; i + 1 < argc; i += 2) {
    if (std::string_view(argv[i]) == "--seconds") seconds = std::stod(argv[i + 1]);
    if (std::string_view(argv[i]) == "--jitter") jitter_ms = std::stoll(argv[i + 1]);
  }
  const json result = what == "record"   ? record(folder)
                      : what == "rows"   ? rows(folder, seconds)
                      : what == "hours"  ? hours(folder, jitter_ms)
                      : what == "replay" ? replay(folder)
                      : what == "day"    ? day(folder)
                      : what == "query"  ? query(folder)
                      : what == "year"   ? year(folder)
                                         : json{};
  std::puts(result.dump(2).c_str());
}

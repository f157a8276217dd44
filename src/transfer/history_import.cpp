#include "transfer/history_import.hpp"

#include <algorithm>
#include <map>

#include "historian/rollup_files.hpp"
#include "transfer/counter_csv.hpp"
#include "transfer/rollup_csv.hpp"

namespace iw::transfer {
namespace {

using historian::Historian;
using historian::SeriesId;
using historian::SeriesInfo;
using normalize::CounterState;

// So many samples are in memory at most.
constexpr std::size_t samples_of_seal = 1U << 20U;
// After all that can be recorded: everything is due.
constexpr WallTime far{std::chrono::sys_days{std::chrono::year{2200} / 1 / 1}};

class Importer {
 public:
  Importer(Historian historian, const ImportSettings& settings)
      : historian_(std::move(historian)), settings_(settings) {}

  Result<Imported> run(io::Files& files) {
    auto read = read_samples(settings_.form, InputFile(files, settings_.samples),
                             [this](const SeriesInfo& series, const historian::Samples& samples) {
                               return record(series, samples);
                             });
    if (!read) return fail(std::move(read).error());
    if (!settings_.counters.empty())
      if (auto put = put_counters(files); !put) return fail(std::move(put).error());
    if (auto sealed = historian_.seal(); !sealed) return fail(std::move(sealed).error());
    if (auto rolled = historian_.roll_up(far); !rolled) return fail(std::move(rolled).error());
    done_.refused = historian_.status().refused;
    done_.samples -= done_.refused;
    if (!settings_.rollups.empty())
      if (auto put = put_rollups(files); !put) return fail(std::move(put).error());
    done_.series = ids_.size();
    return done_;
  }

 private:
  Result<SeriesId> id_of(const SeriesInfo& series) {
    const auto known = ids_.find(series.mrid);
    if (known != ids_.end()) return known->second;
    const auto ids = historian_.series(std::span(&series, 1));
    if (!ids) return fail(ids.error());
    return ids_.emplace(series.mrid, ids->front()).first->second;
  }

  Result<void> record(const SeriesInfo& series, const historian::Samples& samples) {
    const auto id = id_of(series);
    if (!id) return fail(id.error());
    recording_.clear();
    recording_.series.assign(samples.size(), *id);
    recording_.samples = samples;
    historian_.record(recording_, Instant{});
    done_.samples += samples.size();
    unsealed_ += samples.size();
    if (settings_.progress) settings_.progress(done_.samples);
    if (unsealed_ < samples_of_seal) return {};
    unsealed_ = 0;
    return historian_.seal();
  }

  // Where a counter has come further here, it stays.
  Result<void> put_counters(io::Files& files) {
    recording_.clear();
    auto read = read_counters(InputFile(files, settings_.counters),
                              [&](const SeriesInfo& series, const CounterState& state) -> Result<void> {
                                const auto id = id_of(series);
                                if (!id) return fail(id.error());
                                if (!is_older(*id, state))
                                  recording_.notes.add(*id, normalize::to_bytes(state));
                                return {};
                              });
    if (read && !recording_.notes.empty()) historian_.record(recording_, Instant{});
    return read;
  }

  [[nodiscard]] bool is_older(SeriesId id, const CounterState& state) const {
    const auto note = historian_.note(id);
    if (!note) return false;
    const auto here = normalize::counter_state(*note);
    return here && here->last_time >= state.last_time;
  }

  // Over those that the values gave: of their first hour they do not know what was before.
  Result<void> put_rollups(io::Files& files) {
    historian::RollupFiles into(files, settings_.history, sqlite::Mode::create, "");
    auto read = read_rollups(InputFile(files, settings_.rollups),
                             [&](const SeriesInfo& series, historian::Level level,
                                 std::span<const historian::Rollup> rollups) -> Result<void> {
                               const auto id = id_of(series);
                               if (!id) return fail(id.error());
                               done_.rollups += rollups.size();
                               return into.put(*id, level, rollups);
                             });
    if (!read) return read;
    return historian_.give_up_values_before(settings_.values_from);
  }

  Historian historian_;
  const ImportSettings& settings_;
  std::map<model::Mrid, SeriesId> ids_;
  historian::Recording recording_;
  std::size_t unsealed_ = 0;
  Imported done_;
};

}  // namespace

Result<Imported> import_history(io::Files& files, const ImportSettings& settings) {
  auto historian = Historian::open(
      files, {.folder = settings.history, .sync = historian::SyncPolicy::none, .reserve = 0}, Instant{});
  if (!historian) return fail(std::move(historian).error());
  return Importer(std::move(*historian), settings).run(files);
}

}  // namespace iw::transfer

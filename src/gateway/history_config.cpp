#include "gateway/history_config.hpp"

namespace iw::gateway {

using namespace config;  // the table below reads better without it at every word

namespace {

constexpr std::array sync_words{Word<historian::SyncPolicy>{"none", historian::SyncPolicy::none},
                                Word<historian::SyncPolicy>{"interval", historian::SyncPolicy::interval},
                                Word<historian::SyncPolicy>{"every", historian::SyncPolicy::every}};

}  // namespace

const Record<HistorySection>& history_record() {
  using H = HistorySection;
  static const auto record =
      Record<H>()
          .optional("enabled", &H::enabled, boolean(), "false: nothing is kept")
          .optional("sync", &H::sync, one_of(sync_words),
                    "when the disk confirms: a power cut costs what came since")
          .optional("sync_interval", &H::sync_interval, duration(100ms, 60s), "between two syncs")
          .optional("raw_days", &H::raw_days, integer(1, 36'600), "days that every value is kept")
          .optional("minute_days", &H::minute_days, integer(1, 36'600),
                    "days that roll-ups of minutes are kept")
          .optional("rollup_years", &H::rollup_years, integer(1, 100),
                    "years that roll-ups of quarters and hours are kept")
          .optional("most", &H::most, parsed<std::uint64_t>("a size", &parse_size, &size_to_string),
                    "what it may take on the disk; beyond, the oldest values go first; 0: no limit")
          .optional("reserve", &H::reserve, parsed<std::uint64_t>("a size", &parse_size, &size_to_string),
                    "kept free for the day when the disk is full; 0: nothing")
          .optional("warn_full_percent", &H::warn_full_percent, integer(0, 99),
                    "of its disk: when it is fuller, an event tells; 0: none does");
  return record;
}

historian::Settings HistorySection::settings(const std::string& data_folder) const {
  historian::Settings settings{.folder = history_folder(data_folder)};
  settings.sync = sync;
  settings.sync_interval = sync_interval;
  settings.raw_days = raw_days;
  settings.minute_days = minute_days;
  settings.rollup_years = rollup_years;
  settings.most_bytes = most;
  settings.reserve = reserve;
  return settings;
}

std::string history_folder(const std::string& data_folder) { return data_folder + "/history"; }
std::string lock_path(const std::string& data_folder) { return data_folder + "/lock"; }

}  // namespace iw::gateway

// What a configuration may say about the history that the gateway keeps.
//
//   data: /var/lib/interwatt
//   history: {sync: every}
#pragma once

#include "config/record.hpp"
#include "historian/historian.hpp"

namespace iw::gateway {

struct HistorySection {
  bool enabled = true;
  historian::SyncPolicy sync = historian::SyncPolicy::interval;
  Duration sync_interval = 1s;
  int raw_days = 30;
  int minute_days = 366;
  int rollup_years = 10;
  std::uint64_t most = 0;  // bytes on the disk; 0: no limit
  std::uint64_t reserve = 256'000'000;
  int warn_full_percent = 80;  // 0: never

  // For the folder of all data of the gateway.
  [[nodiscard]] historian::Settings settings(const std::string& data_folder) const;
};

const config::Record<HistorySection>& history_record();

// Where the history stands in the folder of all data.
std::string history_folder(const std::string& data_folder);
// Who has it locked writes there.
std::string lock_path(const std::string& data_folder);

}  // namespace iw::gateway

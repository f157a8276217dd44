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
          .optional("sync_interval", &H::sync_interval, duration(100ms, 60s), "between two syncs");
  return record;
}

historian::Settings HistorySection::settings(const std::string& data_folder) const {
  historian::Settings settings{.folder = history_folder(data_folder)};
  settings.sync = sync;
  settings.sync_interval = sync_interval;
  return settings;
}

std::string history_folder(const std::string& data_folder) { return data_folder + "/history"; }

}  // namespace iw::gateway

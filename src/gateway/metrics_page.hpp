// MetricsPage: the running gateway as Prometheus scrapes it: values of points and the gateway's own health.
// Core executor; the gateway outlives it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/exposition.hpp"
#include "formats/point_metrics.hpp"
#include "formats/telemetry.hpp"
#include "gateway/gateway.hpp"
#include "gateway/metrics.hpp"
#include "io/task.hpp"

namespace iw::gateway {

class MetricsPage {
 public:
  struct Settings {
    std::string version;
    std::function<std::vector<OutputStatus>()> outputs = {};
    std::function<std::vector<ThreadUsage>()> threads = {};
    // What the process takes; replaced in tests.
    std::function<io::posix::ProcessUsage()> process = &io::posix::process_usage;
  };

  MetricsPage(io::Executor& core, Gateway& gateway, Settings settings);

  // Asks the field how its lines are, for a second at most: without an answer the page has none.
  io::Task<std::string> render(formats::ExpositionFormat format);

  // The points of the site as they are now; their aliases are their places.
  const formats::Catalog& catalog();

 private:
  io::Task<std::vector<driver::LineStatus>> line_status();
  Health health(std::vector<driver::LineStatus> lines);
  [[nodiscard]] std::optional<formats::Present> present(const formats::CatalogPoint& point) const;

  io::Executor& core_;
  Gateway& gateway_;
  Settings settings_;
  WallTime started_;
  formats::Catalog catalog_;
  std::vector<model::PointId> points_;     // of the catalogue
  std::optional<std::uint64_t> revision_;  // of the site, that the catalogue is of
  std::map<std::string, double> planned_busy_;
  std::optional<std::uint64_t> planned_for_;  // reloads of the gateway
};

}  // namespace iw::gateway

#include "gateway/metrics_page.hpp"

#include <utility>

#include "formats/point_metrics.hpp"
#include "io/signal.hpp"

namespace iw::gateway {
namespace {

constexpr Duration ask_for = 1s;

std::map<std::string, double> planned_busy(const LoadedConfig& config) {
  DeviceIds ids;
  std::map<std::string, double> busy;
  for (const driver::LinePlanPtr& line : plan_lines(config, ids))
    busy[line->url()] = line->budget().load;
  return busy;
}

}  // namespace

MetricsPage::MetricsPage(io::Executor& core, Gateway& gateway, Settings settings)
    : core_(core), gateway_(gateway), settings_(std::move(settings)), started_(core.clock().wall_now()) {}

io::Task<std::string> MetricsPage::render(formats::ExpositionFormat format) {
  auto lines = co_await line_status();
  formats::Exposition out(format);
  put_health(health(std::move(lines)), out);
  formats::put_points(catalog(), [this](const formats::CatalogPoint& point) { return present(point); }, out);
  co_return std::move(out).finish();
}

io::Task<std::vector<driver::LineStatus>> MetricsPage::line_status() {
  struct Answer {
    explicit Answer(io::Executor& executor) : there(executor) {}
    io::Signal there;
    std::vector<driver::LineStatus> lines;
  };
  // The answer may come when nobody waits for it any more.
  auto answer = std::make_shared<Answer>(core_);
  gateway_.line_status([answer](std::vector<driver::LineStatus> lines) {
    answer->lines = std::move(lines);
    answer->there.set();
  });
  co_await answer->there.wait_until(core_.now() + ask_for);
  co_return std::move(answer->lines);
}

Health MetricsPage::health(std::vector<driver::LineStatus> lines) {
  if (planned_for_ != gateway_.reloads()) {
    planned_for_ = gateway_.reloads();
    planned_busy_ = planned_busy(gateway_.config());
  }
  Health health{.version = settings_.version,
                .started = started_,
                .process = settings_.process(),
                .reloads = gateway_.reloads(),
                .lines = std::move(lines),
                .planned_busy = planned_busy_};
  for (const model::SiteModel::Device& device : gateway_.site().devices()) {
    const bus::DeviceEvent* event = gateway_.live().state(device.id);
    health.device_names.emplace(device.id, device.name);
    health.devices.emplace_back(device.name, event != nullptr && event->state == bus::DeviceState::online);
  }
  health.batches = gateway_.bus().batches();
  health.samples = gateway_.bus().samples();
  health.dropped_batches = gateway_.dropped();
  if (const Recorder* recorder = gateway_.recorder()) {
    health.history = recorder->status();
    health.dropped_samples = recorder->dropped();
  }
  if (const EventKeeper* keeper = gateway_.events()) {
    for (const auto severity : {events::Severity::info, events::Severity::warning, events::Severity::alarm,
                                events::Severity::critical})
      health.active[severity] = 0;
    keeper->alarms().for_each_active([&](const events::Event& event) { ++health.active[event.severity]; });
  }
  if (settings_.outputs) health.outputs = settings_.outputs();
  if (settings_.threads) health.threads = settings_.threads();
  return health;
}

const formats::Catalog& MetricsPage::catalog() {
  catalog_.site_name = gateway_.config().site.site.name;
  if (revision_ == gateway_.site().revision()) return catalog_;
  revision_ = gateway_.site().revision();
  catalog_.site = gateway_.site().site();
  catalog_.points =
      formats::catalog_of(gateway_.site(), [](std::string_view /*path*/) { return true; }).points;
  catalog_.epoch = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(started_).time_since_epoch().count());
  catalog_.version = static_cast<std::uint32_t>(*revision_);
  points_.clear();
  for (const model::SiteModel::PlacedPoint& placed : gateway_.site().points())
    points_.push_back(placed.id);
  return catalog_;
}

std::optional<formats::Present> MetricsPage::present(const formats::CatalogPoint& point) const {
  const auto live = gateway_.live().value(points_[point.alias]);
  if (!live) return std::nullopt;
  return formats::Present{
      .value = live->value, .quality = live->quality, .age = core_.now() - live->received};
}

}  // namespace iw::gateway

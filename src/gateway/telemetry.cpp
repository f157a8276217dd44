#include "gateway/telemetry.hpp"

#include <utility>

namespace iw::gateway {
namespace {

// So many samples do not wait for the time to be up.
constexpr std::size_t large_batch = 5000;

std::int64_t ms_of(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

}  // namespace

Telemetry::Telemetry(io::Executor& core, const model::SiteModel& site, Settings settings, Receiver receiver)
    : core_(core),
      site_(site),
      settings_(std::move(settings)),
      receiver_(std::move(receiver)),
      epoch_(static_cast<std::uint64_t>(ms_of(core.clock().wall_now()))) {
  core_.arm(*this, core_.now() + settings_.every);
}

void Telemetry::take(const model::SampleBatch& batch) {
  const model::SiteModel::Device* device = site_.device(batch.device);
  if (device == nullptr) return;
  const std::int64_t time_ms = ms_of(batch.source_time);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch.index[i] >= device->points.size()) continue;
    gathered_.push_back({.point = device->points[batch.index[i]].mrid,
                         .time_ms = time_ms,
                         .value = batch.value[i],
                         .quality = batch.quality[i]});
  }
  for (const model::TextSample& text : batch.texts) {
    if (text.index >= device->points.size()) continue;
    texts_.push_back({.point = device->points[text.index].mrid, .time_ms = time_ms, .sample = text});
  }
  if (gathered_.size() >= large_batch) flush();
}

void Telemetry::on_timer() {
  flush();
  core_.arm(*this, core_.now() + settings_.every);
}

void Telemetry::flush() {
  if (gathered_.empty() && texts_.empty()) return;
  if (revision_ != site_.revision()) renew_catalog();
  formats::Batch batch = next_batch();
  if (!batch.empty()) receiver_.on_batch(std::move(batch));
}

void Telemetry::renew_catalog() {
  revision_ = site_.revision();
  formats::Catalog catalog = formats::catalog_of(site_, settings_.wanted);
  if (catalog_ && catalog_->points == catalog.points) return;
  catalog.site_name = settings_.site_name;
  catalog.epoch = epoch_;
  catalog.version = catalog_ ? catalog_->version + 1 : 1;
  aliases_.clear();
  for (const formats::CatalogPoint& point : catalog.points)
    aliases_.emplace(point.mrid, point.alias);
  catalog_ = std::make_shared<const formats::Catalog>(std::move(catalog));
  receiver_.on_catalog(catalog_);
}

// Samples of points that nobody wants, or that are gone, are left out.
formats::Batch Telemetry::next_batch() {
  formats::Batch batch;
  batch.site = site_.site();
  batch.epoch = epoch_;
  batch.catalog_version = catalog_->version;
  for (const Gathered& sample : gathered_) {
    if (const auto alias = aliases_.find(sample.point); alias != aliases_.end())
      batch.add(alias->second, sample.time_ms, sample.value, sample.quality);
  }
  for (GatheredText& text : texts_) {
    if (const auto alias = aliases_.find(text.point); alias != aliases_.end()) {
      batch.texts.push_back({.alias = alias->second,
                             .time_ms = text.time_ms,
                             .text = std::move(text.sample.text),
                             .quality = text.sample.quality});
    }
  }
  gathered_.clear();
  texts_.clear();
  if (!batch.empty()) batch.sequence = sequence_++;
  return batch;
}

}  // namespace iw::gateway

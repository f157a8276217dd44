#include "gateway/back_fill.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

// A sample is older than the moment when it was gathered: the device took its time to answer.
constexpr Duration slack = 2s;
// By then what was gathered is in the head log, and devices have answered after a start.
constexpr Duration settled = 5s;
constexpr Duration after_start = 15s;
// A write that is synced: not so often that a flash card feels it.
constexpr Duration save_every = 10s;

constexpr std::size_t few = 2000;  // of a window, which may be longer then
constexpr std::size_t many = 20'000;
constexpr Duration shortest_step = 1s;
constexpr Duration longest_step = 1h;
constexpr int windows_at_once = 20;  // that may be empty, before others have their turn

std::int64_t ms_of(WallTime time) {
  return std::chrono::floor<milliseconds>(time).time_since_epoch().count();
}
WallTime time_of(std::int64_t ms) { return WallTime(milliseconds(ms)); }

struct Found {
  std::uint32_t alias;
  std::int64_t time_ms;
  double value;
  model::Quality quality;
};

formats::Batch batch_of(std::span<const Found> found, const formats::Catalog& catalog) {
  formats::Batch batch;
  batch.site = catalog.site;
  batch.epoch = catalog.epoch;
  batch.catalog_version = catalog.version;
  batch.historical = true;
  for (const Found& sample : found)
    batch.add(sample.alias, sample.time_ms, sample.value, sample.quality);
  return batch;
}

}  // namespace

std::string back_fill_path(const std::string& data_folder, std::string_view output) {
  std::string name;
  for (const char c : output) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return fmt::format("{}/outputs/{}.json", data_folder, name);
}

BackFill::BackFill(Surroundings surroundings, Settings settings)
    : around_(std::move(surroundings)), settings_(std::move(settings)), begun_(around_.clock.wall_now()) {
  delivered_ = begun_;
  if (const auto before = load(); before && *before < begun_)
    insert({.from = *before - slack, .to = begun_ + 1ms});
  save();
}

BackFill::~BackFill() { save(); }

// How far the other system was.
std::optional<WallTime> BackFill::load() {
  const auto text = around_.files->read(settings_.state);
  if (!text) return std::nullopt;
  const Json state = Json::parse(*text, nullptr, false);
  const auto is_span = [](const Json& span) {
    return span.is_array() && span.size() == 2 && span[0].is_number_integer() && span[1].is_number_integer();
  };
  const bool whole = state.is_object() && state.contains("delivered") &&
                     state["delivered"].is_number_integer() && state.contains("missing") &&
                     state["missing"].is_array() && std::ranges::all_of(state["missing"], is_span);
  if (!whole) {
    around_.log.warning("{}: can not be read; nothing of before this start is delivered later",
                        settings_.state);
    return std::nullopt;
  }
  for (const Json& span : state["missing"])
    insert({.from = time_of(span[0].get<std::int64_t>()), .to = time_of(span[1].get<std::int64_t>())});
  return time_of(state["delivered"].get<std::int64_t>());
}

void BackFill::save() {
  Json missing = Json::array();
  for (const Span& span : missing_)
    missing.push_back({ms_of(span.from), ms_of(span.to)});
  const Json state{{"delivered", ms_of(delivered_)}, {"missing", std::move(missing)}};
  saved_ = around_.clock.now();
  const auto done = around_.files->replace(settings_.state, state.dump() + "\n");
  if (!done && !failing_) around_.log.warning("{}: {}", settings_.state, done.error().message);
  failing_ = !done;
}

void BackFill::save_sometimes() {
  if (around_.clock.now() - saved_ >= save_every) save();
}

void BackFill::deliver(WallTime up_to) {
  delivered_ = std::max(delivered_, up_to);
  save_sometimes();
}

void BackFill::missed(Span span) {
  insert({.from = span.from - slack, .to = span.to});
  save_sometimes();
}

void BackFill::insert(Span span) {
  missing_.push_back(span);
  std::ranges::sort(missing_, {}, &Span::from);
  std::vector<Span> merged;
  for (const Span& next : missing_) {
    if (merged.empty() || merged.back().to < next.from) {
      merged.push_back(next);
    } else {
      merged.back().to = std::max(merged.back().to, next.to);
    }
  }
  missing_ = std::move(merged);
}

void BackFill::remove(Span span) {
  for (Span& one : missing_)
    if (one.from >= span.from && one.from < span.to) one.from = span.to;
  std::erase_if(missing_, [](const Span& one) { return one.from >= one.to; });
}

void BackFill::give_up_before(WallTime time) {
  for (const Span& one : missing_)
    if (one.from < time) given_up_ += std::min(one.to, time) - one.from;
  remove({.from = WallTime::min(), .to = time});
}

Duration BackFill::missing() const {
  Duration sum{};
  for (const Span& one : missing_)
    sum += one.to - one.from;
  return sum;
}

formats::Batch BackFill::next(const formats::Catalog& catalog) {
  if (catalog.version != version_) pieces_.clear();  // and are read again
  for (int i = 0; i < windows_at_once && pieces_.empty(); ++i) {
    const auto window = next_window();
    if (!window) return {};
    const std::size_t found = read(*window, catalog);
    if (found < few) step_ = std::min(2 * step_, longest_step);
    if (found > many) step_ = std::max(step_ / 2, shortest_step);
    if (found == 0) remove(*window);
  }
  close_when_done();
  return pieces_.empty() ? formats::Batch() : pieces_.front();
}

void BackFill::filled() {
  if (pieces_.empty()) return;
  pieces_.pop_front();
  if (!pieces_.empty()) return;
  remove(window_);
  close_when_done();
  save_sometimes();
}

void BackFill::close_when_done() {
  if (!missing_.empty() || !reader_) return;
  reader_.reset();
  known_ = {};
  save();
}

std::optional<BackFill::Span> BackFill::next_window() {
  const WallTime now = around_.clock.wall_now();
  if (now < begun_ + after_start) return std::nullopt;
  give_up_before(now - settings_.longest);
  if (missing_.empty()) return std::nullopt;
  const Span& oldest = missing_.front();
  if (oldest.to > known_ && !look_again() && oldest.from >= known_) return std::nullopt;
  return Span{.from = oldest.from, .to = std::min({oldest.to, oldest.from + step_, known_})};
}

// At the history as it is now. False: it would show nothing new yet, or can not be read.
bool BackFill::look_again() {
  const WallTime now = around_.clock.wall_now();
  if (missing_.front().from >= now - settled) return false;
  if (reader_ && missing_.front().from < known_) return true;
  auto reader = historian::Reader::open(*around_.files, settings_.history);
  if (!reader) return false;
  reader_ = std::move(*reader);
  known_ = now - settled;
  return true;
}

// How many samples were found; they are in pieces_.
std::size_t BackFill::read(Span window, const formats::Catalog& catalog) {
  std::unordered_map<model::Mrid, std::uint32_t> aliases;
  for (const formats::CatalogPoint& point : catalog.points)
    aliases.emplace(point.mrid, point.alias);
  const historian::Range range{.from_ms = ms_of(window.from), .to_ms = ms_of(window.to)};
  std::vector<Found> found;
  const auto& series = reader_->series();
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto alias = aliases.find(series[i].mrid);
    if (alias == aliases.end()) continue;
    const auto samples = reader_->raw(historian::SeriesId(static_cast<std::uint32_t>(i)), range);
    if (!samples) {
      around_.log.warning("{}: not delivered later: {}", series[i].path, samples.error().message);
      continue;
    }
    for (std::size_t s = 0; s < samples->size(); ++s)
      found.push_back({alias->second, samples->time_ms[s], samples->value[s], samples->quality[s]});
  }
  std::ranges::sort(found, {}, [](const Found& one) { return std::pair(one.time_ms, one.alias); });
  for (std::size_t from = 0; from < found.size(); from += settings_.piece) {
    const std::size_t count = std::min(settings_.piece, found.size() - from);
    pieces_.push_back(batch_of(std::span(found).subspan(from, count), catalog));
  }
  window_ = window;
  version_ = catalog.version;
  return found.size();
}

}  // namespace iw::gateway

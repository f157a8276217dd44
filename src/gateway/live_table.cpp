#include "gateway/live_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace iw::gateway {
namespace {

using bus::DeviceState;
using model::PointName;
using model::Quantity;

struct Cell {
  std::string_view title;
  PointName name;
};

const std::array cells{
    Cell{"power", {.quantity = Quantity::ActivePower}},
    Cell{"reactive", {.quantity = Quantity::ReactivePower}},
    Cell{"voltage", {.quantity = Quantity::VoltageLN, .phase = model::Phase::AN}},
    Cell{"frequency", {.quantity = Quantity::Frequency}},
    Cell{"charge", {.quantity = Quantity::StateOfCharge}},
    Cell{"imported", {.quantity = Quantity::EnergyImport}},
    Cell{"exported", {.quantity = Quantity::EnergyExport}},
};

bool has_prefixes(model::Unit unit) {
  switch (unit) {
    case model::Unit::W:
    case model::Unit::VA:
    case model::Unit::VAr:
    case model::Unit::Wh:
    case model::Unit::VAh:
    case model::Unit::VArh: return true;
    default: return false;
  }
}

std::string digits(double value) {
  const double size = std::abs(value);
  if (size >= 100) return fmt::format("{:.0f}", value);
  if (size >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

// One asset of one device: the points by name.
struct Row {
  const model::SiteModel::Device* device = nullptr;
  const model::Asset* asset = nullptr;
  std::map<PointName, model::PointId> points;
};

std::vector<Row> rows_of(const model::SiteModel& site) {
  std::vector<Row> rows;
  for (const model::SiteModel::Device& device : site.devices()) {
    for (const auto& [role, asset] : device.assets) {
      Row row{.device = &device, .asset = &asset, .points = {}};
      for (const auto& placed : device.points) {
        if (placed.point.role == role) row.points[placed.point.name] = placed.id;
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string dot(const bus::LiveState& live, model::DeviceId device, const Console& console) {
  const bus::DeviceEvent* event = live.state(device);
  const DeviceState state = event != nullptr ? event->state : DeviceState::starting;
  switch (state) {
    case DeviceState::online: return console.styled(Style::good, "●");
    case DeviceState::offline: return console.styled(Style::bad, "●");
    default: return console.styled(Style::dim, "○");
  }
}

std::string cell_text(const Row& row, const PointName& name, const bus::LiveState& live,
                      const Console& console) {
  const auto point = row.points.find(name);
  if (point == row.points.end()) return "";
  const auto value = live.value(point->second);
  if (!value) return console.styled(Style::dim, "…");
  if (value->quality.validity() == model::Validity::invalid) {
    const bool had_one = std::isfinite(value->value) && value->source_time != WallTime{};
    return had_one ? console.styled(Style::bad,
                                    format_value(value->value, model::info(name.quantity).unit) + " !")
                   : console.styled(Style::dim, "n/a");
  }
  std::string text = format_value(value->value, model::info(name.quantity).unit);
  return value->quality.good() ? text : console.styled(Style::warn, text + " ?");
}

std::string age_text(const Row& row, const bus::LiveState& live, Instant now, const Console& console) {
  std::optional<Instant> newest;
  for (const auto& [name, id] : row.points) {
    const auto value = live.value(id);
    if (value && value->quality.validity() != model::Validity::invalid)
      newest = std::max(newest.value_or(Instant{}), value->received);
  }
  if (!newest) return "";
  const Duration age = now - *newest;
  return age > 10s ? console.styled(Style::warn, format_age(age)) : format_age(age);
}

std::string remark(const Row& row, const bus::LiveState& live, const Console& console) {
  const bus::DeviceEvent* event = live.state(row.device->id);
  if (event == nullptr) return console.styled(Style::dim, "waiting for the first answer");
  if (event->state == DeviceState::offline) return console.styled(Style::bad, event->reason);
  const model::DeviceIdentity& identity = row.device->identity;
  return console.styled(Style::dim, identity.model.empty() ? identity.manufacturer
                                                           : identity.manufacturer + " " + identity.model);
}

}  // namespace

std::string format_value(double value, model::Unit unit) {
  if (!std::isfinite(value)) return "n/a";
  std::string_view prefix;
  if (has_prefixes(unit)) {
    for (const std::string_view next : {"k", "M", "G"}) {
      if (std::abs(value) < 999.5) break;
      value /= 1000;
      prefix = next;
    }
  }
  if (unit == model::Unit::Hz) return fmt::format("{:.2f} Hz", value);
  if (unit == model::Unit::V) return fmt::format("{:.1f} V", value);
  const std::string_view name = model::to_string(unit);
  if (prefix.empty() && (unit == model::Unit::percent || has_prefixes(unit)))
    return fmt::format("{:.0f} {}", value, name);
  const std::string number = digits(value);
  return name.empty() ? number : fmt::format("{} {}{}", number, prefix, name);
}

std::string format_age(Duration age) {
  const double seconds = std::max(0.0, std::chrono::duration<double>(age).count());
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.0f} h", seconds / 3600);
}

std::string live_table(const model::SiteModel& site, const bus::LiveState& live, Instant now,
                       const Console& console) {
  std::vector<TextTable::Column> columns{{""}, {"asset"}, {"kind"}};
  const std::vector<Row> rows = rows_of(site);
  std::vector<const Cell*> shown;
  for (const Cell& cell : cells) {
    if (std::ranges::none_of(rows, [&](const Row& row) { return row.points.contains(cell.name); })) continue;
    shown.push_back(&cell);
    columns.push_back({std::string(cell.title), TextTable::Align::right});
  }
  columns.push_back({"age", TextTable::Align::right});
  columns.push_back({"device"});
  TextTable table(std::move(columns));
  for (const Row& row : rows) {
    std::vector<std::string> line{dot(live, row.device->id, console), row.asset->name,
                                  console.styled(Style::dim, model::to_string(row.asset->kind))};
    for (const Cell* cell : shown)
      line.push_back(cell_text(row, cell->name, live, console));
    line.push_back(age_text(row, live, now, console));
    line.push_back(remark(row, live, console));
    table.add(std::move(line));
  }
  return table.to_string(console);
}

}  // namespace iw::gateway

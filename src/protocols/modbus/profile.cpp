#include "protocols/modbus/profile.hpp"

#include <algorithm>

#include "config/record.hpp"
#include "protocols/modbus/point_loader.hpp"
#include "protocols/modbus/profile_rows.hpp"
#include "protocols/modbus/register_placer.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::modbus {
namespace {

using config::Document;
using config::Findings;
using config::Value;

// Makes the profile that the rows mean.
class Loader {
 public:
  Loader(ProfileRows rows, const Value& root, Findings& findings)
      : rows_(std::move(rows)), root_(root), findings_(findings), placer_(rows_, findings) {}

  Profile load() {
    rows_.map.limits = rows_.limits;
    load_points();
    check_overlaps();
    load_identity();
    load_detection();
    if (rows_.assets.empty()) error(*root_.find("assets"), {}, "a device is at least one asset");
    if (rows_.point_rows.empty()) error(*root_.find("points"), {}, "a profile without points says nothing");
    rows_.map.identity.manufacturer = rows_.manufacturer;
    if (rows_.models.size() == 1) rows_.map.identity.model = rows_.models.front();
    return std::move(rows_);  // only the Profile of it
  }

 private:
  void error(const Value& row, std::string_view field, std::string message, std::string remedy = {}) {
    add_error(findings_, row, field, std::move(message), std::move(remedy));
  }

  void load_points() {
    PointLoader loader(rows_, placer_, findings_);
    for (const PointRow& row : rows_.point_rows) {
      auto point = loader.load(row);
      if (!point) continue;
      const model::Point& served = point->point;
      rows_.points.push_back({.name = served.name,
                              .role = served.role,
                              .writable = served.writable,
                              .fallback = served.fallback});
      rows_.map.points.push_back(std::move(*point));
      places_.push_back(&row);
    }
  }

  // Two values in the same registers are a slip of the pen, unless one is a part of the other or the file
  // says so.
  void check_overlaps() {
    const auto& points = rows_.map.points;
    std::vector<std::size_t> order(points.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::ranges::sort(order, {},
                      [&](std::size_t i) { return std::tuple(points[i].table, points[i].address, i); });
    for (std::size_t a = 0; a < order.size(); ++a) {
      const RegisterPoint& first = points[order[a]];
      const std::uint32_t end = first.address + std::uint32_t{register_count(first)};
      for (std::size_t b = a + 1; b < order.size(); ++b) {
        const RegisterPoint& second = points[order[b]];
        if (second.table != first.table || second.address >= end) break;
        if (may_share(first, second) || places_[order[a]]->overlap || places_[order[b]]->overlap) continue;
        const std::size_t later = std::max(order[a], order[b]);
        const std::size_t earlier = std::min(order[a], order[b]);
        error(*places_[later]->place, "address",
              fmt::format("{} is in the same registers as {} in line {}",
                          model::to_string(points[later].point.name),
                          model::to_string(points[earlier].point.name), places_[earlier]->place->line),
              "correct the address or the type, or write overlap: true");
      }
    }
  }

  static bool may_share(const RegisterPoint& a, const RegisterPoint& b) {
    if (!is_partial(a) && !is_partial(b)) return false;
    const bool same = a.type == b.type && a.bit == b.bit && a.bits == b.bits && a.address == b.address;
    return !same;
  }

  void load_identity() {
    const auto add = [&](std::string_view what, const std::optional<IdentityRow>& row) {
      if (!row) return;
      RegisterPoint point;
      point.point.name = {.quantity = model::Quantity::Text, .component = std::string(what)};
      point.point.rate = model::RateClass::constant;
      if (placer_.place(*row->place, *row, ValueType::string, point)) {
        rows_.identity.push_back(std::move(point));
      }
    };
    add("manufacturer", rows_.identity_rows.manufacturer);
    add("model", rows_.identity_rows.model);
    add("version", rows_.identity_rows.version);
    add("serial_number", rows_.identity_rows.serial_number);
  }

  void load_detection() {
    for (const DetectRow& row : rows_.detect_rows) {
      const Value& place = *row.place;
      Detection detection{
          .vendor = row.vendor, .product = row.product, .probe = {}, .text = row.text, .equals = row.equals};
      const bool wants_probe = !row.text.empty() || row.equals;
      if (row.address.has_value() != wants_probe) {
        error(place, "address", "a probe needs an address and what to find there: text or equals");
      } else if (wants_probe) {
        RegisterPoint probe;
        if (!placer_.place(place, row, row.equals ? ValueType::u16 : ValueType::string, probe)) continue;
        if (is_text(probe.type) != row.text.size() > 0) {
          error(place, "type", "text is for strings, equals for numbers");
        }
        detection.probe = std::move(probe);
      } else if (row.vendor.empty() && row.product.empty()) {
        error(place, {}, "nothing to recognise the device by",
              "give vendor, product, or address and text or equals");
      }
      rows_.detect.push_back(std::move(detection));
    }
  }

  ProfileRows rows_;
  const Value& root_;
  Findings& findings_;
  RegisterPlacer placer_;
  std::vector<const PointRow*> places_;  // of map.points
};

}  // namespace

std::optional<Profile> load_profile(std::string_view file, std::string_view text,
                                    config::Findings& findings) {
  Findings mine;
  std::optional<Profile> profile;
  if (const auto document = Document::parse(file, text, mine)) {
    ProfileRows rows;
    if (profile_record().read(document->root(), rows, mine)) {
      profile = Loader(std::move(rows), document->root(), mine).load();
    }
  }
  if (!mine.ok()) profile.reset();
  findings.add(mine);
  return profile;
}

std::string profile_json_schema() {
  return config::json_schema(profile_record().shape(), "Interwatt device profile (Modbus)");
}

std::string profile_documentation() { return config::markdown_table(profile_record().shape()); }

}  // namespace iw::modbus

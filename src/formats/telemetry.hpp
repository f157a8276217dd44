// Telemetry as it leaves the gateway: the catalogue of a site's points, and batches of samples that call a
// point by its alias in the catalogue. Every format of this room is written from, and read into, these
// values.
//
// Words are those of the documents and not our enumerations, so that the catalogue of a newer gateway, with
// quantities unknown here, can be read too. Times are UTC in ms; units are canonical (quantity.hpp). Plain
// values for one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/mrid.hpp"
#include "model/phase.hpp"
#include "model/quality.hpp"
#include "model/site_model.hpp"

namespace iw::formats {

struct CatalogPoint {
  std::uint32_t alias = 0;
  model::Mrid mrid;
  std::string path;
  model::Mrid asset;
  std::string asset_name;
  std::string asset_kind;
  std::string quantity;
  std::string unit;
  model::Phase phase{};
  std::string component;
  std::string reading_type;  // IEC 61968-9, empty where it has no code
  std::string cim_class;
  std::string measurement_type;
  bool writable = false;
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::vector<std::pair<std::int64_t, std::string>> texts;

  friend bool operator==(const CatalogPoint&, const CatalogPoint&) = default;
};

struct Catalog {
  model::Mrid site;
  std::string site_name;
  std::uint64_t epoch = 0;    // grows with each start of the sender
  std::uint32_t version = 0;  // within the epoch
  std::vector<CatalogPoint> points;

  friend bool operator==(const Catalog&, const Catalog&) = default;
};

struct TextValue {
  std::uint32_t alias = 0;
  std::int64_t time_ms = 0;
  std::string text;
  model::Quality quality;

  friend bool operator==(const TextValue&, const TextValue&) = default;
};

// The columns have the same length. A batch keeps its storage when it is cleared.
struct Batch {
  model::Mrid site;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint32_t catalog_version = 0;
  bool historical = false;    // sent late, from a store: not the present state
  std::uint64_t dropped = 0;  // samples lost since the batch before
  std::vector<std::uint32_t> alias;
  std::vector<std::int64_t> time_ms;
  std::vector<double> value;
  std::vector<model::Quality> quality;
  std::vector<TextValue> texts;

  [[nodiscard]] std::size_t size() const { return alias.size(); }
  [[nodiscard]] bool empty() const { return alias.empty() && texts.empty(); }

  void add(std::uint32_t point, std::int64_t time, double v, model::Quality q) {
    alias.push_back(point);
    time_ms.push_back(time);
    value.push_back(v);
    quality.push_back(q);
  }
  // Without samples; the rest stays.
  void clear() {
    alias.clear();
    time_ms.clear();
    value.clear();
    quality.clear();
    texts.clear();
  }
};

// What a message or a document holds.
enum class Content : std::uint8_t { catalog, batch };

// The points of the site whose path is wanted, with aliases from 0 in their order. Name, epoch and version
// are the sender's to fill in.
Catalog catalog_of(const model::SiteModel& site, const std::function<bool(std::string_view path)>& wanted);

// Whether a value is one of now, good or not so good: for readers that know nothing but a number. What is
// invalid, old, forecast or sent late is not.
bool is_present(model::Quality quality);

// ReadingType of IEC 61968-9, its 18 fields: "0.0.0.12.0.1.37.0.0.0.0.0.0.0.128.0.38.0" is the active power
// of phase A. Empty where the standard has no code for the quantity.
std::string reading_type(model::Quantity quantity, model::Phase phase);

}  // namespace iw::formats

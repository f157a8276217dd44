#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "formats/jsonld.hpp"
#include "formats/jsonld_terms.hpp"
#include "formats/timestamp.hpp"
#include "formats/value_form.hpp"
#include "json/json.hpp"

namespace iw::formats {
namespace {

using json = nlohmann::ordered_json;

// Reads the terms of a node. The first that is not what it must be is kept as the error; what is read after
// that means nothing.
class Reader {
 public:
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] Result<void> result() const {
    if (!error_) return {};
    return fail(*error_);
  }

  void refuse(std::string_view what) {
    if (!error_) error_ = Error{ErrorKind::malformed, fmt::format("no telemetry in JSON-LD: {}", what)};
  }

  // Null when the node has no such term, or is no node.
  static const json* find(const json& node, std::string_view term) {
    if (!node.is_object()) return nullptr;
    const auto found = node.find(term);
    return found == node.end() ? nullptr : &*found;
  }

  const json& need(const json& node, std::string_view term) {
    static const json nothing;
    const json* found = find(node, term);
    if (found == nullptr) refuse(fmt::format("'{}' is missing", term));
    return found != nullptr ? *found : nothing;
  }

  const json& list(const json& node, std::string_view term) {
    const json& found = need(node, term);
    static const json empty = json::array();
    if (found.is_array()) return found;
    refuse(fmt::format("'{}' is no list", term));
    return empty;
  }

  // Empty when it is not there.
  std::string text(const json& node, std::string_view term) {
    const json* found = find(node, term);
    if (found == nullptr) return {};
    if (found->is_string()) return found->get<std::string>();
    refuse(fmt::format("'{}' is no text", term));
    return {};
  }

  bool flag(const json& node, std::string_view term) {
    const json* found = find(node, term);
    if (found == nullptr) return false;
    if (!found->is_boolean()) refuse(fmt::format("'{}' is neither true nor false", term));
    return found->is_boolean() && found->get<bool>();
  }

  double number(const json& value, std::string_view term) {
    if (value.is_number()) return value.get<double>();
    if (value == "NaN") return no_number;
    if (value == "INF") return std::numeric_limits<double>::infinity();
    if (value == "-INF") return -std::numeric_limits<double>::infinity();
    refuse(fmt::format("'{}' is no number", term));
    return no_number;
  }

  std::optional<double> optional_number(const json& node, std::string_view term) {
    const json* found = find(node, term);
    if (found == nullptr) return std::nullopt;
    return number(*found, term);
  }

  // A whole number in decimal digits, as JSON can not be trusted with 64 bits; small ones as numbers too.
  template <class T>
  T whole(const json& value, std::string_view term) {
    T n{};
    const std::string text = value.is_string()           ? value.get<std::string>()
                             : value.is_number_integer() ? value.dump()
                                                         : std::string();
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || wrong != std::errc() || end != text.data() + text.size())
      refuse(fmt::format("'{}' is no whole number that fits", term));
    return n;
  }

  model::Mrid mrid(const json& value, std::string_view term) {
    constexpr std::string_view prefix = "urn:uuid:";
    const auto* text = value.get_ptr<const json::string_t*>();
    if (text != nullptr && text->starts_with(prefix)) {
      if (auto parsed = model::parse_mrid(*text)) return *parsed;
    }
    refuse(fmt::format("'{}' is no urn:uuid", term));
    return {};
  }

  // The first of the types of a node.
  std::string type(const json& node) {
    const json& types = need(node, "type");
    const json& first = types.is_array() && !types.empty() ? types.front() : types;
    if (first.is_string()) return first.get<std::string>();
    refuse("'type' is no text");
    return {};
  }

  std::int64_t time(const json& node) {
    const auto parsed = parse_timestamp(text(node, "timeStamp"));
    if (!parsed) refuse("'timeStamp' is not like 2026-01-01T12:00:00.250Z");
    return parsed.value_or(0);
  }

 private:
  std::optional<Error> error_;
};

model::Quality quality_of(Reader& in, const json& value) {
  constexpr std::array all{model::Validity::good, model::Validity::questionable, model::Validity::invalid};
  const json& node = in.need(value, "quality");
  const std::string word = in.text(node, "validity");
  const auto* validity =
      std::ranges::find_if(all, [&](model::Validity v) { return model::to_string(v) == word; });
  if (validity == all.end()) {
    in.refuse("'validity' is neither good, questionable nor invalid");
    return {};
  }
  model::Quality quality(*validity);
  const std::string source = in.text(node, "source");
  if (source == "substituted") quality = quality.with(model::Detail::substituted);
  if (source != "substituted" && source != "process")
    in.refuse("'source' is neither process nor substituted");
  for (const DetailTerm& row : detail_terms)
    if (in.flag(node, row.term)) quality = quality.with(row.detail);
  return quality;
}

model::Phase phase_of(Reader& in, const json& node) {
  const std::string text = in.text(node, "phases");
  if (text.empty()) return model::Phase::none;
  if (text.starts_with(phase_prefix)) {
    if (const auto phase = model::parse_phase(std::string_view(text).substr(phase_prefix.size())))
      return *phase;
  }
  in.refuse("'phases' is no cim:PhaseCode");
  return {};
}

struct AssetNode {
  std::string name;
  std::string kind;
};
using Assets = std::unordered_map<model::Mrid, AssetNode>;

CatalogPoint point_of(Reader& in, const json& node, const Assets& assets) {
  CatalogPoint point{.alias = in.whole<std::uint32_t>(in.need(node, "alias"), "alias"),
                     .mrid = in.mrid(in.need(node, "id"), "id"),
                     .path = in.text(node, "path"),
                     .asset = in.mrid(in.need(node, "asset"), "asset"),
                     .quantity = in.text(node, "quantity"),
                     .unit = in.text(node, "unitSymbol"),
                     .phase = phase_of(in, node),
                     .component = in.text(node, "component"),
                     .reading_type = in.text(node, "readingType"),
                     .cim_class = in.type(node),
                     .measurement_type = in.text(node, "measurementType"),
                     .writable = in.flag(node, "writable"),
                     .minimum = in.optional_number(node, "minimum"),
                     .maximum = in.optional_number(node, "maximum")};
  if (const auto asset = assets.find(point.asset); asset != assets.end()) {
    point.asset_name = asset->second.name;
    point.asset_kind = asset->second.kind;
  } else {
    in.refuse("a point of an asset that is not among 'assets'");
  }
  if (const json* set = Reader::find(node, "valueAliasSet")) {
    for (const json& alias : in.list(*set, "aliases"))
      point.texts.emplace_back(in.whole<std::int64_t>(in.need(alias, "aliasValue"), "aliasValue"),
                               in.text(alias, "aliasName"));
  }
  return point;
}

using Aliases = std::unordered_map<model::Mrid, std::uint32_t>;

// `aliases` become those of the points.
Result<void> take_catalog(const json& node, Catalog& out, Aliases& aliases) {
  Reader in;
  const json& site = in.need(node, "site");
  out = {.site = in.mrid(in.need(site, "id"), "id"),
         .site_name = in.text(site, "name"),
         .epoch = in.whole<std::uint64_t>(in.need(node, "epoch"), "epoch"),
         .version = in.whole<std::uint32_t>(in.need(node, "version"), "version")};
  Assets assets;
  for (const json& asset : in.list(node, "assets"))
    assets[in.mrid(in.need(asset, "id"), "id")] = {.name = in.text(asset, "name"),
                                                   .kind = in.text(asset, "kind")};
  aliases.clear();
  std::set<std::uint32_t> used;
  for (const json& each : in.list(node, "points")) {
    if (in.failed()) break;
    CatalogPoint point = point_of(in, each, assets);
    if (!used.insert(point.alias).second || !aliases.emplace(point.mrid, point.alias).second)
      in.refuse("two points of one alias or one id");
    out.points.push_back(std::move(point));
  }
  return in.result();
}

void take_value(Reader& in, const json& node, const Aliases& aliases, Batch& out) {
  const std::string type = in.type(node);
  const auto* row = std::ranges::find(value_classes, type, &ValueClass::value);
  if (row == value_classes.end()) return in.refuse(fmt::format("'{}' is no value", type));
  const json* control = Reader::find(node, "control");
  const auto alias =
      aliases.find(in.mrid(control != nullptr ? *control : in.need(node, "measurement"), "measurement"));
  if (alias == aliases.end()) return in.refuse("a value of a point that is not in the catalogue before it");
  const model::Quality quality = quality_of(in, node);
  const std::int64_t time = in.time(node);
  if (const json* number = Reader::find(node, "number")) {
    out.add(alias->second, time, in.number(*number, "number"), quality);
  } else if (row->holds == Holds::texts) {
    out.texts.push_back(
        {.alias = alias->second, .time_ms = time, .text = in.text(node, "value"), .quality = quality});
  } else if (row->holds == Holds::whole_numbers) {
    const auto whole = in.whole<std::int64_t>(in.need(node, "value"), "value");
    out.add(alias->second, time, static_cast<double>(whole), quality);
  } else {
    out.add(alias->second, time, in.number(in.need(node, "value"), "value"), quality);
  }
}

Result<void> take_batch(const json& node, const Aliases& aliases, Batch& out) {
  Reader in;
  out.clear();
  out.site = in.mrid(in.need(node, "site"), "site");
  out.epoch = in.whole<std::uint64_t>(in.need(node, "epoch"), "epoch");
  out.sequence = in.whole<std::uint64_t>(in.need(node, "sequence"), "sequence");
  out.catalog_version = in.whole<std::uint32_t>(in.need(node, "catalogVersion"), "catalogVersion");
  out.historical = in.flag(node, "historical");
  const json* dropped = Reader::find(node, "dropped");
  out.dropped = dropped != nullptr ? in.whole<std::uint64_t>(*dropped, "dropped") : 0;
  for (const json& value : in.list(node, "values")) {
    if (in.failed()) break;
    take_value(in, value, aliases, out);
  }
  return in.result();
}

}  // namespace

struct JsonldDecoder::State {
  json context = json::parse(jsonld_context()).at("@context");
  Catalog catalog;
  Batch batch;
  Aliases aliases;  // by the points of the catalogue
};

JsonldDecoder::JsonldDecoder() : state_(std::make_unique<State>()) {}
JsonldDecoder::~JsonldDecoder() = default;

const Catalog& JsonldDecoder::catalog() const { return state_->catalog; }
const Batch& JsonldDecoder::batch() const { return state_->batch; }

Result<Content> JsonldDecoder::decode(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  Reader in;
  const json& context = in.need(document, "@context");
  if (in.failed()) return fail(in.result().error());
  // Whatever the order of its terms.
  const bool is_ours = context == jsonld_context_iri || json::diff(context, state_->context).empty();
  if (!is_ours) {
    return fail(ErrorKind::unsupported, "JSON-LD in another context than ours",
                fmt::format("only {} is read", jsonld_context_iri));
  }
  const std::string type = in.type(document);
  if (type == "ValueBatch")
    return take_batch(document, state_->aliases, state_->batch).map([] { return Content::batch; });
  if (type != "Catalog") in.refuse("a document that is neither Catalog nor ValueBatch");
  if (in.failed()) return fail(in.result().error());
  return take_catalog(document, state_->catalog, state_->aliases).map([] { return Content::catalog; });
}

}  // namespace iw::formats

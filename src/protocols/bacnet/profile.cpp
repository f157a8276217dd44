#include "protocols/bacnet/profile.hpp"

#include <array>
#include <map>

#include "driver/profile_fields.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::bacnet {
namespace {

using namespace config;  // the tables below read better without it at every word

enum class Others : std::uint8_t { propose, ignore };

struct RuleRow : ObjectRule {
  const config::Value* place = nullptr;
  std::map<std::int64_t, std::string> text_rows;
};

struct ProfileRows : driver::Profile {
  std::string protocol;
  Others others = Others::propose;
  std::vector<RuleRow> rows;
};

constexpr std::array<Word<Others>, 2> others_words{
    {{"propose", Others::propose}, {"ignore", Others::ignore}}};

Result<ObjectType> parse_type(std::string_view text) {
  const auto id = parse_object_id(fmt::format("{}:0", text));
  if (id) return id->type;
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no type of BACnet objects", text),
              "write analog-input, ai, multi-state-value, msv, or its number");
}

Result<std::int64_t> parse_state(std::string_view text) {
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || number > 1'000'000'000)
      return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no number of a state", text));
    number = number * 10 + (c - '0');
  }
  return number;
}

const Record<RuleRow>& rule_record() {
  static const auto record =
      Record<RuleRow>()
          .place(&RuleRow::place)
          .optional("object", &RuleRow::object, parsed<ObjectId>("an object, as ai7", parse_object_id),
                    "the object")
          .optional("match", &RuleRow::match, text(),
                    "or names of objects, with * for anything and letters in any case")
          .optional("type", &RuleRow::type, parsed<ObjectType>("a type, as analog-input or ai", parse_type),
                    "of the objects whose names match; none is any")
          .required("name", &RuleRow::name, text(),
                    "what it is: quantity, phase and part, as AirTemperature.supply; in that of a match {} "
                    "is what the first * stands for")
          .optional("role", &RuleRow::role, text(), "which asset of the device it belongs to")
          .optional("property", &RuleRow::property,
                    parsed<PropertyReference>("a property, as present-value", parse_property),
                    "which holds the value; present-value when left out")
          .optional("unit", &RuleRow::unit, text(),
                    "of the value after scale, as kW, where the object says none or a wrong one")
          .optional("scale", &RuleRow::scale, config::number(), "value = raw x scale + offset, in the unit")
          .optional("offset", &RuleRow::offset, config::number(), "added after the scale")
          .optional("negate", &RuleRow::negate, boolean(),
                    "turns the sign: for us + is into the equipment, for the device it is not")
          .optional("rate", &RuleRow::rate, one_of(driver::rate_words), "how often it wants to be read")
          .optional("writable", &RuleRow::writable, boolean(),
                    "whether it may be commanded; when left out, if it has a priority array")
          .optional("min", &RuleRow::minimum, config::number(), "least value that may be set, in the unit")
          .optional("max", &RuleRow::maximum, config::number(), "greatest value that may be set, in the unit")
          .optional("texts", &RuleRow::text_rows,
                    map_of<std::int64_t, std::string>("state", parse_state, text()),
                    "what the numbers of a state mean, instead of the object's own texts")
          .optional("label", &RuleRow::label, text(), "what the maker calls it");
  return record;
}

const Record<ProfileRows>& profile_record() {
  static const auto record =
      Record<ProfileRows>()
          .required("protocol", &ProfileRows::protocol, text(), "bacnet")
          .required("profile", &ProfileRows::id, driver::profile_id(), "id: its path in the catalogue")
          .required("manufacturer", &ProfileRows::manufacturer, text(), "who makes the device")
          .required("models", &ProfileRows::models, list_of<std::string>(text()),
                    "which devices it is good for")
          .optional("description", &ProfileRows::description, text(), "in a sentence")
          .required("assets", &ProfileRows::assets, list_of<driver::ServedAsset>(driver::asset_record()),
                    "what the device is")
          .optional("caveats", &ProfileRows::caveats, list_of<driver::Caveat>(driver::caveat_record()),
                    "what to beware of")
          .optional("others", &ProfileRows::others, one_of(others_words),
                    "objects that no rule is about: points by their units and names, or none")
          .required("points", &ProfileRows::rows, list_of<RuleRow>(rule_record()),
                    "rules: which objects are which points; the first that is about an object holds");
  return record;
}

class Loader {
 public:
  Loader(ProfileRows rows, const config::Value& root, Findings& findings)
      : rows_(std::move(rows)), root_(root), findings_(findings) {}

  Profile load() {
    if (rows_.protocol != "bacnet") error(root_, "protocol", "this is no profile of BACnet");
    if (rows_.assets.empty()) error(root_, "assets", "a device is at least one asset");
    Profile profile{static_cast<driver::Profile&&>(rows_), {}};
    profile.rules.propose_others = rows_.others == Others::propose;
    profile.complete = !profile.rules.propose_others;
    for (RuleRow& row : rows_.rows) {
      check(row, profile);
      row.texts.assign(row.text_rows.begin(), row.text_rows.end());
      profile.rules.rules.push_back(static_cast<ObjectRule&&>(row));
    }
    return profile;
  }

 private:
  void error(const config::Value& row, std::string_view field, std::string message, std::string remedy = {}) {
    const config::Value* value = row.find(field);
    findings_.error(value == nullptr ? row.place() : value->place(), std::move(message), std::move(remedy));
  }

  void check(const RuleRow& row, Profile& profile) {
    const config::Value& place = *row.place;
    const bool many = !row.match.empty();
    if (row.object.has_value() == many)
      error(place, {}, "a rule is about an object or about names: give 'object' or 'match'");
    if (row.type && !many) error(place, "type", "'type' is for rules with 'match'");
    if (row.scale == 0) error(place, "scale", "a scale of 0 makes every value 0");
    check_role(place, row, profile);
    const auto name = check_name(place, row, profile);
    if (!name) return;
    if (many) profile.complete = false;
    // Whether an object can be written it says itself, unless the rule does.
    if (!many)
      profile.points.push_back({.name = *name, .role = row.role, .writable = row.writable.value_or(true)});
    check_unit(place, row, *name);
  }

  void check_role(const config::Value& place, const RuleRow& row, const Profile& profile) {
    const auto has = [&](const driver::ServedAsset& asset) { return asset.role == row.role; };
    if (std::ranges::none_of(profile.assets, has))
      error(place, "role", fmt::format("there is no asset with the role '{}'", row.role), "add it to assets");
  }

  std::optional<model::PointName> check_name(const config::Value& place, const RuleRow& row,
                                             const Profile& profile) {
    std::string text = row.name;
    if (const auto braces = text.find("{}"); braces != std::string::npos) {
      if (row.match.find('*') == std::string::npos) {
        error(place, "name", "{} stands for the first * of 'match', and there is none");
        return std::nullopt;
      }
      text.replace(braces, 2, "x");
    }
    const auto name = model::parse_point_name(text);
    if (!name) {
      error(place, "name", name.error().message, name.error().remedy);
      return std::nullopt;
    }
    if (row.match.empty() && profile.has(*name))
      error(place, "name", fmt::format("{} is there twice", row.name));
    return *name;
  }

  void check_unit(const config::Value& place, const RuleRow& row, const model::PointName& name) {
    if (!row.unit) return;
    const auto conversion = model::parse_unit(*row.unit);
    const model::Unit wanted = model::info(name.quantity).unit;
    if (!conversion) {
      error(place, "unit", fmt::format("'{}' is no unit that is known here", *row.unit));
    } else if (conversion->unit != wanted) {
      error(place, "unit",
            fmt::format("{} is not measured in {}", model::to_string(name.quantity), *row.unit),
            fmt::format("it is in {}, or what converts to it", model::to_string(wanted)));
    }
  }

  ProfileRows rows_;
  const config::Value& root_;
  Findings& findings_;
};

}  // namespace

std::optional<Profile> load_profile(std::string_view file, std::string_view text,
                                    config::Findings& findings) {
  Findings mine;
  std::optional<Profile> profile;
  if (const auto document = Document::parse(file, text, mine)) {
    ProfileRows rows;
    if (profile_record().read(document->root(), rows, mine))
      profile = Loader(std::move(rows), document->root(), mine).load();
  }
  if (!mine.ok()) profile.reset();
  findings.add(mine);
  return profile;
}

std::vector<ObjectId> objects_of(const ObjectRules& rules) {
  std::vector<ObjectId> objects;
  if (rules.propose_others) return objects;
  for (const ObjectRule& rule : rules.rules) {
    if (!rule.object) return {};
    objects.push_back(*rule.object);
  }
  return objects;
}

std::string profile_json_schema() {
  return config::json_schema(profile_record().shape(), "Interwatt device profile (BACnet)");
}

std::string profile_documentation() { return config::markdown_table(profile_record().shape()); }

}  // namespace iw::bacnet

// interwatt profiles: the device catalogue.

#include <algorithm>

#include "commissioning/arguments.hpp"
#include "config/rule.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/profile_choice.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/surroundings.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/catalogue.hpp"
#include "protocols/bacnet/tables.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using modbus::Profile;

struct Options {
  std::string folder;
  std::string filter;
  std::string id;
  bool bacnet = false;
  bool json = false;
};

std::string assets_of(const driver::Profile& profile) {
  std::vector<std::string_view> kinds;
  for (const driver::ServedAsset& asset : profile.assets)
    kinds.push_back(model::to_string(asset.kind));
  return fmt::format("{}", fmt::join(kinds, ", "));
}

bool mentions(const driver::Profile& profile, const std::string& word) {
  const auto has = [&](std::string_view text) { return contains_any_case(text, word); };
  return has(profile.id) || has(profile.manufacturer) || has(profile.description) ||
         has(assets_of(profile)) || std::ranges::any_of(profile.models, has);
}

Json to_json(const driver::Profile& profile, std::string_view protocol, std::size_t points) {
  Json assets = Json::array();
  for (const driver::ServedAsset& asset : profile.assets) {
    assets.push_back({{"role", asset.role}, {"kind", model::to_string(asset.kind)}});
  }
  return {{"id", profile.id},
          {"protocol", protocol},
          {"manufacturer", profile.manufacturer},
          {"models", profile.models},
          {"description", profile.description},
          {"assets", assets},
          {"points", points}};
}

Json point_to_json(const model::Point& point) {
  Json entry{{"point", model::to_string(point.name)},
             {"role", point.role},
             {"unit", model::to_string(model::info(point.name.quantity).unit)},
             {"writable", point.writable},
             {"source", point.source}};
  if (point.minimum) entry["minimum"] = *point.minimum;
  if (point.maximum) entry["maximum"] = *point.maximum;
  Json texts = Json::object();
  for (const auto& [value, text] : point.texts)
    texts[fmt::format("{}", value)] = text;
  if (!texts.empty()) entry["texts"] = texts;
  return entry;
}

std::string objects_of(const bacnet::ObjectRule& rule) {
  if (rule.object) return bacnet::to_string(*rule.object);
  return rule.type ? fmt::format("{} '{}'", bacnet::to_string(*rule.type), rule.match)
                   : fmt::format("'{}'", rule.match);
}

bacnet::Catalogue load_bacnet_catalogue(io::Files& files, const std::string& folder, Console& console) {
  bacnet::Catalogue catalogue = bacnet::Catalogue::built_in();
  config::Findings findings;
  if (!folder.empty()) catalogue.add_folder(files, folder, findings);
  console.findings(findings);
  return catalogue;
}

int list(const Options& options, Console& console) {
  Surroundings surroundings;
  const modbus::Catalogue catalogue = load_catalogue(surroundings.files(), options.folder, console);
  const bacnet::Catalogue of_bacnet = load_bacnet_catalogue(surroundings.files(), options.folder, console);
  Json report = Json::array();
  TextTable table({{"profile"}, {"maker"}, {"models"}, {"serves"}, {"points", TextTable::Align::right}});
  std::size_t shown = 0;
  const auto add = [&](const driver::Profile& profile, std::string_view protocol, std::size_t points) {
    if (!mentions(profile, options.filter)) return;
    ++shown;
    report.push_back(to_json(profile, protocol, points));
    table.add({profile.id, profile.manufacturer, fmt::format("{}", fmt::join(profile.models, ", ")),
               assets_of(profile), std::to_string(points)});
  };
  for (const auto& [id, profile] : catalogue)
    add(profile, "modbus", profile.map.points.size());
  for (const auto& [id, profile] : of_bacnet)
    add(profile, "bacnet", profile.rules.rules.size());
  if (options.json) {
    print(console, report);
  } else if (shown > 0) {
    console.out(table.to_string(console));
    console.note(
        "Devices that speak SunSpec need no profile: use 'sunspec'. BACnet devices say themselves what");
    console.note("they have; a profile gives their objects better names.");
  } else {
    console.note(fmt::format("no profile mentions '{}'", options.filter));
    console.note("  does the device speak SunSpec? then it needs none: interwatt try URL");
  }
  return shown > 0 ? 0 : 1;
}

void show_points(const Profile& profile, Console& console) {
  TextTable table({{"point"}, {"unit"}, {"write"}, {"from"}, {"values"}});
  for (const modbus::RegisterPoint& source : profile.map.points) {
    const model::Point& point = source.point;
    std::string write;
    if (point.writable) {
      write =
          point.minimum && point.maximum ? fmt::format("{} to {}", *point.minimum, *point.maximum) : "yes";
    }
    std::vector<std::string> words;
    for (const auto& [value, text] : point.texts)
      words.push_back(fmt::format("{} {}", value, text));
    const std::string name = model::to_string(point.name);
    table.add({point.role.empty() ? name : fmt::format("{}: {}", point.role, name),
               std::string(model::to_string(model::info(point.name.quantity).unit)), write, point.source,
               fmt::format("{}", fmt::join(words, ", "))});
  }
  console.out(table.to_string(console));
}

int show_bacnet(const Options& options, const bacnet::Profile& profile, Console& console) {
  if (options.json) {
    Json report = to_json(profile, "bacnet", profile.rules.rules.size());
    report["rules"] = Json::array();
    for (const bacnet::ObjectRule& rule : profile.rules.rules)
      report["rules"].push_back({{"objects", objects_of(rule)}, {"point", rule.name}, {"role", rule.role}});
    print(console, report);
    return 0;
  }
  console.out(console.styled(Style::bold, fmt::format("{}  {}", profile.id, profile.manufacturer)));
  console.out(profile.description);
  for (const driver::Caveat& caveat : profile.caveats)
    console.out(fmt::format("{} {}", console.styled(Style::warn, "!"), caveat.text));
  console.out("");
  TextTable table({{"objects"}, {"point"}});
  for (const bacnet::ObjectRule& rule : profile.rules.rules)
    table.add(
        {objects_of(rule), rule.role.empty() ? rule.name : fmt::format("{}: {}", rule.role, rule.name)});
  console.out(table.to_string(console));
  console.note(profile.rules.propose_others ? "other objects become points by their units and names"
                                            : "other objects are left out");
  return 0;
}

int show(const Options& options, Console& console) {
  Surroundings surroundings;
  const bacnet::Catalogue of_bacnet = load_bacnet_catalogue(surroundings.files(), options.folder, console);
  if (const auto found = of_bacnet.find(options.id)) return show_bacnet(options, **found, console);
  modbus::Catalogue catalogue = load_catalogue(surroundings.files(), options.folder, console);
  const auto chosen = choose_profile(catalogue, surroundings.files(), options.id);
  if (!chosen) return give_up(console, options.json, chosen.error());
  const Profile& profile = **chosen;
  if (options.json) {
    Json report = to_json(profile, "modbus", profile.map.points.size());
    report["points"] = Json::array();
    for (const modbus::RegisterPoint& source : profile.map.points)
      report["points"].push_back(point_to_json(source.point));
    report["caveats"] = Json::array();
    for (const modbus::Caveat& caveat : profile.caveats) {
      report["caveats"].push_back({{"text", caveat.text}, {"link", caveat.link}});
    }
    print(console, report);
    return 0;
  }
  const modbus::ConnectionDefaults& connection = profile.connection;
  console.out(console.styled(Style::bold, fmt::format("{}  {}", profile.id, profile.manufacturer)));
  console.out(profile.description);
  console.out(fmt::format("models: {}", fmt::join(profile.models, ", ")));
  console.out(fmt::format("serves: {}", assets_of(profile)));
  console.out(fmt::format("usually at port {}, unit {}; answers within {}{}", connection.port,
                          connection.unit, config::to_string(connection.timeout),
                          connection.max_connections > 0
                              ? fmt::format("; {} connections at most", connection.max_connections)
                              : ""));
  for (const modbus::Caveat& caveat : profile.caveats) {
    console.out(fmt::format("{} {}{}", console.styled(Style::warn, "!"), caveat.text,
                            caveat.link.empty() ? "" : fmt::format(" ({})", caveat.link)));
  }
  console.out("");
  show_points(profile, console);
  return 0;
}

}  // namespace

void add_profiles(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("profiles", "The catalogue of devices: list, show one, or the format.");
  const auto add_common = [options](const Command& to) {
    to.add_option("--profiles", options->folder, "a folder of own profiles, in addition to the catalogue");
    to.add_flag("--json", options->json, "the result as JSON");
  };
  add_common(command);
  command.allow_subcommand();
  command.footer(
      "Examples:\n"
      "  interwatt profiles\n"
      "  interwatt profiles list battery\n"
      "  interwatt profiles show huawei/sun2000\n"
      "  interwatt profiles show bacnet/hvac\n"
      "  interwatt profiles schema > profile.schema.json\n"
      "  interwatt profiles schema --bacnet > bacnet.schema.json\n");

  const Command listing = command.add_subcommand("list", "All profiles, or those that mention a word.");
  listing.add_option("WORD", options->filter, "a maker, a model, a kind of asset");
  add_common(listing);
  const Command showing = command.add_subcommand("show", "One profile: its points, and what to beware of.");
  showing.add_option("ID", options->id, "the id, or a .yaml file").required();
  add_common(showing);
  const Command schema = command.add_subcommand("schema", "The JSON Schema of the format, for editors.");
  schema.add_flag("--bacnet", options->bacnet, "of profiles of BACnet devices; else of Modbus");

  command.callback([options, showing, schema, &program] {
    if (schema.parsed()) {
      program.console.out(options->bacnet ? bacnet::profile_json_schema() : modbus::profile_json_schema());
      program.status = 0;
    } else {
      program.status = showing.parsed() ? show(*options, program.console) : list(*options, program.console);
    }
  });
}

}  // namespace iw::gateway

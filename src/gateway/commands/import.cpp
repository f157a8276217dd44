// interwatt import: the configurations of other systems as profiles and an interwatt.yaml.

#include <algorithm>

#include "gateway/commands/commands.hpp"
#include "gateway/commands/import_ede.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/site_transfer.hpp"
#include "gateway/site_config.hpp"
#include "gateway/surroundings.hpp"
#include "importers/edgex.hpp"
#include "importers/volttron.hpp"
#include "importers/writing.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using importers::DeviceDraft;
using importers::Import;
using importers::PointDraft;
using importers::ProfileDraft;

struct Options {
  std::vector<std::string> paths;
  std::string output;
  bool force = false;
  bool json = false;
};

using Importer = Import (*)(io::Files& files, const std::vector<std::string>& paths);

std::size_t recognised(const ProfileDraft& profile) {
  return static_cast<std::size_t>(std::ranges::count_if(profile.points, &PointDraft::measured));
}

Json to_json(const Import& import, const config::Findings& findings, const std::vector<std::string>& paths,
             bool good) {
  Json report{{"ok", good},
              {"files", paths},
              {"profiles", Json::array()},
              {"devices", Json::array()},
              {"findings", Json::array()}};
  for (const ProfileDraft& profile : import.profiles) {
    report["profiles"].push_back({{"id", profile.id},
                                  {"from", profile.source},
                                  {"points", profile.points.size()},
                                  {"recognised", recognised(profile)}});
  }
  for (const DeviceDraft& device : import.devices) {
    report["devices"].push_back({{"name", device.name},
                                 {"line", modbus::line_url(device.connect)},
                                 {"unit", device.connect.unit->value()},
                                 {"profile", device.profile},
                                 {"left_out", device.left_out}});
  }
  for (const config::Finding& finding : findings) {
    report["findings"].push_back(
        {{"severity", finding.severity == config::Severity::error ? "error" : "warning"},
         {"file", finding.file},
         {"line", finding.line},
         {"key", finding.key},
         {"message", finding.message},
         {"remedy", finding.remedy}});
  }
  return report;
}

void show(const Import& import, Console& console) {
  using enum TextTable::Align;
  TextTable profiles({{"profile"}, {"points", right}, {"recognised", right}, {"from"}});
  for (const ProfileDraft& profile : import.profiles) {
    profiles.add({profile.id, fmt::format("{}", profile.points.size()),
                  fmt::format("{}", recognised(profile)), profile.source});
  }
  TextTable devices({{"device"}, {"line"}, {"unit", right}, {"profile"}, {""}});
  for (const DeviceDraft& device : import.devices) {
    const std::string state = !device.left_out.empty() ? console.styled(Style::warn, "only a comment")
                              : device.enabled         ? ""
                                                       : "not enabled";
    devices.add({device.name, modbus::line_url(device.connect),
                 fmt::format("{}", device.connect.unit->value()), device.profile, state});
  }
  if (!import.profiles.empty()) console.out(profiles.to_string(console));
  if (!import.devices.empty()) console.out(devices.to_string(console));
}

// What was written is read again, as `interwatt run` will.
bool loads(const std::string& folder, io::Files& files, config::Findings& findings) {
  const std::string path = folder + "/interwatt.yaml";
  const auto text = files.read(path);
  if (!text) {
    findings.error({.file = path}, text.error().message, text.error().remedy);
    return false;
  }
  return load_config(path, *text, files, findings) != nullptr;
}

int import_from(Importer importer, const Options& options, Console& console) {
  Surroundings surroundings;
  io::Files& files = surroundings.files();
  const Import import = importer(files, options.paths);
  config::Findings findings = import.findings;
  if (import.profiles.empty()) {
    if (!options.json) console.findings(findings);
    return give_up(
        console, options.json,
        {ErrorKind::not_found, fmt::format("there is nothing of {} for Modbus in these files", import.system),
         "name the device configurations or profiles, or the folder that holds them"});
  }
  const auto outputs = importers::written(import);
  bool good = importers::check_profiles(outputs, findings);
  std::vector<std::string> paths;
  if (good) {
    const auto done = importers::write(outputs, options.output, options.force, files);
    if (!done) return give_up(console, options.json, done.error());
    for (const auto& output : outputs)
      paths.push_back(options.output + "/" + output.path);
    config::Findings of_loading;
    good = loads(options.output, files, of_loading);
    findings.add(of_loading);
  }
  const bool complete = good && findings.ok();
  if (options.json) {
    print(console, to_json(import, findings, paths, complete));
    return complete ? 0 : 1;
  }
  console.findings(findings);
  show(import, console);
  if (!good) {
    console.note("what was imported does not load: see the errors above");
    return 1;
  }
  const std::size_t warnings = findings.size() - findings.errors();
  console.out(fmt::format("{} files in {}, which load; {} warnings, {} errors", paths.size(), options.output,
                          warnings, findings.errors()));
  console.note(fmt::format("Next: interwatt check {}/interwatt.yaml", options.output));
  return complete ? 0 : 1;
}

}  // namespace

void add_import(Program& program) {
  const Command command = program.app.add_subcommand("import",
                                                     "Take over a site of Interwatt, the Modbus devices of "
                                                     "VOLTTRON or EdgeX Foundry, or BACnet object lists.");
  command.require_subcommand();
  command.footer(
      "What can not be taken over exactly is named, row by row.\n"
      "Examples:\n"
      "  interwatt import site factory-roof -o site\n"
      "  interwatt import volttron config_store/ -o site\n"
      "  interwatt import volttron meter.json registry.csv -o site\n"
      "  interwatt import edgex profiles/ devices/ -o site --json\n"
      "  interwatt import ede town-hall_EDE.csv town-hall_StateTexts.csv -o site\n");
  const auto add = [&](const char* name, const char* what, const char* files, Importer importer) {
    auto options = std::make_shared<Options>();
    const Command one = command.add_subcommand(name, what);
    one.add_option("FILES", options->paths, files).required();
    one.add_option("-o,--output", options->output, "folder for interwatt.yaml and profiles/").required();
    one.add_flag("--force", options->force, "replace what is there");
    one.add_flag("--json", options->json, "the result as JSON");
    one.callback([=, &program] { program.status = import_from(importer, *options, program.console); });
  };
  add_import_site(command, program);
  add_import_ede(command, program);
  add("volttron", "Device configurations with registries (drivers modbus and modbus_tk).",
      "device configurations, registries, maps.yaml, or folders of them", importers::import_volttron);
  add("edgex", "Device profiles and device lists of 1.x to 4.x.",
      "profiles and device lists (YAML, JSON, TOML), or folders of them", importers::import_edgex);
}

}  // namespace iw::gateway

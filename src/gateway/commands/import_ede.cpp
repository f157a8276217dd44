#include "gateway/commands/import_ede.hpp"

#include <algorithm>

#include "gateway/commands/report.hpp"
#include "gateway/site_config.hpp"
#include "gateway/surroundings.hpp"
#include "importers/ede.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using importers::EdeDevice;
using importers::EdeImport;

struct Options {
  std::vector<std::string> paths;
  std::string output;
  bool force = false;
  bool json = false;
};

std::size_t recognised(const EdeDevice& device) {
  const auto map = bacnet::propose(device.objects);
  return static_cast<std::size_t>(std::ranges::count_if(map.points, [](const bacnet::ObjectPoint& point) {
    return point.point.name.quantity != model::Quantity::Count;
  }));
}

Json to_json(const EdeImport& import, const config::Findings& findings, bool good) {
  Json report{
      {"ok", good}, {"project", import.project}, {"devices", Json::array()}, {"findings", Json::array()}};
  for (const EdeDevice& device : import.devices) {
    report["devices"].push_back({{"name", device.name},
                                 {"device", device.instance},
                                 {"profile", device.profile},
                                 {"points", device.objects.size()},
                                 {"recognised", recognised(device)}});
  }
  for (const config::Finding& finding : findings)
    report["findings"].push_back(config::to_string(finding));
  return report;
}

int import_ede(const Options& options, Console& console) {
  Surroundings surroundings;
  io::Files& files = surroundings.files();
  const EdeImport import = importers::import_ede(files, options.paths);
  config::Findings findings = import.findings;
  if (import.devices.empty()) {
    if (!options.json) console.findings(findings);
    return give_up(console, options.json,
                   {ErrorKind::not_found, "there are no objects in these files",
                    "name the EDE file (CSV), and the one with the state texts"});
  }
  const auto done = importers::write(importers::written(import), options.output, options.force, files);
  if (!done) return give_up(console, options.json, done.error());
  const std::string path = options.output + "/interwatt.yaml";
  const auto text = files.read(path);
  const bool good = text && load_config(path, *text, files, findings) != nullptr && findings.ok();
  if (options.json) {
    print(console, to_json(import, findings, good));
    return good ? 0 : 1;
  }
  console.findings(findings);
  TextTable table({{"device", TextTable::Align::right},
                   {"name"},
                   {"profile"},
                   {"points", TextTable::Align::right},
                   {"recognised", TextTable::Align::right}});
  for (const EdeDevice& device : import.devices) {
    table.add({std::to_string(device.instance), device.name, device.profile,
               std::to_string(device.objects.size()), std::to_string(recognised(device))});
  }
  console.out(table.to_string(console));
  console.note(fmt::format("Next: interwatt check {}", path));
  return good ? 0 : 1;
}

}  // namespace

void add_import_ede(const Command& import, Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      import.add_subcommand("ede", "Object lists of BACnet devices (EDE of the BIG-EU, CSV).");
  command.add_option("FILES", options->paths, "EDE files and their state texts, or folders of them")
      .required();
  command.add_option("-o,--output", options->output, "folder for interwatt.yaml and profiles/").required();
  command.add_flag("--force", options->force, "replace what is there");
  command.add_flag("--json", options->json, "the result as JSON");
  command.footer(
      "Examples:\n"
      "  interwatt import ede town-hall_EDE.csv town-hall_StateTexts.csv -o site\n");
  command.callback([options, &program] { program.status = import_ede(*options, program.console); });
}

}  // namespace iw::gateway

// interwatt check: what is wrong with a configuration, and how busy its lines will be.

#include "config/rule.hpp"
#include "gateway/budget.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/fail_safe_plan.hpp"
#include "gateway/line_plan.hpp"
#include "gateway/surroundings.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string file = "interwatt.yaml";
  bool json = false;
  bool schema = false;
  bool docs = false;
  bool verbose = false;
};

std::string counted(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

nlohmann::ordered_json to_json(const config::Finding& finding) {
  return {{"severity", finding.severity == config::Severity::error ? "error" : "warning"},
          {"file", finding.file},
          {"line", finding.line},
          {"column", finding.column},
          {"key", finding.key},
          {"message", finding.message},
          {"remedy", finding.remedy}};
}

nlohmann::ordered_json to_json(const driver::LineBudget& budget) {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const driver::BudgetItem& item : budget.items) {
    items.push_back({{"what", item.what},
                     {"period_ms", item.period / 1ms},
                     {"takes_ms", std::chrono::duration<double, std::milli>(item.takes).count()},
                     {"share", item.share}});
  }
  return {{"line", budget.url},
          {"load", budget.load},
          {"possible", budget.possible()},
          {"devices_known_only_on_line", budget.unknown},
          {"reads", items}};
}

// The caveats of the profiles in use: known before somebody is surprised by them.
void show_caveats(const LoadedConfig& config, Console& console) {
  for (const DeviceSection& device : config.site.devices) {
    if (device.described_by == nullptr) continue;
    for (const driver::Caveat& caveat : device.described_by->caveats) {
      console.out(fmt::format("  {} ({}): {}", device.name, device.profile, caveat.text));
    }
  }
}

void show_budgets(const std::vector<driver::LineBudget>& budgets, bool verbose, Console& console) {
  TextTable table({{"line"}, {"busy", TextTable::Align::right}, {"reads", TextTable::Align::right}, {""}});
  for (const driver::LineBudget& budget : budgets) {
    const Style style = !budget.possible() ? Style::bad : budget.load > 0.7 ? Style::warn : Style::good;
    table.add({budget.url, console.styled(style, fmt::format("{:.0f} %", budget.load * 100)),
               fmt::format("{}", budget.items.size()),
               budget.unknown > 0 ? fmt::format("+ {} SunSpec, known when asked", budget.unknown) : ""});
    if (!verbose) continue;
    for (const driver::BudgetItem& item : budget.items) {
      table.add({"  " + item.what, fmt::format("{:.1f} %", item.share * 100),
                 fmt::format("{:.0f} ms", std::chrono::duration<double, std::milli>(item.takes).count()),
                 "each " + config::to_string(item.period)});
    }
  }
  console.out(table.to_string(console));
}

nlohmann::ordered_json to_json(const FailSafePlan& plan) {
  nlohmann::ordered_json needs = nlohmann::ordered_json::object();
  for (const auto& [path, oldest] : plan.needs)
    needs[path] = std::chrono::duration<double>(oldest).count();
  nlohmann::ordered_json json{{"path", plan.path},
                              {"unit", plan.unit},
                              {"fail_safe", plan.safe_value},
                              {"needs_s", std::move(needs)},
                              {"on_stop", plan.on_stop == OnStop::keep ? "keep" : "fail_safe"},
                              {"without_gateway", plan.without_gateway()},
                              {"falls_back_after_s", nullptr}};
  if (plan.device && plan.device->after > 0ns)
    json["falls_back_after_s"] = std::chrono::duration<double>(plan.device->after).count();
  return json;
}

// What becomes of each point when something is lost.
void show_fail_safe(const std::vector<FailSafePlan>& plans, Console& console) {
  TextTable table({{"fail-safe of"}, {"without what it needs"}, {"without the gateway"}, {"left on stop"}});
  for (const FailSafePlan& plan : plans)
    table.add({plan.path, plan.without_needs(), plan.without_gateway(), plan.stopped()});
  console.out("\n" + table.to_string(console));
}

int check(const Options& options, Console& console) {
  if (options.schema) {
    console.out(config_json_schema());
    return 0;
  }
  if (options.docs) {
    console.out(config_documentation());
    return 0;
  }
  Surroundings surroundings;
  const auto text = surroundings.files().read(options.file);
  if (!text) {
    console.error(text.error());
    return 1;
  }
  config::Findings findings;
  const auto config = load_config(options.file, *text, surroundings.files(), findings);
  std::vector<driver::LineBudget> budgets;
  if (config) {
    DeviceIds ids;
    for (const driver::LinePlanPtr& line : plan_lines(*config, ids))
      budgets.push_back(line->budget());
    // What is arithmetic on a serial line is an assumption behind TCP.
    for (const driver::LineBudget& budget : budgets)
      report(budget, *config, budget.assumed ? config::Severity::warning : config::Severity::error, findings);
  }
  const bool controls = config && config->site.control.active();
  const auto fail_safe = controls ? plan_fail_safe(config->site) : std::vector<FailSafePlan>();
  findings.sort();
  const bool good = findings.ok();
  if (options.json) {
    nlohmann::ordered_json report{{"ok", good},
                                  {"findings", nlohmann::ordered_json::array()},
                                  {"lines", nlohmann::ordered_json::array()}};
    for (const FailSafePlan& plan : fail_safe)
      report["fail_safe"].push_back(to_json(plan));
    for (const config::Finding& finding : findings)
      report["findings"].push_back(to_json(finding));
    for (const driver::LineBudget& budget : budgets)
      report["lines"].push_back(to_json(budget));
    console.out(report.dump(2));
    return good ? 0 : 1;
  }
  console.findings(findings);
  if (config && !budgets.empty()) show_budgets(budgets, options.verbose, console);
  if (!good) {
    console.note(fmt::format("{}: {}", options.file, counted(findings.errors(), "error")));
    return 1;
  }
  if (!fail_safe.empty()) show_fail_safe(fail_safe, console);
  show_caveats(*config, console);
  console.out(fmt::format("{}: good; {} on {}", options.file, counted(config->site.devices.size(), "device"),
                          counted(budgets.size(), "line")));
  return 0;
}

}  // namespace

void add_check(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("check", "Check a configuration and predict how busy its lines will be.");
  command.add_option("file", options->file, "configuration file").show_default();
  command.add_flag("--json", options->json, "findings and budgets as JSON");
  command.add_flag("--schema", options->schema, "print the JSON Schema of the configuration, for editors");
  command.add_flag("--docs", options->docs, "print every key of the configuration as a Markdown table");
  command.add_flag("-v,--verbose", options->verbose, "show every read with its cost");
  command.footer(
      "Examples:\n"
      "  interwatt check interwatt.yaml\n"
      "  interwatt check interwatt.yaml --verbose\n"
      "  interwatt check --schema > interwatt.schema.json\n");
  command.callback([options, &program] { program.status = check(*options, program.console); });
}

}  // namespace iw::gateway

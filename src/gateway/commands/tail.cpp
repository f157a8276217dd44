// interwatt tail: every value as it comes.

#include <CLI/CLI.hpp>
#include <fnmatch.h>

#include "gateway/commands/commands.hpp"
#include "gateway/config_file.hpp"
#include "gateway/live_json.hpp"
#include "gateway/live_table.hpp"
#include "gateway/runtime.hpp"

namespace iw::gateway {
namespace {

struct Options {
  std::string config = "interwatt.yaml";
  std::vector<std::string> patterns;
  bool json = false;
  bool changes = false;
  bool raw = false;
  double seconds = 0;
};

class Tail final : private io::Timer {
 public:
  Tail(const Options& options, Console& console, Runtime& runtime, Gateway& gateway)
      : options_(options), console_(console), runtime_(runtime), gateway_(gateway) {
    bus::Bus& bus = options.raw       ? gateway_.raw_bus()
                    : options.changes ? gateway_.report_bus()
                                      : gateway_.bus();
    bus.watch([this](const model::SampleBatch& batch) { show(batch); });
    if (options.seconds > 0) {
      const auto end = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds));
      runtime_.core().arm(*this, runtime_.core().now() + end);
    }
  }

 private:
  void on_timer() override { runtime_.stop(); }

  [[nodiscard]] bool wanted(const std::string& path) const {
    if (options_.patterns.empty()) return true;
    return std::ranges::any_of(options_.patterns, [&](const std::string& pattern) {
      return fnmatch(pattern.c_str(), path.c_str(), FNM_CASEFOLD) == 0;
    });
  }

  void show(const model::SampleBatch& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const model::PointId id{batch.device, batch.index[i]};
      const std::string path(gateway_.site().path(id));
      if (path.empty() || !wanted(path)) continue;
      if (options_.json) {
        console_.out(sample_json(gateway_.site(), batch, i));
        continue;
      }
      const model::Unit unit = model::info(gateway_.site().point(id)->name.quantity).unit;
      const bool good = batch.quality[i].good();
      console_.out(fmt::format(
          "{}  {:<44} {:>12}  {}", format_time(batch.source_time), path, format_value(batch.value[i], unit),
          console_.styled(good ? Style::dim : Style::warn, model::to_string(batch.quality[i]))));
    }
  }

  const Options& options_;
  Console& console_;
  Runtime& runtime_;
  Gateway& gateway_;
};

int tail(const Options& options, Console& console) {
  ConsoleLog log;
  log.set_threshold(LogLevel::warning);
  Runtime runtime(log);
  auto config = read_config(options.config, runtime.files(), console);
  if (!config) return 1;
  Gateway& gateway = runtime.start(std::move(config));
  const Tail shown(options, console, runtime, gateway);
  runtime.run();
  return 0;
}

}  // namespace

void add_tail(Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.app.add_subcommand(
      "tail", "Poll the devices of a configuration and print every value as it comes.");
  command->add_option("points", options->patterns,
                      "paths to show, with wildcards: 'roof/*', '*/ActivePower'; all when left out");
  command->add_option("-c,--config", options->config, "configuration file")->capture_default_str();
  command->add_flag("--json", options->json, "one JSON object a line");
  command->add_flag("--changes", options->changes, "only what moved by more than its deadband");
  command->add_flag("--raw", options->raw, "as the devices gave it, before normalisation")
      ->excludes("--changes");
  command->add_option("--seconds", options->seconds, "end after so long");
  command->footer(
      "It polls by itself: do not use it beside a running gateway on devices that take only one "
      "connection.\n\n"
      "Examples:\n"
      "  interwatt tail '*/ActivePower'\n"
      "  interwatt tail -c interwatt.yaml --json --changes\n");
  command->callback([options, &program] { program.status = tail(*options, program.console); });
}

}  // namespace iw::gateway

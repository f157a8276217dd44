// interwatt tail: every value as it comes.

#include <optional>

#include "formats/jsonld.hpp"
#include "formats/protobuf.hpp"
#include "gateway/commands/choice.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/config_file.hpp"
#include "gateway/live_json.hpp"
#include "gateway/live_table.hpp"
#include "gateway/point_patterns.hpp"
#include "gateway/runtime.hpp"
#include "gateway/telemetry.hpp"

namespace iw::gateway {
namespace {

enum class Format : std::uint8_t { text, json, protobuf, jsonld };

struct Options {
  std::string config = "interwatt.yaml";
  std::vector<std::string> patterns;
  Format format = Format::text;
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
    if (options.format == Format::protobuf || options.format == Format::jsonld) {
      telemetry_.emplace(
          runtime_.core(), gateway_.site(),
          Telemetry::Settings{
              .site_name = gateway_.config().site.site.name,
              .wanted = [this](std::string_view path) { return wanted(options_.patterns, path); }},
          Telemetry::Receiver{.on_catalog = [this](const auto& catalog) { write(*catalog); },
                              .on_batch = [this](const formats::Batch& batch) { write(batch); }});
      bus.watch([this](const model::SampleBatch& batch) { telemetry_->take(batch); });
    } else {
      bus.watch([this](const model::SampleBatch& batch) { show(batch); });
    }
    if (options.seconds > 0) {
      const auto end = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(options.seconds));
      runtime_.core().arm(*this, runtime_.core().now() + end);
    }
  }

 private:
  void on_timer() override {
    if (telemetry_) telemetry_->flush();
    runtime_.stop();
  }

  // A catalogue or a batch.
  void write(const auto& what) {
    if (options_.format == Format::jsonld) return console_.out(jsonld_.encode(what));
    envelope_.clear();
    stream_.clear();
    protobuf_.encode(what, envelope_);
    formats::put_delimited(envelope_, stream_);
    console_.out(Bytes(stream_));
  }

  void show(const model::SampleBatch& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const model::PointId id{batch.device, batch.index[i]};
      const std::string path(gateway_.site().path(id));
      if (path.empty() || !wanted(options_.patterns, path)) continue;
      if (options_.format == Format::json) {
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
  std::optional<Telemetry> telemetry_;
  formats::JsonldEncoder jsonld_{formats::ContextForm::embedded};
  formats::ProtobufEncoder protobuf_;
  std::vector<std::byte> envelope_;
  std::vector<std::byte> stream_;
};

int tail(Options& options, Console& console) {
  if (options.json) options.format = Format::json;
  if (options.format == Format::protobuf && console.is_terminal()) {
    console.error({ErrorKind::invalid_argument, "Protocol Buffers are bytes, and this is a terminal",
                   "send them to a file or to a program: interwatt tail --format protobuf > telemetry.pb"});
    return 2;
  }
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
  const Command command = program.app.add_subcommand(
      "tail", "Poll the devices of a configuration and print every value as it comes.");
  command.add_option("points", options->patterns,
                     "paths to show, with wildcards: 'roof/*', '*/ActivePower'; all when left out");
  command.add_option("-c,--config", options->config, "configuration file").show_default();
  const Option format =
      add_choice<Format>(command, "--format", options->format,
                         {{"text", Format::text},
                          {"json", Format::json},
                          {"protobuf", Format::protobuf},
                          {"jsonld", Format::jsonld}},
                         "text; json: an object a sample; protobuf, jsonld: the catalogue, then "
                         "batches (docs/formats.md)")
          .show_default("text");
  command.add_flag("--json", options->json, "the same as --format json").excludes(format);
  const Option changes =
      command.add_flag("--changes", options->changes, "only what moved by more than its deadband");
  command.add_flag("--raw", options->raw, "as the devices gave it, before normalisation").excludes(changes);
  command.add_option("--seconds", options->seconds, "end after so long");
  command.footer(
      "It polls by itself: do not use it beside a running gateway on devices that take only one "
      "connection.\n\n"
      "Examples:\n"
      "  interwatt tail '*/ActivePower'\n"
      "  interwatt tail -c interwatt.yaml --json --changes\n"
      "  interwatt tail --format protobuf 'roof/*' > roof.pb\n");
  command.callback([options, &program] { program.status = tail(*options, program.console); });
}

}  // namespace iw::gateway

// interwatt decode: bytes to words.

#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/report.hpp"
#include "protocols/modbus/explain.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> hex;
  bool pdu = false;
  bool json = false;
};

// False when the text is no hex.
bool decode(const std::string& text, const Options& options, Json& report, Console& console) {
  const auto bytes = parse_hex(text);
  if (!bytes) {
    if (options.json) {
      report.push_back({{"text", text}, {"error", to_json(bytes.error())}});
    } else {
      console.error(bytes.error());
    }
    return false;
  }
  const std::string words = options.pdu ? modbus::explain_pdu(*bytes) : modbus::explain_frame(*bytes);
  if (options.json) {
    report.push_back({{"frame", to_hex(*bytes)}, {"meaning", words}});
  } else {
    console.out(words);
  }
  return true;
}

int run(const Options& options, Console& console) {
  Json report = Json::array();
  bool all_hex = true;
  if (!options.hex.empty()) {
    all_hex = decode(fmt::format("{}", fmt::join(options.hex, " ")), options, report, console);
  } else {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      all_hex = decode(line, options, report, console) && all_hex;
    }
  }
  if (options.json) print(console, report);
  if (all_hex) return 0;
  return options.hex.empty() ? 1 : 2;
}

}  // namespace

void add_decode(Program& program) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.app.add_subcommand("decode", "Say what the bytes of a Modbus frame mean.");
  command->add_option("HEX", options->hex, "the frame; otherwise one a line from the standard input");
  command->add_flag("--pdu", options->pdu, "only the PDU: no unit id, no checksum");
  command->add_flag("--json", options->json, "the result as JSON");
  command->footer(
      "Examples:\n"
      "  interwatt decode 00 01 00 00 00 06 01 03 00 00 00 0A\n"
      "  interwatt decode 0103000000 0AC5CD\n"
      "  interwatt decode --pdu 83 02\n"
      "  interwatt decode < frames.txt\n");
  command->callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway

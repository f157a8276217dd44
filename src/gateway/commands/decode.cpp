// interwatt decode: bytes to words.

#include <iostream>

#include "commissioning/frame_words.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> hex;
  bool pdu = false;
  bool json = false;
};

// 0, 1 when it is no whole frame with a right checksum or no PDU, 2 when the text is no hex.
int decode(const std::string& text, const Options& options, Json& report, Console& console) {
  const auto words = commissioning::explain_hex(text, options.pdu);
  if (!words) {
    if (options.json) {
      report.push_back({{"text", text}, {"error", to_json(words.error())}});
    } else {
      console.error(words.error());
    }
    return 2;
  }
  if (options.json) {
    report.push_back(commissioning::to_json(*words));
  } else {
    console.out(words->meaning);
  }
  return words->whole ? 0 : 1;
}

int run(const Options& options, Console& console) {
  Json report = Json::array();
  int status = 0;
  if (!options.hex.empty()) {
    status = decode(fmt::format("{}", fmt::join(options.hex, " ")), options, report, console);
  } else {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (decode(line, options, report, console) != 0) status = 1;
    }
  }
  if (options.json) print(console, report);
  return status;
}

}  // namespace

void add_decode(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "decode", "Say what the bytes of a Modbus frame or a BACnet/IP datagram mean.");
  command.add_option("HEX", options->hex, "the frame; otherwise one a line from the standard input");
  command.add_flag("--pdu", options->pdu, "only the PDU: no unit id, no checksum");
  command.add_flag("--json", options->json, "the result as JSON");
  command.footer(
      "Examples:\n"
      "  interwatt decode 00 01 00 00 00 06 01 03 00 00 00 0A\n"
      "  interwatt decode 0103000000 0AC5CD\n"
      "  interwatt decode --pdu 83 02\n"
      "  interwatt decode 810a0018 01240a950300138aff 0005010c0c0200138a194d\n"
      "  interwatt decode < frames.txt\n"
      "Exit status: 0 good frames, 1 a broken one (cut off, a wrong checksum), 2 wrong use.");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway

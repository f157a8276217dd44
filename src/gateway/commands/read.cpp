// interwatt read: registers and coils as they are, or the points of a profile.

#include "commissioning/readings.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/device_report.hpp"
#include "gateway/commands/profile_choice.hpp"
#include "gateway/commands/raw_values.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;

struct Options {
  TargetOptions target;
  RawOptions raw;
  std::size_t count = 1;
  std::string profile;
  std::vector<std::string> points;
};

// All words of the values, in as many requests as it takes; a value is never torn.
io::Task<Result<std::vector<std::uint16_t>>> read_words(Link& link, modbus::RegisterPoint point,
                                                        std::size_t count) {
  const bool bits = is_bit_table(point.table);
  const std::size_t size = modbus::register_count(point);
  const std::size_t most = bits ? modbus::max_read_bits : modbus::max_read_registers / size * size;
  std::vector<std::uint16_t> words;
  for (std::size_t left = count * size; left > 0;) {
    const auto address = static_cast<std::uint16_t>(point.address + words.size());
    const auto n = static_cast<std::uint16_t>(std::min(left, most));
    modbus::Request request = modbus::ReadRegisters{.table = point.table, .address = address, .count = n};
    if (bits) request = modbus::ReadBits{.table = point.table, .address = address, .count = n};
    const auto part = co_await link.read(link.target().unit, request);
    if (!part) co_return fail(Error(part.error()).in(modbus::describe(request)));
    words.insert(words.end(), part->begin(), part->end());
    left -= n;
  }
  co_return words;
}

std::string hex_of(const RawValue& value) {
  std::vector<std::string> words;
  for (const std::uint16_t word : value.registers)
    words.push_back(fmt::format("{:04X}", word));
  return fmt::format("{}", fmt::join(words, " "));
}

io::Task<int> read_raw(io::Network& network, io::Files& files, Options options, Target target,
                       modbus::RegisterPoint point, Console& console) {
  const bool json = options.target.json;
  const bool text =
      point.type == modbus::ValueType::string || point.type == modbus::ValueType::string_swapped;
  Link link(network, files, target);
  const auto words = co_await read_words(link, point, text ? 1 : options.count);
  if (!words) {
    Error error = words.error();
    const std::string hint = options.raw.entity ? "" : entity_hint(point.address, point.table);
    if (error.kind == ErrorKind::rejected && !hint.empty()) error.remedy = hint;
    co_return give_up(console, json, error);
  }
  const std::vector<RawValue> values = decode_raw(point, *words);
  if (json) {
    Json report{{"url", target.url()},
                {"table", to_string(point.table)},
                {"type", to_string(point.type)},
                {"values", Json::array()}};
    for (const RawValue& value : values) {
      report["values"].push_back({{"address", value.address},
                                  {"registers", value.registers},
                                  {"value", value.value ? Json(*value.value)
                                            : text      ? Json(value.text)
                                                        : Json(nullptr)}});
    }
    print(console, report);
    co_return 0;
  }
  const bool bits = is_bit_table(point.table);
  TextTable table({{std::string(to_string(point.table)), TextTable::Align::right},
                   {bits ? "bit" : "hex"},
                   {text ? "text" : std::string(to_string(point.type)), TextTable::Align::right}});
  for (const RawValue& value : values) {
    table.add({fmt::format("{}", value.address),
               bits ? fmt::format("{}", value.registers.front()) : hex_of(value), value.text});
  }
  console.out(table.to_string(console));
  co_return 0;
}

io::Task<int> read_profile(io::Network& network, io::Files& files, Options options, Target target,
                           Console& console) {
  const bool json = options.target.json;
  modbus::Catalogue catalogue = modbus::Catalogue::built_in();
  const auto profile = choose_profile_or_sunspec(catalogue, files, options.profile);
  if (!profile) co_return give_up(console, json, profile.error(), 2);
  Link link(network, files, target);
  const auto map = co_await load_map(link, *profile);
  if (!map) co_return give_up(console, json, map.error());
  const auto selected = select_points(*map, options.points);
  if (!selected) co_return give_up(console, json, selected.error(), 2);
  LinkUnit unit(link, target.unit);
  const Readings readings = co_await read_points(unit, *selected);
  if (readings.good() == 0 && readings.error) co_return give_up(console, json, *readings.error);
  if (json) {
    Json report{{"url", target.url()}, {"profile", options.profile}, {"values", to_json(readings)}};
    if (readings.error) report["error"] = to_json(*readings.error);
    print(console, report);
  } else {
    console.out(to_table(readings, console));
    if (readings.error) console.error(*readings.error);
  }
  co_return readings.good() > 0 && !readings.error ? 0 : 1;
}

int run(const Options& options, Console& console) {
  const auto wrong_use = [&](const Error& error) { return give_up(console, options.target.json, error, 2); };
  if (is_bacnet(options.target.url))
    return read_bacnet(options.target, options.raw.table, options.raw.address, console);
  const auto target = parse_target(options.target);
  if (!target) return wrong_use(target.error());
  if (!options.profile.empty()) {
    if (!options.raw.table.empty()) {
      return wrong_use({ErrorKind::invalid_argument, "either TABLE and ADDRESS, or --profile",
                        "points of a profile are named with --point"});
    }
    return run_tool([&](io::Network& network, io::Files& files) {
      return read_profile(network, files, options, *target, console);
    });
  }
  if (!options.points.empty()) return wrong_use({ErrorKind::invalid_argument, "--point needs --profile"});
  const auto point = parse_raw(options.raw, static_cast<std::uint16_t>(options.count));
  if (!point) return wrong_use(point.error());
  const std::size_t size = modbus::register_count(*point);
  const bool text = point->string_registers > 0;
  if (point->address + (text ? size : size * options.count) > 0x10000) {
    return wrong_use({ErrorKind::invalid_argument,
                      fmt::format("{} values from {} go past 65535", options.count, point->address)});
  }
  return run_tool([&](io::Network& network, io::Files& files) {
    return read_raw(network, files, options, *target, *point, console);
  });
}

}  // namespace

void add_read(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("read", "Read registers or coils as they are, or the points of a profile.");
  add_target_options(command, options->target);
  add_raw_options(command, options->raw);
  command.add_option("--count", options->count, "how many values; of a string: how many registers")
      .show_default()
      .within(1, 65536);
  command.add_option("--profile", options->profile, "an id of the catalogue, a .yaml file, or sunspec");
  command.add_option("--point", options->points,
                     "only these points of it: ActivePower battery/StateOfCharge");
  command.footer(
      "Examples:\n"
      "  interwatt read 'modbus://192.0.2.10?unit=1' holding 40000 --count 2 --type string\n"
      "  interwatt read 'modbus://192.0.2.10?unit=1' input 30 --type f32 --order cdab --count 3\n"
      "  interwatt read 'modbus://192.0.2.10?unit=1' holding 40001 --entity --scale 0.1\n"
      "  interwatt read 'modbus://192.0.2.10?unit=1' --profile huawei/sun2000 --point ActivePower --json\n"
      "  interwatt read 'bacnet://192.0.2.20?device=1234' ai7\n"
      "  interwatt read 'bacnet://192.0.2.20?device=1234' ao1 priority-array\n"
      "Exit status: 0 read, 1 the device did not give it, 2 wrong use.");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway

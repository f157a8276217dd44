// interwatt scan: which units answer, which SunSpec models they have, and what lies in registers that nobody
// described.

#include <cmath>

#include "commissioning/register_table.hpp"
#include "commissioning/survey_json.hpp"
#include "config/rule.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/profile_choice.hpp"
#include "gateway/commands/report.hpp"
#include "io/sleep.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;
using gateway::to_json;
using modbus::ByteOrder;

constexpr std::size_t width_of_all_orders = 200;  // columns of a terminal that shows all four

struct Options {
  TargetOptions target;
  std::string units;
  std::string registers;
  std::string table = "holding";
  std::string twice;
  std::string instances;  // of BACnet devices
  std::string profile, save_profile;
  std::string folder;
  bool models = false;
  bool all_orders = false;
};

// ---- units

void show(const SurveyedModel& model, Console& console) {
  console.out("");
  console.out(console.styled(Style::bold, fmt::format("model {} {} at {}, {} registers", model.block.id,
                                                      model.name.empty() ? "(not public)" : model.name,
                                                      model.block.address, model.block.length)));
  if (model.points.empty()) return;
  TextTable table({{"register", Align::right},
                   {"point"},
                   {"type"},
                   {"raw", Align::right},
                   {"value", Align::right},
                   {"unit"}});
  for (const sunspec::DecodedPoint& point : model.points) {
    if (point.type == sunspec::Type::pad) continue;
    table.add({fmt::format("{}", model.block.address + point.offset), point.name,
               std::string(sunspec::to_string(point.type)), point.implemented ? point.raw : "-",
               point.value ? format_number(*point.value) : "", std::string(point.unit)});
  }
  console.out(table.to_string(console));
}

void show(const Survey& survey, Console& console) {
  TextTable table({{"unit", Align::right}, {"ms", Align::right}, {"device"}, {"profile"}});
  for (const SurveyedUnit& one : survey.found) {
    const std::string who = commissioning::describe(one.identification.identity());
    std::vector<std::string_view> profiles;
    if (one.identification.chain) profiles.emplace_back("sunspec");
    for (const modbus::Profile* profile : one.identification.profiles)
      profiles.push_back(profile->id);
    table.add({fmt::format("{}", one.unit.value()),
               fmt::format("{:.0f}", std::chrono::duration<double, std::milli>(one.took).count()),
               who.empty() ? "does not say who it is" : who, fmt::format("{}", fmt::join(profiles, ", "))});
    if (survey.same_for_all) break;
  }
  if (!survey.found.empty()) console.out(table.to_string(console));
  for (const SurveyedUnit& one : survey.found) {
    const auto& chain = one.identification.chain;
    if (!chain) continue;
    console.out(
        fmt::format("unit {}: SunSpec at {}: {}", one.unit.value(), chain->base, list_models(*chain)));
    for (const std::string& warning : chain->warnings)
      console.note(fmt::format("warning: {}", warning));
  }
  if (survey.same_for_all) {
    console.note(
        "every unit id was answered: the device does not look at it, or is many; only the first was "
        "identified");
  }
}

io::Task<int> scan_units(io::Network& network, io::Files& files, Options options, Target target,
                         std::vector<modbus::UnitId> units, Console& console) {
  const bool json = options.target.json;
  const modbus::Catalogue catalogue = load_catalogue(files, options.folder, console);
  Link link(network, files, target);
  const auto connected = co_await link.connect();
  if (!connected) co_return give_up(console, json, connected.error());

  const Survey found = co_await survey(link, std::move(units), catalogue,
                                       [&console](const std::string& what) { console.progress(what); });
  Json report{{"url", modbus::line_url(target.address)}, {"units", Json::array()}};
  if (!json) {
    console.end_progress();
    show(found, console);
  }
  for (const SurveyedUnit& one : found.found) {
    Json entry{{"unit", one.unit.value()}};
    entry.update(commissioning::to_json(one.identification));
    if (options.models && one.identification.chain) {
      LinkUnit unit(link, one.unit);
      const auto models = co_await read_models(unit, *one.identification.chain);
      entry["models"] = Json::array();
      for (const SurveyedModel& model : models) {
        entry["models"].push_back(commissioning::to_json(model));
        if (!json) show(model, console);
      }
    }
    report["units"].push_back(std::move(entry));
    if (found.same_for_all) break;
  }
  if (found.error) report["error"] = to_json(*found.error);
  if (json) {
    print(console, report);
  } else if (found.error) {
    console.error(*found.error);
  } else if (found.found.empty()) {
    console.note(fmt::format("none of {} units answers", found.silent.size()));
    console.note(options.units.empty() ? "  try --units all, or a longer --timeout"
                                       : "  is the device switched on? `interwatt try` tests step by step");
  }
  co_return found.found.empty() || found.error ? 1 : 0;
}

// ---- registers

std::string whole(std::uint32_t value) {
  const auto with_sign = static_cast<std::int32_t>(value);
  return with_sign < 0 ? fmt::format("{} / {}", value, with_sign) : fmt::format("{}", value);
}

// A float of a size that something in the world has; what integers look like as floats would only hide it.
std::string sane(float value) {
  const bool shown = value == 0 || (std::abs(value) >= 1e-6F && std::abs(value) <= 1e10F);
  return shown ? fmt::format("{:.5g}", value) : "";
}

void show(const RegisterTable& found, bool wide, Console& console) {
  const std::span<const ByteOrder> orders(all_byte_orders.data(), wide ? all_byte_orders.size() : 2);
  const bool twice = found.readings() > 1;
  std::vector<TextTable::Column> columns{
      {"register", Align::right}, {"hex"}, {"text"}, {"u16", Align::right}, {"i16", Align::right}};
  for (const ByteOrder order : orders)
    columns.push_back({fmt::format("u32/i32 {}", to_string(order)), Align::right});
  for (const ByteOrder order : orders)
    columns.push_back({fmt::format("f32 {}", to_string(order)), Align::right});
  if (twice) columns.push_back({"moved", Align::right});
  columns.push_back({"guess"});
  TextTable table(std::move(columns));

  std::optional<std::uint16_t> before;
  for (const RegisterRow& row : found.rows()) {
    if (before && row.address != *before + 1) table.add({console.styled(Style::dim, "...")});
    before = row.address;
    std::vector<std::string> cells{fmt::format("{}", row.address), fmt::format("0x{:04X}", row.word),
                                   as_text(row.word), fmt::format("{}", row.word),
                                   fmt::format("{}", static_cast<std::int16_t>(row.word))};
    for (const ByteOrder order : orders)
      cells.push_back(row.next ? whole(as_u32(row.word, *row.next, order)) : "");
    for (const ByteOrder order : orders)
      cells.push_back(row.next ? sane(as_f32(row.word, *row.next, order)) : "");
    if (twice) cells.push_back(row.by != 0 ? console.styled(Style::warn, fmt::format("{:+}", row.by)) : "");
    cells.push_back(row.guess ? console.styled(Style::good, row.guess->in_words()) : "");
    table.add(std::move(cells));
  }
  console.out(table.to_string(console));
}

struct RangeRequest {
  modbus::Table table{};
  AddressRange range;
  std::optional<Duration> again_after;
};

io::Task<int> scan_registers(io::Network& network, io::Files& files, Options options, Target target,
                             RangeRequest request, Console& console) {
  const bool json = options.target.json;
  Link link(network, files, target);
  LinkUnit unit(link, target.unit);
  const auto progress = [&console, total = request.range.count()](std::size_t done) {
    console.progress(fmt::format("{} of {} registers", done, total));
  };
  const RegisterRange before = co_await read_range(unit, request.table, request.range, progress);
  RegisterTable found;
  found.take(before);
  auto error = before.error;
  if (request.again_after && !before.error && before.found() > 0) {
    console.progress(fmt::format("waiting {} for what moves", config::to_string(*request.again_after)));
    co_await io::sleep_for(link.executor(), *request.again_after);
    const RegisterRange after = co_await read_range(unit, request.table, request.range, progress);
    found.take(after);
    error = after.error;
  }
  console.end_progress();
  if (before.found() == 0 && before.error) co_return give_up(console, json, *before.error);

  if (json) {
    Json report{{"url", target.url()},
                {"table", to_string(request.table)},
                {"requests", before.requests},
                {"registers", commissioning::to_json(found)}};
    if (error) report["error"] = to_json(*error);
    print(console, report);
  } else {
    const bool wide = options.all_orders || (console.is_terminal() && console.width() >= width_of_all_orders);
    if (before.found() > 0) show(found, wide, console);
    console.note(fmt::format("{} of {} registers exist ({} requests){}", before.found(),
                             request.range.count(), before.requests,
                             wide ? "" : "; --all-orders shows badc and dcba too"));
    if (error) console.error(*error);
  }
  co_return error || before.found() == 0 ? 1 : 0;
}

// ----

int run(const Options& options, Console& console) {
  const bool json = options.target.json;
  const auto wrong_use = [&](const Error& error) { return give_up(console, json, error, 2); };
  if (is_bacnet(options.target.url)) {
    return scan_bacnet(
        options.target,
        {.instances = options.instances, .profile = options.profile, .save_profile = options.save_profile},
        console);
  }
  const auto target = parse_target(options.target);
  if (!target) return wrong_use(target.error());

  if (options.registers.empty()) {
    if (!options.twice.empty()) return wrong_use({ErrorKind::invalid_argument, "--twice needs --registers"});
    const bool one = target->address.unit && options.units.empty();
    auto units = options.units.empty() ? Result<std::vector<modbus::UnitId>>(usual_units())
                                       : parse_units(options.units);
    if (!units) return wrong_use(units.error());
    if (one) units = std::vector{target->unit};
    return run_tool([&](io::Network& network, io::Files& files) {
      return scan_units(network, files, options, *target, *units, console);
    });
  }

  const auto range = parse_address_range(options.registers);
  if (!range) return wrong_use(range.error());
  const auto table = parse_table(options.table);
  if (!table) return wrong_use(table.error());
  if (is_bit_table(*table)) {
    return wrong_use({ErrorKind::invalid_argument, "only holding and input registers can be scanned",
                      "bits are read with: interwatt read URL coil 0 --count 100"});
  }
  if (!options.units.empty()) {
    return wrong_use(
        {ErrorKind::invalid_argument, "--registers scans one unit", "name it in the address: ?unit=3"});
  }
  RangeRequest request{.table = *table, .range = *range, .again_after = {}};
  if (!options.twice.empty()) {
    const auto number = parse_number(options.twice);
    const auto after = config::parse_duration(number ? options.twice + "s" : options.twice);
    if (!after) return wrong_use(Error(after.error()).in("--twice"));
    request.again_after = *after;
  }
  return run_tool([&](io::Network& network, io::Files& files) {
    return scan_registers(network, files, options, *target, request, console);
  });
}

}  // namespace

void add_scan(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "scan", "Find units and SunSpec models at an address, or look at raw registers.");
  add_target_options(command, options->target);
  command.add_option("--units", options->units,
                     "unit ids to ask: 1-20,100,247, or all (otherwise ?unit=, or 1-10,100,126,200,240,247)");
  command.add_flag("--models", options->models, "read every SunSpec model, with all its points");
  command.add_option("--registers", options->registers, "read a range of registers instead: 40000-40199");
  command.add_option("--table", options->table, "of the registers: holding or input").show_default();
  command.add_option("--twice", options->twice, "read the registers again after SECONDS and mark what moved");
  command.add_flag("--all-orders", options->all_orders, "32-bit values in all four byte orders");
  command.add_option("--instances", options->instances, "BACnet: only devices of these instances: 1000-1999");
  command.add_option("--profile", options->profile,
                     "BACnet: name the points by this profile: an id of the catalogue, or a .yaml file");
  command.add_option("--save-profile", options->save_profile,
                     "BACnet: write a proposal for a profile of the device into this file");
  command.add_option("--profiles", options->folder, "a folder of own profiles, to recognise devices by");
  command.footer(
      "Examples:\n"
      "  interwatt scan modbus://192.0.2.10\n"
      "  interwatt scan 'modbus+rtu:///dev/ttyUSB0?baud=9600' --units all --timeout 200ms\n"
      "  interwatt scan 'modbus://192.0.2.10?unit=1' --models\n"
      "  interwatt scan 'modbus://192.0.2.10?unit=1' --registers 0-199 --table input --twice 5\n"
      "  interwatt scan bacnet://192.0.2.255          all devices of that network, by broadcast\n"
      "  interwatt scan 'bacnet://192.0.2.20?device=1234'    the objects of a device, and the points they "
      "become\n"
      "  interwatt scan 'bacnet://192.0.2.20?device=1234' --save-profile ahu.yaml    as a profile, to be "
      "corrected\n"
      "Exit status: 0 something was found, 1 nothing was found or the link failed, 2 wrong use.");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway

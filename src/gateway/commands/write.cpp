// interwatt write: one write, confirmed by what the device shows afterwards.

#include <cmath>

#include "commissioning/readings.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/confirm.hpp"
#include "gateway/commands/profile_choice.hpp"
#include "gateway/commands/raw_values.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/commands/write_plan.hpp"
#include "json/json.hpp"
#include "protocols/modbus/companion_write.hpp"
#include "protocols/modbus/value.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using modbus::WriteOutcome;
using modbus::WritePlan;
using model::WriteState;
using Words = std::vector<std::uint16_t>;

struct Options {
  TargetOptions target;
  RawOptions raw;
  std::vector<std::string> arguments;  // TABLE ADDRESS VALUE..., or VALUE with --profile
  std::string mask;
  std::string profile;
  std::string point;
  bool multiple = false;
  bool yes = false;
  std::optional<int> priority;  // of a BACnet write
};

// What is to be written where, before anything is asked of the device.
struct Wish {
  modbus::RegisterPoint point;
  modbus::DeviceLimits limits;
  std::string name;              // "holding 40126", "ActivePowerLimit"
  std::string unit;              // of a point of a profile
  std::string value;             // for people
  std::optional<double> number;  // of a point of a profile
  Words words;                   // of raw values
  std::optional<modbus::MaskWriteRegister> mask;
};

// ---- the wish

Result<Wish> raw_wish(const Options& options) {
  RawOptions raw = options.raw;
  if (!options.arguments.empty()) raw.table = options.arguments[0];
  if (options.arguments.size() > 1) raw.address = options.arguments[1];
  const bool has_values = options.arguments.size() > 2;
  const std::vector<std::string> values(options.arguments.begin() + (has_values ? 2 : 0),
                                        has_values ? options.arguments.end() : options.arguments.begin());
  const std::size_t characters = has_values ? values.front().size() : 0;
  const auto point = parse_raw(raw, static_cast<std::uint16_t>((characters + 1) / 2));
  if (!point) return fail(point.error());
  if (point->table == modbus::Table::input_registers || point->table == modbus::Table::discrete_inputs) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("the table '{}' can only be read", to_string(point->table)),
                "holding registers and coils can be written");
  }
  Wish wish{.point = *point,
            .limits = {.write_single = !options.multiple},
            .name = fmt::format("{} {}", to_string(point->table), point->address),
            .value = fmt::format("{}", fmt::join(values, " "))};
  if (!options.mask.empty()) {
    const auto mask = parse_mask(options.mask);
    if (!mask) return fail(mask.error());
    if (has_values || point->table != modbus::Table::holding_registers) {
      return fail(ErrorKind::invalid_argument, "--mask changes one holding register, without VALUE");
    }
    wish.mask = {.address = point->address, .and_mask = mask->and_mask, .or_mask = mask->or_mask};
    wish.value = fmt::format("AND 0x{:04X} OR 0x{:04X}", mask->and_mask, mask->or_mask);
    wish.point.type = modbus::ValueType::u16;
    return wish;
  }
  if (!has_values) return fail(ErrorKind::invalid_argument, "VALUE is missing");
  auto words = encode_raw(*point, values);
  if (!words) return fail(std::move(words).error());
  const bool coils = point->table == modbus::Table::coils;
  const std::size_t most = coils ? modbus::max_write_bits : modbus::max_write_registers;
  if (words->size() > most) {
    return fail(ErrorKind::invalid_argument, fmt::format("{} {} are more than one write can carry, {}",
                                                         words->size(), coils ? "coils" : "registers", most));
  }
  if (point->address + words->size() > 0x10000) {
    return fail(ErrorKind::invalid_argument, "the values go past the last address, 65535");
  }
  wish.words = std::move(*words);
  return wish;
}

// A number, or one of the words that the point has for its numbers.
Result<double> parse_point_value(const model::Point& point, const std::string& text) {
  for (const auto& [value, word] : point.texts) {
    if (word == text) return static_cast<double>(value);
  }
  const auto number = parse_number(text);
  if (number) return *number;
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no value of {}", text, model::to_string(point.name)));
}

Result<Wish> point_wish(const Options& options, const modbus::RegisterMap& map) {
  const auto selected = select_points(map, std::vector{options.point});
  if (!selected) return fail(selected.error());
  const modbus::RegisterPoint& source = selected->points.front();
  const std::string unit(model::to_string(model::info(source.point.name.quantity).unit));
  if (!source.point.writable) {
    return fail(
        ErrorKind::invalid_argument, fmt::format("{} can only be read", options.point),
        fmt::format("`interwatt profiles show {}` says which points can be written", options.profile));
  }
  const auto value = parse_point_value(source.point, options.arguments.front());
  if (!value) return fail(value.error());
  if (*value < source.point.minimum.value_or(*value) || *value > source.point.maximum.value_or(*value)) {
    const auto bound = [](const std::optional<double>& b) {
      return b ? format_number(*b) : std::string("any");
    };
    return fail(
        ErrorKind::invalid_argument,
        fmt::format("{} {} is out of the range of {}", format_number(*value), unit, options.point),
        fmt::format("it takes {} to {} {}", bound(source.point.minimum), bound(source.point.maximum), unit));
  }
  return Wish{.point = source,
              .limits = selected->limits,
              .name = options.point,
              .unit = unit,
              .value = format_number(*value),
              .number = *value};
}

// ---- doing it

Result<WritePlan> make_plan(const Wish& wish, const Words& held) {
  if (wish.mask) return plan_mask(*wish.mask, held);
  if (wish.number) return plan_value(wish.point, wish.limits, *wish.number, held);
  return plan_words(wish.point.table, wish.point.address, wish.words, wish.limits.write_single);
}

Place where(const Wish& wish) {
  if (wish.number || wish.mask) return place_of(wish.point);
  return place_of(wish.point.table, wish.point.address, wish.words.size());
}

// The words of the place; `answer`: that of read_place, empty when it could not be read.
Words words_at(const Place& place, const Words& answer) {
  if (answer.empty()) return {};
  const auto begin = answer.begin() + static_cast<std::ptrdiff_t>(place.offset);
  return {begin, begin + static_cast<std::ptrdiff_t>(place.count)};
}

// What the place shows, for people: in the unit of the point, where it has one.
std::string shown(const Wish& wish, const Place& place, const Words& answer) {
  if (answer.empty()) return "unknown";
  if (place.scale_offset) {
    const auto first = static_cast<std::uint16_t>(wish.point.address - place.offset);
    const modbus::Decoded decoded = modbus::compile(wish.point).decode(to_bytes(answer), first);
    return decoded.good() ? format_number(decoded.value) : "not available";
  }
  std::vector<std::string> values;
  for (const RawValue& value : decode_raw(wish.point, words_at(place, answer)))
    values.push_back(value.text);
  return fmt::format("{}", fmt::join(values, " "));
}

Style style_of(WriteState state) {
  switch (state) {
    case WriteState::confirmed: return Style::good;
    case WriteState::limited:
    case WriteState::unknown: return Style::warn;
    default: return Style::bad;
  }
}

std::string_view meaning_of(WriteState state) {
  switch (state) {
    case WriteState::confirmed: return "the device shows what was written";
    case WriteState::not_followed: return "the device took the write and still shows what it showed before";
    case WriteState::limited: return "the device shows another value than was written";
    case WriteState::unknown: return "the write was sent; whether it was done can not be seen";
    case WriteState::refused: return "the device refused the write";
    default: return "";
  }
}

// All that will be sent.
std::string question_of(const Wish& wish, const WritePlan& plan) {
  std::string question = modbus::describe(plan.write);
  for (const modbus::EnableRegister& enable : wish.point.enables)
    question += fmt::format(", then {} into register {}", enable.value, enable.address);
  return question + "?";
}

io::Task<int> write_wish(Link& link, Options options, Wish wish, Console& console) {
  const bool json = options.target.json;
  const std::string unit = wish.unit.empty() ? "" : " " + wish.unit;
  LinkUnit device(link, link.target().unit);
  const Place place = where(wish);
  const auto before = co_await read_place(device, place);
  // A register that can only be written refuses to be read: no reason not to write it.
  if (!before && before.error().kind != ErrorKind::rejected) co_return give_up(console, json, before.error());
  const Words held = before ? *before : Words{};
  auto plan = make_plan(wish, held);
  if (!plan) co_return give_up(console, json, plan.error());

  const std::string was = shown(wish, place, held);
  if (!json) {
    console.out(fmt::format("{} at {}: {}{} now, {}{} wished", wish.name, link.target().url(), was, unit,
                            wish.value, unit));
    if (!before) console.note(fmt::format("it can not be read: {}", before.error().message));
  }
  if (!options.yes && !confirm(console, question_of(wish, *plan))) {
    co_return give_up(console, json, {ErrorKind::cancelled, "nothing was written"});
  }

  const WriteOutcome outcome = co_await write_verified(device, link.executor(), *plan, words_at(place, held));
  Words answer = held;
  if (answer.empty()) answer.resize(place.offset + place.count);
  std::ranges::copy(outcome.read_back, answer.begin() + static_cast<std::ptrdiff_t>(plan->offset));
  WriteState state = outcome.state;
  std::optional<Error> error = outcome.error;
  if (state == WriteState::confirmed) {
    model::WriteResult enabled =
        co_await modbus::enable(device, link.executor(), wish.point.enables, wish.limits);
    state = enabled.state;
    error = std::move(enabled.error);
  }
  const std::string is = outcome.read_back.empty() ? "unknown" : shown(wish, place, answer);
  if (json) {
    Json report{{"url", link.target().url()},
                {"what", wish.name},
                {"unit", wish.unit},
                {"request", modbus::describe(plan->write)},
                {"state", model::to_string(state)},
                {"before", was},
                {"wished", wish.value},
                {"after", is},
                {"registers_wished", plan->expected},
                {"registers_after", outcome.read_back}};
    if (error) report["error"] = to_json(*error);
    print(console, report);
  } else {
    console.out(fmt::format("{}: {}{}", console.styled(style_of(state), model::to_string(state)),
                            state == outcome.state ? meaning_of(state) : "the device is not made to obey",
                            outcome.read_back.empty() ? "" : fmt::format(" ({}{})", is, unit)));
    if (error) console.error(*error);
  }
  co_return state == WriteState::confirmed ? 0 : 1;
}

io::Task<int> write_raw(io::Network& network, io::Files& files, Options options, Target target, Wish wish,
                        Console& console) {
  Link link(network, files, target);
  co_return co_await write_wish(link, options, std::move(wish), console);
}

io::Task<int> write_point(io::Network& network, io::Files& files, Options options, Target target,
                          Console& console) {
  modbus::Catalogue catalogue = modbus::Catalogue::built_in();
  const auto profile = choose_profile_or_sunspec(catalogue, files, options.profile);
  if (!profile) co_return give_up(console, options.target.json, profile.error(), 2);
  Link link(network, files, target);
  const auto map = co_await load_map(link, *profile);
  if (!map) co_return give_up(console, options.target.json, map.error());
  auto wish = point_wish(options, *map);
  if (!wish) co_return give_up(console, options.target.json, wish.error(), 2);
  co_return co_await write_wish(link, options, std::move(*wish), console);
}

int run(const Options& options, Console& console) {
  const auto wrong_use = [&](const Error& error) { return give_up(console, options.target.json, error, 2); };
  if (is_bacnet(options.target.url)) {
    return write_bacnet(options.target,
                        {.arguments = options.arguments, .priority = options.priority, .yes = options.yes},
                        console);
  }
  const auto target = parse_target(options.target);
  if (!target) return wrong_use(target.error());
  const bool unconfirmed = !options.yes && (options.target.json || !can_ask());
  const Error no_terminal{ErrorKind::invalid_argument,
                          "a write must be confirmed, and there is no terminal to ask",
                          "add --yes when you are sure"};
  if (options.profile.empty()) {
    if (!options.point.empty()) return wrong_use({ErrorKind::invalid_argument, "--point needs --profile"});
    const auto wish = raw_wish(options);
    if (!wish) return wrong_use(wish.error());
    if (unconfirmed) return wrong_use(no_terminal);
    return run_tool([&](io::Network& network, io::Files& files) {
      return write_raw(network, files, options, *target, *wish, console);
    });
  }
  if (options.point.empty() || options.arguments.size() != 1 || !options.mask.empty()) {
    return wrong_use({ErrorKind::invalid_argument, "with --profile it takes --point NAME and one VALUE",
                      "for example: --profile huawei/sun2000 --point ActivePowerLimit 5000"});
  }
  if (unconfirmed) return wrong_use(no_terminal);
  return run_tool([&](io::Network& network, io::Files& files) {
    return write_point(network, files, options, *target, console);
  });
}

}  // namespace

void add_write(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command = program.app.add_subcommand(
      "write",
      "Write a register, a coil or a point of a profile, once, and see what the device makes of it.");
  add_target_options(command, options->target);
  command.add_option(
      "ARGUMENTS", options->arguments,
      "TABLE ADDRESS VALUE..., or VALUE with --profile and --point; BACnet: OBJECT VALUE, OBJECT null");
  add_raw_format_options(command, options->raw);
  command.add_option("--mask", options->mask, "AND,OR instead of a value: Mask Write Register (22)");
  command.add_flag("--multiple", options->multiple, "Write Multiple Registers (16) for a single one too");
  command.add_option("--profile", options->profile, "an id of the catalogue, a .yaml file, or sunspec");
  command.add_option("--point", options->point,
                     "the point of it: ActivePowerLimit battery/ActivePowerSetpoint");
  command.add_option("--priority", options->priority, "BACnet: at which it is commanded (3 to 16, not 6)");
  command.add_flag("-y,--yes", options->yes, "do not ask");
  command.footer(
      "Examples:\n"
      "  interwatt write 'modbus://192.0.2.10?unit=1' holding 40126 5000 --type u32\n"
      "  interwatt write 'modbus://192.0.2.10?unit=1' coil 3 on --yes\n"
      "  interwatt write 'modbus://192.0.2.10?unit=1' holding 10 --mask 0xFFFE,0x0001\n"
      "  interwatt write 'modbus://192.0.2.10?unit=1' --profile huawei/sun2000 --point ActivePowerLimit "
      "5000\n"
      "  interwatt write 'bacnet://192.0.2.20?device=1234' ao1 55 --priority 10\n"
      "  interwatt write 'bacnet://192.0.2.20?device=1234' ao1 55 ao2 60 bo1 on --priority 10    at once\n"
      "Exit status: 0 confirmed by the device itself, 1 anything less, 2 wrong use. The write is sent once.");
  command.callback([options, &program] { program.status = run(*options, program.console); });
}

}  // namespace iw::gateway

// modbus_exercise: our client against a server that we did not write, on the real network.
//
//   modbus_exercise modbus://127.0.0.1:1502 --checks read_coils,write_single_coil
//
// The server holds the image of README.md. One line of JSON for each check: {"check", "ok", "detail"}.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include "certificates.hpp"
#include "image.hpp"
#include "io/posix/loop.hpp"
#include "io/sleep.hpp"
#include "io/task_group.hpp"
#include "json/json.hpp"
#include "protocols/modbus/client.hpp"

namespace iw::interop {

namespace {

using modbus::ExceptionCode;
using modbus::FunctionCode;
using modbus::Table;

using Registers = std::vector<std::uint16_t>;
using Bits = std::vector<bool>;
using Checked = io::Task<Result<void>>;

struct Range {
  std::uint16_t first = 0;
  std::uint16_t count = 0;
};
constexpr Range bit_reads[] = {{0, 1}, {7, 13}, {48, modbus::max_read_bits}};
constexpr Range register_reads[] = {{0, 1}, {5, 10}, {875, modbus::max_read_registers}};

// Registers of libmodbus' unit-test-server: where it misbehaves, and one where it does not.
constexpr std::uint16_t sound_register = 0x160;
constexpr std::uint16_t busy_register = 0x170;
constexpr std::uint16_t wrong_transaction_register = 0x171;
constexpr std::uint16_t late_register = 0x172;
constexpr std::uint16_t byte_by_byte_register = 0x173;

std::string shortened(std::string text) {
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

template <class T>
Result<void> expect(const T& got, const T& wanted, std::string_view what) {
  if (got == wanted) return {};
  return fail(ErrorKind::malformed,
              fmt::format("{}: expected {}, got {}", what, shortened(fmt::format("{}", wanted)),
                          shortened(fmt::format("{}", got))));
}

std::string where(std::string_view what, Range range) {
  return fmt::format("{} {} from {}", range.count, what, range.first);
}

// Asks one unit, and turns its answers into values.
class Questions {
 public:
  Questions(modbus::Client& client, modbus::UnitId unit) : client_(client), unit_(unit) {}

  io::Task<Result<Bits>> bits(Table table, Range part) {
    return ask<modbus::ReadBitsResponse>(
        modbus::ReadBits{table, part.first, part.count},
        [](const auto& read) { return range(0, read.count, [&](std::size_t i) { return read.at(i); }); });
  }

  // Of a ReadRegisters or a ReadWriteMultipleRegisters.
  io::Task<Result<Registers>> registers(modbus::Request request) {
    return ask<modbus::ReadRegistersResponse>(std::move(request), [](const auto& read) {
      return range(0, read.count(), [&](std::size_t i) { return read.at(i); });
    });
  }

  io::Task<Result<modbus::DeviceIdentificationResponse>> identification(modbus::DeviceIdLevel level,
                                                                        std::uint8_t object) {
    return ask<modbus::DeviceIdentificationResponse>(modbus::ReadDeviceIdentification{level, object},
                                                     [](const auto& read) { return read; });
  }

  Checked write(modbus::Request request) {
    const auto done = co_await ask<modbus::WriteResponse>(std::move(request), std::identity());
    if (!done) co_return fail(done.error());
    co_return Result<void>();
  }

  // What the server must answer to the request.
  Checked refused(modbus::Request request, ExceptionCode code) {
    const auto exception = co_await ask<modbus::ExceptionResponse>(std::move(request), std::identity());
    if (!exception) co_return fail(exception.error());
    co_return expect(to_string(exception->code), to_string(code), "exception");
  }

 private:
  template <class Wanted, class Convert>
  auto ask(modbus::Request request, Convert convert)
      -> io::Task<Result<std::decay_t<decltype(convert(std::declval<Wanted>()))>>> {
    const auto reply = co_await client_.ask(unit_, request);
    if (!reply) co_return fail(reply.error());
    const auto response = modbus::decode_response(request, reply->bytes());
    if (!response) co_return fail(response.error());
    if (const auto* wanted = std::get_if<Wanted>(&*response)) co_return convert(*wanted);
    if (const auto* exception = std::get_if<modbus::ExceptionResponse>(&*response))
      co_return fail(modbus::to_error(exception->code));
    co_return fail(ErrorKind::malformed,
                   fmt::format("{} was answered, which it should not be", describe(request)));
  }

  modbus::Client& client_;
  modbus::UnitId unit_;
};

// The checks. Each leaves the server usable for the next.
class Exercise {
 public:
  Exercise(modbus::Client& client, modbus::UnitId unit) : ask_(client, unit) {}

  Checked read_coils() { return read_bits(Table::coils, coil); }
  Checked read_discrete_inputs() { return read_bits(Table::discrete_inputs, discrete_input); }
  Checked read_holding_registers() { return read_registers(Table::holding_registers, holding_register); }
  Checked read_input_registers() { return read_registers(Table::input_registers, input_register); }

  Checked write_single_coil() {
    for (const bool on : {true, false}) {
      if (auto done = co_await ask_.write(modbus::WriteSingleCoil{10, on}); !done) co_return done;
      if (auto done = co_await expect_bits({10, 1}, {on}); !done) co_return done;
    }
    co_return Result<void>();
  }

  Checked write_single_register() {
    for (const std::uint16_t value : {std::uint16_t{0xBEEF}, std::uint16_t{0}}) {
      if (auto done = co_await ask_.write(modbus::WriteSingleRegister{100, value}); !done) co_return done;
      if (auto done = co_await expect_registers(100, {value}); !done) co_return done;
    }
    co_return Result<void>();
  }

  Checked write_multiple_coils() {
    for (const std::uint16_t count : {std::uint16_t{1}, std::uint16_t{9}, modbus::max_write_bits}) {
      const Bits values = range(0, count, [](std::size_t i) { return i % 7 == 0; });
      if (auto done = co_await ask_.write(modbus::WriteMultipleCoils{40, values}); !done) co_return done;
      if (auto done = co_await expect_bits({40, count}, values); !done) co_return done;
    }
    co_return Result<void>();
  }

  Checked write_multiple_registers() {
    for (const std::uint16_t count : {std::uint16_t{1}, std::uint16_t{2}, modbus::max_write_registers}) {
      const Registers values =
          range(0, count, [&](std::size_t i) { return static_cast<std::uint16_t>(i * 257 + count); });
      if (auto done = co_await ask_.write(modbus::WriteMultipleRegisters{200, values}); !done) co_return done;
      if (auto done = co_await expect_registers(200, values); !done) co_return done;
    }
    co_return Result<void>();
  }

  // The example of MODBUS Application Protocol 6.16.
  Checked mask_write_register() {
    if (auto done = co_await ask_.write(modbus::WriteSingleRegister{110, 0x0012}); !done) co_return done;
    if (auto done = co_await ask_.write(modbus::MaskWriteRegister{110, 0x00F2, 0x0025}); !done)
      co_return done;
    co_return co_await expect_registers(110, {0x0017});
  }

  Checked read_write_multiple_registers() {
    const Registers written = range(0x1000, modbus::max_read_write_registers,
                                    [](std::size_t i) { return static_cast<std::uint16_t>(i); });
    Registers wanted = range(400, modbus::max_read_registers, holding_register);
    std::ranges::copy(written, wanted.begin() + 2);
    const auto got = co_await ask_.registers(modbus::ReadWriteMultipleRegisters{400, 125, 402, written});
    if (!got) co_return fail(got.error());
    co_return expect(*got, wanted, "registers after the write");
  }

  Checked read_device_identification() {
    if (auto done = co_await expect_objects(modbus::DeviceIdLevel::basic, 3); !done) co_return done;
    if (auto done = co_await expect_objects(modbus::DeviceIdLevel::regular, 7); !done) co_return done;
    co_return co_await extended_identification();
  }

  // For servers that answer every level with all objects.
  Checked extended_identification() {
    if (auto done = co_await expect_objects(modbus::DeviceIdLevel::extended, objects.size()); !done)
      co_return done;
    const auto one = co_await ask_.identification(modbus::DeviceIdLevel::single, 0x81);
    if (!one) co_return fail(one.error());
    if (one->objects.size() != 1) co_return fail(ErrorKind::malformed, "a single object was asked for");
    co_return expect(one->objects[0].text, object_text(0x81), "object 0x81");
  }

  // Only for servers that do not know function 43/14.
  Checked illegal_function() {
    return ask_.refused(modbus::ReadDeviceIdentification{}, ExceptionCode::illegal_function);
  }
  Checked illegal_data_address() {
    return ask_.refused(modbus::ReadRegisters{Table::holding_registers, registers - 1, 2},
                        ExceptionCode::illegal_data_address);
  }
  Checked illegal_data_address_of_write() {
    return ask_.refused(modbus::WriteMultipleRegisters{registers - 1, {1, 2}},
                        ExceptionCode::illegal_data_address);
  }
  Checked illegal_data_value() {
    return ask_.refused(modbus::WriteSingleRegister{limited, limit + 1}, ExceptionCode::illegal_data_value);
  }

  // ---- Against libmodbus' unit-test-server.

  Checked device_busy() {
    return ask_.refused(modbus::ReadRegisters{Table::holding_registers, busy_register, 1},
                        ExceptionCode::server_device_busy);
  }

  Checked wrong_transaction() {
    const auto got = co_await ask_.registers(
        modbus::ReadRegisters{Table::holding_registers, wrong_transaction_register, 1});
    if (got) co_return fail(ErrorKind::malformed, "took the reply to another transaction or of another unit");
    co_return co_await right_reads(20);
  }

  Checked late_reply() {
    const auto got =
        co_await ask_.registers(modbus::ReadRegisters{Table::holding_registers, late_register, 1});
    if (got) co_return fail(ErrorKind::malformed, "the reply came before the time-out: give a shorter one");
    if (got.error().kind != ErrorKind::timeout) co_return fail(got.error());
    co_return co_await right_reads(20);
  }

  Checked byte_by_byte() {
    const auto got =
        co_await ask_.registers(modbus::ReadRegisters{Table::holding_registers, byte_by_byte_register, 1});
    if (!got) co_return fail(got.error());
    co_return expect(*got, Registers{0}, "register sent byte by byte");
  }

 private:
  template <class Rule>
  Checked read_bits(Table table, Rule rule) {
    for (const Range part : bit_reads) {
      const auto got = co_await ask_.bits(table, part);
      if (!got) co_return fail(got.error());
      if (auto done = expect(*got, range(part.first, part.count, rule), where("bits", part)); !done)
        co_return done;
    }
    co_return Result<void>();
  }

  template <class Rule>
  Checked read_registers(Table table, Rule rule) {
    for (const Range part : register_reads) {
      const auto got = co_await ask_.registers(modbus::ReadRegisters{table, part.first, part.count});
      if (!got) co_return fail(got.error());
      if (auto done = expect(*got, range(part.first, part.count, rule), where("registers", part)); !done)
        co_return done;
    }
    co_return Result<void>();
  }

  Checked expect_bits(Range part, Bits wanted) {
    const auto got = co_await ask_.bits(Table::coils, part);
    if (!got) co_return fail(got.error());
    co_return expect(*got, wanted, where("coils", part));
  }

  Checked expect_registers(std::uint16_t first, Registers wanted) {
    const auto count = static_cast<std::uint16_t>(wanted.size());
    const auto got = co_await ask_.registers(modbus::ReadRegisters{Table::holding_registers, first, count});
    if (!got) co_return fail(got.error());
    co_return expect(*got, wanted, where("registers", {first, count}));
  }

  // All objects of a level, asked for while more follow, are the first `count` of the image.
  Checked expect_objects(modbus::DeviceIdLevel level, std::size_t count) {
    std::map<std::uint8_t, std::string> wanted;
    for (const std::uint8_t id : std::span(objects).first(count))
      wanted[id] = object_text(id);
    std::map<std::uint8_t, std::string> got;
    std::uint8_t next = 0;
    for (bool more = true; more;) {
      const auto part = co_await ask_.identification(level, next);
      if (!part) co_return fail(part.error());
      for (const auto& object : part->objects)
        got[object.id] = object.text;
      more = part->more_follows;
      next = part->next_object;
    }
    co_return expect(got, wanted, fmt::format("objects of level {}", std::to_underlying(level)));
  }

  // While the server still owes an answer, a question may end in a time-out, but never in a wrong value.
  Checked right_reads(int count) {
    const Registers values = {0x022B, 0x0001, 0x0064};
    bool written = false;
    for (int late = 0; !written && late < 5; ++late) {
      const auto done = co_await ask_.write(modbus::WriteMultipleRegisters{sound_register, values});
      if (!done && done.error().kind != ErrorKind::timeout) co_return done;
      written = done.has_value();
    }
    if (!written) co_return fail(ErrorKind::timeout, "the server did not come back after its late reply");
    for (int i = 0; i < count; ++i) {
      if (auto done = co_await expect_registers(sound_register, values); !done) co_return done;
    }
    co_return Result<void>();
  }

  Questions ask_;
};

struct Check {
  std::string_view name;
  Checked (Exercise::*run)();
};

constexpr Check checks[] = {
    {"read_coils", &Exercise::read_coils},
    {"read_discrete_inputs", &Exercise::read_discrete_inputs},
    {"read_holding_registers", &Exercise::read_holding_registers},
    {"read_input_registers", &Exercise::read_input_registers},
    {"write_single_coil", &Exercise::write_single_coil},
    {"write_single_register", &Exercise::write_single_register},
    {"write_multiple_coils", &Exercise::write_multiple_coils},
    {"write_multiple_registers", &Exercise::write_multiple_registers},
    {"mask_write_register", &Exercise::mask_write_register},
    {"read_write_multiple_registers", &Exercise::read_write_multiple_registers},
    {"read_device_identification", &Exercise::read_device_identification},
    {"extended_identification", &Exercise::extended_identification},
    {"illegal_function", &Exercise::illegal_function},
    {"illegal_data_address", &Exercise::illegal_data_address},
    {"illegal_data_address_of_write", &Exercise::illegal_data_address_of_write},
    {"illegal_data_value", &Exercise::illegal_data_value},
    {"device_busy", &Exercise::device_busy},
    {"byte_by_byte", &Exercise::byte_by_byte},
    {"wrong_transaction", &Exercise::wrong_transaction},
    {"late_reply", &Exercise::late_reply},
};

void report(std::string_view check, const Result<void>& result) {
  const nlohmann::ordered_json line = {
      {"check", check},
      {"ok", result.has_value()},
      {"detail",
       result ? "" : fmt::format("{}: {}", to_string(result.error().kind), result.error().message)}};
  std::cout << line.dump() << std::endl;
}

struct Options {
  modbus::Address address;
  std::vector<std::string> checks;
  Duration timeout{};
  Certificates certificates;
};

io::Task<Result<io::StreamPtr>> open(io::Network& network, Options options) {
  const Instant deadline = network.executor().now() + options.timeout;
  auto stream = co_await modbus::open_stream(network, options.address, deadline);
  if (!stream || options.address.transport != modbus::Transport::tls) co_return stream;
  const auto settings = options.certificates.read();
  if (!settings) co_return fail(settings.error());
  const auto context = io::tls::make_client_context(*settings);
  if (!context) co_return fail(context.error());
  auto secured = co_await io::tls::tls_connect(std::move(*stream), *context, options.address.endpoint.host,
                                               network.executor(), deadline);
  if (!secured) co_return fail(secured.error());
  if (auto judged = check_role(**secured); !judged) co_return fail(judged.error());
  co_return std::move(*secured);
}

io::Task<void> exercise(io::posix::EpollLoop& loop, Options options) {
  auto stream = co_await open(loop.network(), options);
  if (stream) {
    modbus::Client client(loop, std::move(*stream), modbus::framing_of(options.address), options.timeout);
    Exercise running(client, options.address.unit.value_or(unit));
    for (const Check& check : checks) {
      if (std::ranges::count(options.checks, check.name) == 0) continue;
      const auto result = co_await (running.*check.run)();
      report(check.name, result);
    }
  } else {
    report("connect", fail(stream.error()));
  }
  loop.stop();
}

int run(int argc, char** argv) {
  std::string url;
  Options options;
  int timeout_ms = 2000;
  std::vector<std::string> names;
  for (const Check& check : checks)
    names.emplace_back(check.name);
  CLI::App app("Our Modbus client against a server that we did not write");
  app.add_option("url", url, "where the server is, as in modbus://127.0.0.1:1502?unit=1")->required();
  app.add_option("--checks", options.checks, "which checks, separated by commas")
      ->delimiter(',')
      ->required()
      ->check(CLI::IsMember(names));
  app.add_option("--timeout-ms", timeout_ms, "how long the server may take to answer");
  options.certificates.add_to(app);
  CLI11_PARSE(app, argc, argv);

  const auto address = modbus::parse_address(url);
  if (!address) {
    std::cerr << address.error().message << "; " << address.error().remedy << '\n';
    return 2;
  }
  options.address = *address;
  options.timeout = std::chrono::milliseconds(timeout_ms);

  io::posix::EpollLoop loop;
  io::TaskGroup group(loop);
  group.spawn(exercise(loop, options));
  loop.run();
  return 0;
}

}  // namespace

}  // namespace iw::interop

int main(int argc, char** argv) { return iw::interop::run(argc, argv); }

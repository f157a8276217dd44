#include "protocols/modbus/read_ahead.hpp"

#include <map>

#include <doctest/doctest.h>

#include "io/task_group.hpp"
#include "io/testing/manual_executor.hpp"
#include "protocols/modbus/verified_write.hpp"

using namespace iw;
using namespace iw::modbus;

namespace {

// A unit whose registers hold their own address until they are written, and 110 does not exist.
class Unit final : public UnitAccess {
 public:
  io::Task<Result<ReplyPdu>> ask(Request request) override {
    asked.push_back(request);
    std::array<std::byte, max_pdu> pdu{};
    Writer writer(pdu);
    if (const auto* write = std::get_if<WriteSingleRegister>(&request)) {
      registers[write->address] = write->value;
      write_response(writer, *write);
    } else if (const auto* read = std::get_if<ReadRegisters>(&request)) {
      std::vector<std::uint16_t> values;
      for (int a = read->address; a < read->address + read->count; ++a) {
        const auto address = static_cast<std::uint16_t>(a);
        if (address == 110) {
          write_exception(writer, function_of(request), ExceptionCode::illegal_data_address);
          co_return ReplyPdu(writer.written());
        }
        const auto held = registers.find(address);
        values.push_back(held != registers.end() ? held->second : address);
      }
      write_response(writer, *read, values);
    }
    co_return ReplyPdu(writer.written());
  }

  std::vector<Request> asked;
  std::map<std::uint16_t, std::uint16_t> registers;
};

struct Bench {
  explicit Bench(RegisterPoint point, DeviceLimits limits = {}) : ahead(unit, point, limits) {}

  std::uint16_t read(std::uint16_t address) {
    const Request request = ReadRegisters{.address = address, .count = 1};
    std::uint16_t value = 0;
    auto main = [&]() -> io::Task<void> {
      const auto reply = co_await ahead.ask(request);
      value = words_of(request, reply->bytes()).value().front();
    };
    tasks.spawn(main());
    executor.run();
    return value;
  }
  void write(std::uint16_t address, std::uint16_t value) {
    auto main = [&]() -> io::Task<void> {
      const auto reply = co_await ahead.ask(WriteSingleRegister{address, value});
      CHECK(reply);
    };
    tasks.spawn(main());
    executor.run();
  }

  io::testing::ManualExecutor executor;
  Unit unit;
  ReadAhead ahead;
  io::TaskGroup tasks{executor};
};

RegisterPoint obeyed_by(std::vector<std::uint16_t> enables) {
  RegisterPoint point;
  point.address = 100;
  for (const std::uint16_t address : enables)
    point.enables.push_back({.address = address});
  return point;
}

const Request all = ReadRegisters{.address = 100, .count = 9};

}  // namespace

TEST_CASE("what lies close together is read by one question") {
  Bench b(obeyed_by({104, 108}));
  CHECK(b.read(104) == 104);
  CHECK(b.read(108) == 108);
  CHECK(b.read(100) == 100);
  CHECK(b.unit.asked == std::vector{all});
}

TEST_CASE("what was written is asked of the device itself, each time") {
  Bench b(obeyed_by({104, 108}));
  CHECK(b.read(104) == 104);
  b.write(104, 1);
  b.unit.registers[104] = 7;  // it made something else of it
  CHECK(b.read(104) == 7);
  b.unit.registers[104] = 8;
  CHECK(b.read(104) == 8);
  CHECK(b.read(108) == 108);
  CHECK(b.unit.asked.size() == 4);
}

TEST_CASE("what was written first is read ahead as it is, and not for its own read-back") {
  Bench b(obeyed_by({104, 108}));
  b.write(100, 42);
  CHECK(b.read(100) == 42);
  CHECK(b.read(104) == 104);
  CHECK(b.unit.asked[1] == Request(ReadRegisters{.address = 100, .count = 1}));
  CHECK(b.unit.asked[2] == all);
  b.unit.registers[100] = 5;
  CHECK(b.read(100) == 5);
}

TEST_CASE("a hole between them, or more than the device gives, leads to questions one by one") {
  Bench hole(obeyed_by({104, 112}));
  CHECK(hole.read(104) == 104);
  CHECK(hole.read(112) == 112);
  CHECK(hole.unit.asked.size() == 3);

  Bench far(obeyed_by({104, 108}), {.max_gap = 2});
  CHECK(far.read(104) == 104);
  CHECK(far.read(108) == 108);
  CHECK(far.unit.asked.size() == 2);

  Bench few(obeyed_by({104, 108}), {.max_registers = 6});
  CHECK(few.read(104) == 104);
  CHECK(few.read(108) == 108);
  CHECK(few.unit.asked == std::vector<Request>{ReadRegisters{.address = 100, .count = 5},
                                               ReadRegisters{.address = 108, .count = 1}});
}

TEST_CASE("a point that nothing is set with is asked for as it is") {
  Bench b(obeyed_by({}));
  CHECK(b.read(100) == 100);
  CHECK(b.unit.asked == std::vector<Request>{ReadRegisters{.address = 100, .count = 1}});
}

#include "protocols/sunspec/discovery.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "protocols/sunspec/image.hpp"
#include "protocols/sunspec/test_device.hpp"

namespace iw::sunspec {

namespace {

constexpr ModelDefinition vendor_model{.id = 64999, .name = "of a vendor"};

Image inverter_at(std::uint16_t base) {
  Image image(base);
  image.add(1).set("Mn", "Fronius").set("Md", "Symo GEN24").set("Vr", "1.29").set("SN", "12345678");
  image.add(103).set("W", 4980);
  return image;
}

Chain discover(TestDevice device) {
  Discovery discovery;
  const auto end = device.answer(discovery);
  CHECK(std::holds_alternative<Done>(end));
  for (const ReadRegisters& read : device.reads)
    CHECK(read.count <= 125);
  return discovery.chain();
}

Error failure(TestDevice device) {
  Discovery discovery;
  const auto end = device.answer(discovery);
  REQUIRE(std::holds_alternative<Error>(end));
  return std::get<Error>(end);
}

std::vector<std::uint16_t> ids(const Chain& chain) {
  std::vector<std::uint16_t> all;
  for (const ModelBlock& block : chain.models)
    all.push_back(block.id);
  return all;
}

using Ids = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("the chain is found at 40000, 0 and 50000") {
  for (const std::uint16_t base : std::vector<std::uint16_t>{40000, 0, 50000}) {
    const Chain chain = discover(TestDevice(inverter_at(base)));
    CHECK(chain.base == base);
    CHECK(ids(chain) == Ids{1, 103});
    CHECK(chain.models[0].address == base + 2);
    CHECK(chain.models[0].length == 66);
    CHECK(chain.models[1].address == base + 70);
    CHECK(chain.models[1].length == 50);
    CHECK(chain.warnings.empty());
    REQUIRE(chain.sub_devices.size() == 1);
    CHECK(chain.sub_devices[0] == model::DeviceIdentity{"Fronius", "Symo GEN24", "1.29", "12345678"});
  }
}

TEST_CASE("a common model of 65 registers moves the models behind it") {
  Image image;
  image.add(1, {.length = 65}).set("Mn", "SolarEdge").set("SN", "7E1234");
  image.add(103);
  const Chain chain = discover(TestDevice(image));
  CHECK(ids(chain) == Ids{1, 103});
  CHECK(chain.models[1].address == 40069);
  CHECK(chain.sub_devices[0].manufacturer == "SolarEdge");
  CHECK(chain.sub_devices[0].serial_number == "7E1234");
}

TEST_CASE("the length behind the end marker is never asked for") {
  TestDevice device(inverter_at(40000));
  device.registers.erase(40123);  // L of the end marker
  Discovery discovery;
  device.answer(discovery);
  CHECK(ids(discovery.chain()) == Ids{1, 103});
  CHECK(discovery.chain().warnings.empty());
}

TEST_CASE("an exception past the last model ends the chain like the marker") {
  TestDevice device(inverter_at(40000));
  device.registers.erase(40122);
  device.registers.erase(40123);
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103});
  CHECK(chain.warnings.empty());
  CHECK_FALSE(chain.cut_short);
}

TEST_CASE("silence past the last model keeps what was found, with a warning") {
  TestDevice device(inverter_at(40000));
  device.silent = {40122};
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103});
  REQUIRE(chain.warnings.size() == 1);
  CHECK(chain.warnings[0] ==
        "no answer where the model after 103 should be, at register 40122: the chain ends here");
  CHECK(chain.cut_short);
}

TEST_CASE(
    "facts and an identity that silence has kept back cut the chain short, those that are refused do not") {
  Image image;
  image.add(1);
  auto& ports = image.add(714, {.repeat = {{"NPrt", 2}}});
  ports.set_raw("Prt[1].PrtTyp", 0).set_raw("Prt[2].PrtTyp", 1);
  for (const std::uint16_t address : std::vector<std::uint16_t>{40002 + 2, 40070 + 20}) {
    CAPTURE(address);
    TestDevice device(image);
    CHECK_FALSE(discover(device).cut_short);
    device.silent = {address};
    CHECK(discover(device).cut_short);
    device.silent.clear();
    device.registers.erase(address);
    CHECK_FALSE(discover(device).cut_short);
  }
}

TEST_CASE("a device that goes away while its chain is read has no half of a chain") {
  TestDevice device(inverter_at(40000));
  device.silent = {40122, 40000};
  Discovery discovery;
  discovery.on_registers(std::as_bytes(std::span("SunS", 4)));
  const auto end = device.answer(discovery);
  REQUIRE(std::holds_alternative<Error>(end));
  CHECK(std::get<Error>(end).kind == ErrorKind::timeout);
  CHECK(std::get<Error>(end).message == "the unit fell silent while its models were read, at register 40122");
}

TEST_CASE("a device that is back whenever it is asked whether it lives is asked for its model again") {
  TestDevice device(inverter_at(40000));
  device.silent = {40122};
  Discovery discovery;
  const auto answer_until = [&](const ReadRegisters& wanted) {
    while (std::get<ReadRegisters>(discovery.next()) != wanted)
      device.answer(discovery, std::get<ReadRegisters>(discovery.next()));
  };
  for (int times = 0; times < 2; ++times) {
    answer_until({40122, 1});
    answer_until({40000, 2});  // does it live?
  }
  device.silent.clear();
  device.answer(discovery);
  CHECK(discovery.chain().warnings.empty());
  CHECK(ids(discovery.chain()) == Ids{1, 103});
}

TEST_CASE("a read is tried again before a time-out counts") {
  TestDevice device(inverter_at(40000));
  Discovery discovery;
  CHECK(std::get<ReadRegisters>(discovery.next()) == ReadRegisters{40000, 2});
  discovery.on_timeout();
  discovery.on_timeout();
  CHECK(std::get<ReadRegisters>(discovery.next()) == ReadRegisters{40000, 2});
  device.answer(discovery);
  CHECK(discovery.chain().base == 40000);

  Discovery busy;
  busy.on_exception(0x06);
  CHECK(std::get<ReadRegisters>(busy.next()) == ReadRegisters{40000, 2});
  busy.on_exception(0x02);
  CHECK(std::get<ReadRegisters>(busy.next()) == ReadRegisters{0, 2});
}

TEST_CASE("a model of length 0 does not loop") {
  TestDevice device(inverter_at(40000));
  device.put(40122, {120, 0});
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103});
  REQUIRE(chain.warnings.size() == 1);
  CHECK(chain.warnings[0] == "model 120 at register 40122 has length 0: the chain ends here");
}

TEST_CASE("a model id of 0 ends the chain with a warning") {
  TestDevice device(inverter_at(40000));
  device.put(40122, {0, 10});
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103});
  CHECK(chain.warnings.size() == 1);
}

TEST_CASE("a model that runs past register 65535 is not kept") {
  TestDevice device(inverter_at(40000));
  device.put(40122, {120, 30000});
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103});
  REQUIRE(chain.warnings.size() == 1);
  CHECK(chain.warnings[0].find("past register 65535") != std::string::npos);
}

TEST_CASE("a model that ends with register 65535 ends the chain") {
  TestDevice device(inverter_at(50000));
  device.put(50122, {64999, 65536 - 50124});
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103, 64999});
  CHECK(chain.warnings.empty());
}

TEST_CASE("more than 100 models end the chain") {
  Image image;
  image.add(1);
  for (int i = 0; i < 120; ++i)
    image.add(vendor_model, {.length = 1});
  const Chain chain = discover(TestDevice(image));
  CHECK(chain.models.size() == 100);
  REQUIRE(chain.warnings.size() == 1);
  CHECK(chain.warnings[0] == "more than 100 models: the chain ends here");
}

TEST_CASE("each common model opens a sub-device") {
  Image image;
  image.add(1, {.length = 65}).set("Mn", "SolarEdge").set("Md", "SE10K");
  image.add(103);
  image.add(1, {.length = 65}).set("Mn", "WattNode").set("Md", "WND-3Y-400-MB");
  image.add(203);
  image.add(1, {.length = 65}).set("Md", "second meter");
  image.add(203);
  const Chain chain = discover(TestDevice(image));
  CHECK(ids(chain) == Ids{1, 103, 1, 203, 1, 203});
  REQUIRE(chain.sub_devices.size() == 3);
  CHECK(chain.sub_devices[1].manufacturer == "WattNode");
  CHECK(chain.sub_devices[2].model == "second meter");
  const std::vector<std::uint16_t> expected{0, 0, 1, 1, 2, 2};
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(chain.models[i].sub_device == expected[i]);
}

TEST_CASE("models that are not public are listed") {
  Image image;
  image.add(1);
  image.add(vendor_model, {.length = 17});
  image.add(103);
  const Chain chain = discover(TestDevice(image));
  CHECK(ids(chain) == Ids{1, 64999, 103});
  CHECK(chain.models[1].length == 17);
  CHECK(chain.warnings.empty());
}

TEST_CASE("counts and types of ports are read, because they decide the layout") {
  Image image;
  image.add(1);
  auto& ports = image.add(714, {.repeat = {{"NPrt", 2}}});
  ports.set_raw("Prt[1].PrtTyp", 0).set_raw("Prt[2].PrtTyp", 1);
  const Chain chain = discover(TestDevice(image));
  const auto& facts = chain.models[1].facts;
  CHECK(facts.at(4) == 2);
  CHECK(facts.at(20) == 0);
  CHECK(facts.at(45) == 1);
}

TEST_CASE("an identity that can not be read leaves the models") {
  TestDevice device(inverter_at(40000));
  device.registers.erase(40050);
  const Chain chain = discover(device);
  CHECK(ids(chain) == Ids{1, 103});
  CHECK(chain.sub_devices[0] == model::DeviceIdentity{});
  REQUIRE(chain.warnings.size() == 1);
  CHECK(chain.warnings[0] == "model 1 at register 40002 can not be read: exception 02");
}

TEST_CASE("a device without SunSpec says so, and what was found instead") {
  TestDevice device;
  device.put(0, {0x1234, 0x5678});
  const Error error = failure(device);
  CHECK(error.kind == ErrorKind::not_found);
  CHECK(error.message ==
        "this is no SunSpec device: no \"SunS\" (40000: exception 02, 0: 0x12345678, 50000: exception 02)");
  CHECK(!error.remedy.empty());
}

TEST_CASE("a unit that never answers is a time-out") {
  TestDevice device;
  device.silent = {40000, 0, 50000};
  CHECK(failure(device).kind == ErrorKind::timeout);
  CHECK(device.reads.empty());
}

TEST_CASE("a marker without a model is no chain") {
  TestDevice device;
  device.put(40000, {0x5375, 0x6E53, 0xFFFF, 0});
  CHECK(failure(device).kind == ErrorKind::malformed);
  device.put(40002, {1, 0});
  CHECK(failure(device).kind == ErrorKind::malformed);
}

TEST_CASE("a reply of the wrong length is never decoded") {
  Discovery discovery;
  discovery.on_registers(to_bytes(std::vector<std::uint16_t>{0x5375}));
  CHECK(std::get<ReadRegisters>(discovery.next()) == ReadRegisters{0, 2});
}

}  // namespace iw::sunspec

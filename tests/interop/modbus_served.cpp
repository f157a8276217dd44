// modbus_served: our server with the image of README.md, for clients that we did not write.
//
//   modbus_served tcp 0              says READY <port>; ends when stdin closes
//   modbus_served rtu_over_tcp 0
//   modbus_served serial /dev/pts/3
//   modbus_served tls 0 --cert FILE --key FILE --ca FILE
#include <optional>

#include <CLI/CLI.hpp>

#include "image.hpp"
#include "served.hpp"

namespace iw::interop {

namespace {

using modbus::Table;

class ImageDevice final : public sim::Device {
 public:
  ImageDevice() {
    fill(Table::coils, bits, sim::Access::read_write, coil);
    fill(Table::discrete_inputs, bits, sim::Access::read_only, discrete_input);
    fill(Table::holding_registers, registers, sim::Access::read_write, holding_register);
    fill(Table::input_registers, registers, sim::Access::read_only, input_register);
    for (const std::uint8_t id : objects)
      identity.push_back({id, object_text(id)});
  }

  std::optional<modbus::ExceptionCode> judge(const sim::RegisterWrite& write) override {
    if (write.table != Table::holding_registers || write.value_of(limited).value_or(0) <= limit)
      return std::nullopt;
    return modbus::ExceptionCode::illegal_data_value;
  }

 private:
  template <class Rule>
  void fill(Table table, std::uint16_t count, sim::Access access, Rule rule) {
    bank.add(table, 0, count, access);
    for (std::uint16_t i = 0; i < count; ++i)
      bank.at(table, i) = static_cast<std::uint16_t>(rule(i));
  }
};

int run(int argc, char** argv) {
  Where where;
  CLI::App app("Our Modbus server for clients that we did not write");
  app.add_option("transport", where.transport)
      ->required()
      ->check(CLI::IsMember({"tcp", "tls", "rtu_over_tcp", "serial"}));
  app.add_option("where", where.at, "a port, 0 for any; or a serial device")->required();
  where.certificates.add_to(app);
  CLI11_PARSE(app, argc, argv);

  ImageDevice device;
  return serve(device, where);
}

}  // namespace

}  // namespace iw::interop

int main(int argc, char** argv) { return iw::interop::run(argc, argv); }

// Tools: looking into a device that nobody has described, as jobs: a range of registers again and again, its
// SunSpec models, the objects of a BACnet device. On the core; by a connection of their own, so what the
// gateway polls is left alone.
#pragma once

#include <string>

#include "api/commissioning.hpp"
#include "commissioning/arguments.hpp"

namespace iw::api {

class Tools {
 public:
  Tools(const Surroundings& on, Commissioning& commissioning) : on_(on), commissioning_(commissioning) {}

  struct Registers {
    std::string connect;
    commissioning::TlsFiles tls;
    modbus::Table table = modbus::Table::holding_registers;
    commissioning::AddressRange range;
    Duration again{};  // so often, until the job is stopped; zero: once
  };
  Result<std::uint64_t> registers(Registers wanted, std::string by);
  Result<std::uint64_t> sunspec(const std::string& connect, commissioning::TlsFiles tls, std::string by);

  struct Objects {
    std::string connect;
    std::string object;  // "ai7": all its properties; empty: the objects
    std::string type;    // "ai": only those; empty: all
    std::string match;   // these letters in the name
  };
  Result<std::uint64_t> bacnet(Objects wanted, std::string by);

 private:
  io::Task<void> watch_registers(Job& job, commissioning::Target target, Registers wanted);
  io::Task<void> read_sunspec(Job& job, commissioning::Target target);
  io::Task<void> browse(Job& job, bacnet::DeviceUrl url, Objects wanted);

  Surroundings on_;
  Commissioning& commissioning_;
};

}  // namespace iw::api

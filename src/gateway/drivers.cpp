#include "gateway/drivers.hpp"

#include <algorithm>
#include <array>

#include "gateway/site_config.hpp"
#include "protocols/bacnet/driver.hpp"
#include "protocols/sunspec/driver.hpp"

namespace iw::gateway {

std::span<const driver::DriverKind> drivers() {
  static const std::array all{
      modbus::driver_kind(sunspec::self_description()),
      bacnet::driver_kind(),
  };
  return all;
}

const driver::DriverKind* driver_for(std::string_view url) {
  const std::string_view scheme = url.substr(0, url.find("://"));
  for (const driver::DriverKind& kind : drivers()) {
    if (std::ranges::find(kind.schemes, scheme) != kind.schemes.end()) return &kind;
  }
  return nullptr;
}

driver::Driver& driver_of(const LoadedConfig& config, const driver::DriverKind& kind) {
  return *config.drivers[static_cast<std::size_t>(&kind - drivers().data())];
}

}  // namespace iw::gateway

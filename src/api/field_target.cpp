#include "api/field_target.hpp"

#include <fmt/ranges.h>

#include "gateway/drivers.hpp"

namespace iw::api {
namespace {

std::string text_at(const config::Value& map, std::string_view key) {
  const config::Value* value = map.find(key);
  return value != nullptr ? value->text : "";
}

// Of the line's section in the configuration; empty where it has none.
commissioning::TlsFiles configured_tls(const gateway::Gateway& gateway, const modbus::Address& address) {
  const config::Value* lines = gateway.config().document.root().find("lines");
  if (lines == nullptr) return {};
  for (const config::Value& line : lines->children) {
    const auto other = modbus::parse_address(text_at(line, "connect"));
    const config::Value* tls = line.find("tls");
    if (tls == nullptr || !other || modbus::line_url(*other) != modbus::line_url(address)) continue;
    commissioning::TlsFiles files{
        .ca = text_at(*tls, "ca"), .certificate = text_at(*tls, "certificate"), .key = text_at(*tls, "key")};
    if (auto name = text_at(*tls, "server_name"); !name.empty()) files.server_name = std::move(name);
    return files;
  }
  return {};
}

std::optional<Error> in_use(const gateway::Gateway& gateway, const modbus::Address& address) {
  if (address.transport != modbus::Transport::serial) return std::nullopt;
  const std::string line = modbus::line_url(address);
  std::vector<std::string> devices;
  for (const gateway::DeviceSection& device : gateway.config().site.devices) {
    const auto other = modbus::parse_address(device.connect);
    if (device.enabled && other && modbus::line_url(*other) == line) devices.push_back(device.name);
  }
  if (devices.empty()) return std::nullopt;
  return Error{
      ErrorKind::busy,
      fmt::format("{} is in use: the gateway polls {} on it, and a bus has one master", line,
                  fmt::join(devices, ", ")),
      "to add a device whose unit is known, save it: it is then asked beside the others, and its page "
      "shows what it says; to look for others, disable these devices on their pages until the scan is "
      "over"};
}

Result<void> known(const std::string& url) {
  const driver::DriverKind* kind = gateway::driver_for(url);
  if (kind == nullptr) {
    return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no address that a driver knows", url),
                "for example modbus://192.0.2.10?unit=1");
  }
  return kind->check_address(url);
}

}  // namespace

bool is_bacnet(std::string_view url) { return url.starts_with("bacnet://"); }

Result<commissioning::Target> modbus_target(const gateway::Gateway& gateway, const std::string& url,
                                            commissioning::TlsFiles given) {
  if (auto right = known(url); !right) return fail(std::move(right).error());
  auto address = modbus::parse_address(url);
  if (!address) return fail(std::move(address).error());
  if (auto busy = in_use(gateway, *address)) return fail(std::move(*busy));
  commissioning::Target target{
      .address = *address, .unit = address->unit.value_or(modbus::UnitId(1)), .tls = std::move(given)};
  if (address->transport != modbus::Transport::tls) return target;
  if (target.tls.ca.empty()) target.tls = configured_tls(gateway, *address);
  if (target.tls.ca.empty() || target.tls.certificate.empty() || target.tls.key.empty()) {
    return fail(
        ErrorKind::invalid_argument, "a device behind TLS needs three files of the gateway",
        "tls: ca (who is trusted), certificate and key (who we are); interwatt cert makes one to try");
  }
  return target;
}

Result<bacnet::DeviceUrl> bacnet_target(const std::string& url) {
  if (auto right = known(url); !right) return fail(std::move(right).error());
  auto device = bacnet::parse_url(url);
  if (!device) return fail(std::move(device).error());
  if (!device->instance && !device->address()) {
    return fail(ErrorKind::invalid_argument, fmt::format("{} names no device", url),
                "give its address or its instance: bacnet://192.0.2.20?device=1234");
  }
  return device;
}

bacnet::IpAddress broadcast_of(const bacnet::DeviceUrl& url) {
  return url.host.value_or(bacnet::IpAddress{.host = {255, 255, 255, 255}});
}

std::string line_of(const std::string& url) {
  const auto address = modbus::parse_address(url);
  return address ? modbus::line_url(*address) : url;
}

}  // namespace iw::api

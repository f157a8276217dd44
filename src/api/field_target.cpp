#include "api/field_target.hpp"

#include <array>

#include "config/beside.hpp"
#include "gateway/drivers.hpp"
#include "io/operation.hpp"

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

// How the gateway polls the serial line of the address; none when it does not.
std::optional<modbus::Address> polled(const gateway::Gateway& gateway, const modbus::Address& address) {
  if (address.transport != modbus::Transport::serial) return std::nullopt;
  const std::string line = modbus::line_url(address);
  for (const gateway::DeviceSection& device : gateway.config().site.devices) {
    auto other = modbus::parse_address(device.connect);
    if (device.enabled && other && modbus::line_url(*other) == line) return *other;
  }
  return std::nullopt;
}

// Over the line that is polled.
io::Task<Result<modbus::ReplyPdu>> ask_line(gateway::Gateway& gateway, std::string line, modbus::UnitId unit,
                                            modbus::Request request, Duration patience) {
  std::array<std::byte, modbus::max_pdu> pdu{};
  const auto size = modbus::encode(request, pdu);
  if (!size) co_return fail(size.error());
  gateway::Field::Guest guest{.line = std::move(line),
                              .station = unit.value(),
                              .question = {pdu.begin(), pdu.begin() + static_cast<std::ptrdiff_t>(*size)},
                              .patience = patience};
  using Answer = Result<std::vector<std::byte>>;
  const Answer answer =
      co_await io::awaiting<Answer>([&](io::Operation<Answer>& done) -> std::optional<Answer> {
        gateway.ask(std::move(guest), [&done](Answer given) { done.complete(std::move(given)); });
        return std::nullopt;
      });
  if (!answer) co_return fail(answer.error());
  co_return modbus::ReplyPdu(*answer);
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

Result<commissioning::Target> modbus_target(gateway::Gateway& gateway, const std::string& url,
                                            commissioning::TlsFiles given) {
  if (auto right = known(url); !right) return fail(std::move(right).error());
  auto address = modbus::parse_address(url);
  if (!address) return fail(std::move(address).error());
  commissioning::Target target{
      .address = *address, .unit = address->unit.value_or(modbus::UnitId(1)), .tls = std::move(given)};
  if (const auto as_polled = polled(gateway, *address)) {
    target.address.serial = as_polled->serial;
    target.owner = [&gateway, line = modbus::line_url(*address)](modbus::UnitId unit, modbus::Request request,
                                                                 Duration patience) {
      return ask_line(gateway, line, unit, std::move(request), patience);
    };
  }
  if (address->transport != modbus::Transport::tls) return target;
  if (target.tls.ca.empty()) target.tls = configured_tls(gateway, *address);
  if (target.tls.ca.empty() || target.tls.certificate.empty() || target.tls.key.empty()) {
    return fail(
        ErrorKind::invalid_argument, "a device behind TLS needs three files of the gateway",
        "tls: ca (who is trusted), certificate and key (who we are); interwatt cert makes one to try");
  }
  // As they will be found once they stand in the configuration.
  for (std::string* path : {&target.tls.ca, &target.tls.certificate, &target.tls.key})
    *path = config::beside(gateway.config().document.file(), *path);
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

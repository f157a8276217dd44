#include "protocols/sunspec/driver.hpp"

#include "protocols/sunspec/discovery.hpp"

namespace iw::sunspec {
namespace {

io::Task<Result<modbus::RegisterMap>> discover(modbus::UnitAccess& unit, MapOptions options) {
  auto chain = co_await read_chain(unit);
  if (!chain) co_return fail(std::move(chain).error());
  modbus::RegisterMap map = make_map(*chain, options);
  if (map.points.empty()) {
    co_return fail(ErrorKind::unsupported, "the device speaks SunSpec, but none of its models is known",
                   "interwatt scan lists its models; write a profile for it");
  }
  map.warnings = std::move(chain->warnings);
  co_return map;
}

}  // namespace

io::Task<Result<Chain>> read_chain(modbus::UnitAccess& unit) {
  Discovery discovery;
  for (;;) {
    const DiscoveryAction action = discovery.next();
    if (const auto* error = std::get_if<Error>(&action)) co_return fail(*error);
    const auto* read = std::get_if<ReadRegisters>(&action);
    if (read == nullptr) co_return discovery.chain();

    const modbus::ReadRegisters request{
        .table = modbus::Table::holding_registers, .address = read->address, .count = read->count};
    const auto reply = co_await unit.ask(request);
    if (!reply) {
      if (reply.error().kind != ErrorKind::timeout && reply.error().kind != ErrorKind::malformed) {
        co_return fail(reply.error());
      }
      discovery.on_timeout();
      continue;
    }
    const auto response = modbus::decode_response(request, reply->bytes());
    if (!response) {
      discovery.on_timeout();
    } else if (const auto* exception = std::get_if<modbus::ExceptionResponse>(&*response)) {
      discovery.on_exception(static_cast<std::uint8_t>(exception->code));
    } else {
      discovery.on_registers(std::get<modbus::ReadRegistersResponse>(*response).registers);
    }
  }
}

modbus::Discover discover_with(MapOptions options) {
  return [options = std::move(options)](modbus::UnitAccess& unit) { return discover(unit, options); };
}

}  // namespace iw::sunspec

#include "protocols/sunspec/driver.hpp"

#include "config/record.hpp"
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
  map.cut_short = chain->cut_short;
  co_return map;
}

// What a SunSpec device counts as positive; the models leave it to the maker.
enum class MeterSign : std::uint8_t { positive_import, positive_export };
enum class BatterySign : std::uint8_t { positive_discharge, positive_charge };

struct Signs {
  MeterSign meter = MeterSign::positive_import;
  BatterySign battery = BatterySign::positive_discharge;
};

constexpr std::array meter_signs{config::Word<MeterSign>{"import", MeterSign::positive_import},
                                 config::Word<MeterSign>{"export", MeterSign::positive_export}};
constexpr std::array battery_signs{config::Word<BatterySign>{"discharge", BatterySign::positive_discharge},
                                   config::Word<BatterySign>{"charge", BatterySign::positive_charge}};

const config::Record<Signs>& signs_record() {
  static const auto record = config::Record<Signs>()
                                 .optional("meter_sign", &Signs::meter, config::one_of(meter_signs),
                                           "SunSpec meters: which direction is positive")
                                 .optional("battery_sign", &Signs::battery, config::one_of(battery_signs),
                                           "SunSpec batteries: which direction is positive");
  return record;
}

std::optional<modbus::SelfDescription::Device> read_section(const config::Value& section,
                                                            config::Findings& findings) {
  Signs signs;
  if (!signs_record().read_own(section, signs, findings)) return std::nullopt;
  const bool meter_exports = signs.meter == MeterSign::positive_export;
  const bool battery_charges = signs.battery == BatterySign::positive_charge;
  return modbus::SelfDescription::Device{
      .discover = discover_with(
          {.meter_sign = meter_exports ? -1.0 : 1.0, .battery_sign = battery_charges ? 1.0 : -1.0}),
      .fingerprint = fmt::format("{} {}", meter_exports, battery_charges)};
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

modbus::SelfDescription self_description() {
  return {.profile = profile_word, .keys = signs_record().shape(), .read = &read_section};
}

}  // namespace iw::sunspec

#include "commissioning/survey.hpp"

#include <algorithm>
#include <array>

#include "commissioning/register_range.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::commissioning {
namespace {

using modbus::ExceptionCode;
using modbus::UnitId;

constexpr modbus::ReadRegisters first_question{
    .table = modbus::Table::holding_registers, .address = 0, .count = 1};

// A device that answers all these answers any.
constexpr std::size_t many_units = 8;

bool nobody_there(ExceptionCode code) {
  return code == ExceptionCode::gateway_path_unavailable ||
         code == ExceptionCode::gateway_target_failed_to_respond;
}

}  // namespace

std::vector<UnitId> usual_units() {
  constexpr std::array<std::uint8_t, 15> ids{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 126, 200, 240, 247};
  return {ids.begin(), ids.end()};
}

io::Task<Survey> survey(Link& link, std::vector<UnitId> units, const modbus::Catalogue& catalogue,
                        std::function<void(std::string)> progress, std::function<bool()> stopped) {
  Survey result;
  const auto given_up = [&] {
    if (!stopped || !stopped()) return false;
    result.error = Error{ErrorKind::cancelled, "stopped"};
    return true;
  };
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (given_up()) break;
    const UnitId id = units[i];
    progress(
        fmt::format("unit {} ({} of {}), {} found", id.value(), i + 1, units.size(), result.found.size()));
    const Instant asked = link.executor().now();
    const auto reply = co_await link.ask(id, first_question);
    if (!reply) {
      if (reply.error().kind != ErrorKind::timeout && reply.error().kind != ErrorKind::malformed) {
        result.error = reply.error();
        break;
      }
      result.silent.push_back(id);
      continue;
    }
    const auto response = modbus::decode_response(first_question, reply->bytes());
    const auto* exception = response ? std::get_if<modbus::ExceptionResponse>(&*response) : nullptr;
    if (exception != nullptr && nobody_there(exception->code)) {
      result.silent.push_back(id);
      continue;
    }
    result.found.push_back({.unit = id,
                            .took = link.executor().now() - asked,
                            .said_no = exception != nullptr ? std::optional(exception->code) : std::nullopt,
                            .identification = {}});
  }
  result.same_for_all = result.silent.empty() && result.found.size() >= many_units;
  for (SurveyedUnit& one : result.found) {
    if (given_up()) break;
    progress(fmt::format("unit {}: asking who it is", one.unit.value()));
    LinkUnit unit(link, one.unit);
    one.identification = co_await identify(unit, catalogue);
    if (result.same_for_all) break;
  }
  co_return result;
}

io::Task<std::vector<SurveyedModel>> read_models(modbus::UnitAccess& unit, sunspec::Chain chain) {
  std::vector<SurveyedModel> models;
  for (const sunspec::ModelBlock& block : chain.models) {
    const sunspec::ModelDefinition* model = sunspec::find_model(block.id);
    SurveyedModel surveyed{.block = block, .name = {}, .points = {}};
    if (model != nullptr) {
      surveyed.name = model->name;
      const std::size_t last = std::min<std::size_t>(
          0xFFFF, std::size_t{block.address} + sunspec::header_registers + block.length - 1);
      const RegisterRange read =
          co_await read_range(unit, modbus::Table::holding_registers,
                              {.first = block.address, .last = static_cast<std::uint16_t>(last)}, {});
      std::vector<std::byte> bytes;
      for (const auto& word : read.registers) {
        if (!word) break;
        bytes.push_back(static_cast<std::byte>(*word >> 8U));
        bytes.push_back(static_cast<std::byte>(*word));
      }
      surveyed.points = sunspec::decode_model(*model, bytes);
    }
    models.push_back(std::move(surveyed));
  }
  co_return models;
}

}  // namespace iw::commissioning

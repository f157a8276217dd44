#include "commissioning/trial_json.hpp"

#include "json/json.hpp"
#include "protocols/sunspec/driver.hpp"

namespace iw::commissioning {

using Json = nlohmann::ordered_json;

Json to_json(const Stage& stage) {
  return {{"name", stage.name},
          {"state", to_string(stage.state)},
          {"ms", milliseconds(stage.took)},
          {"detail", stage.detail},
          {"remedy", stage.remedy}};
}

Json to_json(const model::DeviceIdentity& identity) {
  return {{"manufacturer", identity.manufacturer},
          {"model", identity.model},
          {"version", identity.version},
          {"serial_number", identity.serial_number}};
}

Json to_json(const Target& target, const Trial& trial) {
  Json report{{"url", target.url()}, {"ok", trial.ok()}, {"stages", Json::array()}};
  for (const Stage& stage : trial.stages)
    report["stages"].push_back(to_json(stage));
  report["identity"] = to_json(trial.identification.identity());
  report["sunspec_models"] = Json::array();
  if (trial.identification.chain) {
    for (const auto& block : trial.identification.chain->models)
      report["sunspec_models"].push_back(block.id);
  }
  report["looks_like"] = Json::array();
  for (const modbus::Profile* profile : trial.identification.profiles)
    report["looks_like"].push_back(profile->id);
  report["profile"] = trial.profile != nullptr ? Json(trial.profile->id)
                      : trial.readings         ? Json(sunspec::profile_word)
                                               : Json(nullptr);
  report["values"] = trial.readings ? to_json(*trial.readings) : Json::array();
  return report;
}

}  // namespace iw::commissioning

#include "commissioning/survey_json.hpp"

#include "json/json.hpp"

namespace iw::commissioning {

using Json = nlohmann::ordered_json;

Json to_json(const Identification& found) {
  const model::DeviceIdentity identity = found.identity();
  Json report{{"manufacturer", identity.manufacturer},
              {"model", identity.model},
              {"version", identity.version},
              {"serial_number", identity.serial_number},
              {"looks_like", Json::array()}};
  for (const modbus::Profile* profile : found.profiles)
    report["looks_like"].push_back(profile->id);
  if (found.chain) {
    Json models = Json::array();
    for (const sunspec::ModelBlock& block : found.chain->models)
      models.push_back({{"id", block.id}, {"address", block.address}, {"length", block.length}});
    report["sunspec"] = {
        {"base", found.chain->base}, {"models", models}, {"warnings", found.chain->warnings}};
  }
  return report;
}

Json to_json(const SurveyedModel& model) {
  Json points = Json::array();
  for (const sunspec::DecodedPoint& point : model.points) {
    points.push_back({{"name", point.name},
                      {"address", model.block.address + point.offset},
                      {"type", sunspec::to_string(point.type)},
                      {"raw", point.raw},
                      {"value", point.value ? Json(*point.value) : Json(nullptr)},
                      {"unit", point.unit},
                      {"implemented", point.implemented}});
  }
  return {{"id", model.block.id},
          {"name", model.name},
          {"address", model.block.address},
          {"length", model.block.length},
          {"points", points}};
}

}  // namespace iw::commissioning

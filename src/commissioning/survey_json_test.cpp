#include "commissioning/survey_json.hpp"

#include <doctest/doctest.h>

#include "json/json.hpp"

using namespace iw;
using namespace iw::commissioning;

TEST_CASE("what nobody recognised is empty texts and no SunSpec, not missing fields") {
  const auto json = to_json(Identification{});
  for (const auto* field : {"manufacturer", "model", "version", "serial_number"})
    CHECK(json[field] == "");
  CHECK(json["looks_like"].empty());
  CHECK(json["looks_like"].is_array());
  CHECK_FALSE(json.contains("sunspec"));
}

TEST_CASE("a chain is told with its base, its models and what is wrong with it") {
  Identification found;
  found.chain = sunspec::Chain{
      .base = 40000,
      .models = {{.id = 1, .address = 40002, .length = 66}, {.id = 64'900, .address = 40070, .length = 3}},
      .sub_devices = {},
      .warnings = {"the chain has no end"}};
  const auto json = to_json(found)["sunspec"];
  CHECK(json["base"] == 40000);
  REQUIRE(json["models"].size() == 2);
  CHECK(json["models"][1]["id"] == 64'900);
  CHECK(json["models"][1]["address"] == 40070);
  CHECK(json["warnings"][0] == "the chain has no end");
}

TEST_CASE("a model is told point by point: where, raw, scaled, and whether it is there at all") {
  const SurveyedModel model{.block = {.id = 103, .address = 40070, .length = 50},
                            .name = "Inverter (Three Phase)",
                            .points = {{.name = "W",
                                        .offset = 14,
                                        .type = sunspec::Type::int16,
                                        .raw = "498",
                                        .value = 4980,
                                        .unit = "W",
                                        .implemented = true},
                                       {.name = "PF",
                                        .offset = 20,
                                        .type = sunspec::Type::int16,
                                        .raw = "-32768",
                                        .value = {},
                                        .unit = "Pct",
                                        .implemented = false}}};
  const auto json = to_json(model);
  CHECK(json["id"] == 103);
  CHECK(json["name"] == "Inverter (Three Phase)");
  REQUIRE(json["points"].size() == 2);
  CHECK(json["points"][0]["address"] == 40084);
  CHECK(json["points"][0]["type"] == "int16");
  CHECK(json["points"][0]["value"] == 4980);
  CHECK(json["points"][1]["value"] == nullptr);
  CHECK(json["points"][1]["implemented"] == false);
}

TEST_CASE("a model that is not public has its place and no points") {
  const auto json = to_json(
      SurveyedModel{.block = {.id = 64'900, .address = 40070, .length = 3}, .name = {}, .points = {}});
  CHECK(json["name"] == "");
  CHECK(json["points"].is_array());
  CHECK(json["points"].empty());
}

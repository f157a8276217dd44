// What was found at an address as JSON: the same on the command line and over the API.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "commissioning/survey.hpp"

namespace iw::commissioning {

nlohmann::ordered_json to_json(const Identification& found);
nlohmann::ordered_json to_json(const SurveyedModel& model);

}  // namespace iw::commissioning

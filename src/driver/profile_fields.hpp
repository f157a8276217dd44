// The fields that profiles of every protocol have, as rules and tables of config.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "config/record.hpp"
#include "driver/profile.hpp"

namespace iw::driver {

constexpr std::array<config::Word<model::RateClass>, 5> rate_words{
    {{"fast", model::RateClass::fast},
     {"normal", model::RateClass::normal},
     {"slow", model::RateClass::slow},
     {"thermal", model::RateClass::thermal},
     {"constant", model::RateClass::constant}}};

// "maker/model" in small letters.
config::Rule<std::string> profile_id();
const config::Record<ServedAsset>& asset_record();
const config::Record<Caveat>& caveat_record();

}  // namespace iw::driver

// What a new configuration changes, value by value, for the record and for people.
#pragma once

#include <string>
#include <vector>

#include "config/document.hpp"

namespace iw::gateway {

struct ConfigChange {
  std::string subject;  // "device 'roof'", "'limits'"
  std::string key;      // in it: "rates.fast"; empty: all of it
  std::string before;   // as YAML in one line; empty: it was not there
  std::string after;    // empty: it is gone

  friend bool operator==(const ConfigChange&, const ConfigChange&) = default;
};

std::vector<ConfigChange> changes_between(const config::Value& before, const config::Value& after);

// "device 'roof' is new", "device 'roof': unit is 2, was 1"
std::string in_words(const ConfigChange& change);
// The same, with all that is new or gone.
std::string in_full(const ConfigChange& change);

}  // namespace iw::gateway

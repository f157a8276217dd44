// A proposal for a profile, written from the objects of a device: one rule an object, as mapping.hpp takes it
// to be, for a person to correct.
#pragma once

#include <span>
#include <string>

#include "protocols/bacnet/mapping.hpp"

namespace iw::bacnet {

struct ProfileHead {
  std::string id;  // "acme/ahu-1000"
  std::string manufacturer;
  std::string model;
  std::string source;  // where the objects come from, for the comment at the top
};

// "Acme Inc." and "AHU 1000 (v2)": "acme-inc/ahu-1000-v2".
std::string profile_id_of(std::string_view manufacturer, std::string_view model);

// Loads without a finding.
std::string profile_text(const ProfileHead& head, std::span<const ObjectFacts> objects);

}  // namespace iw::bacnet

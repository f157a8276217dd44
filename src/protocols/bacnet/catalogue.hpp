// Catalogue: the BACnet profiles that the program knows (driver/catalogue.hpp).
#pragma once

#include <span>

#include "driver/catalogue.hpp"
#include "protocols/bacnet/profile.hpp"

namespace iw::bacnet {

using driver::EmbeddedFile;

std::span<const EmbeddedFile> embedded_profiles();

class Catalogue : public driver::Catalogue<Profile> {
 public:
  Catalogue() : driver::Catalogue<Profile>("bacnet", &load_profile) {}

  // The built-in profiles. That they are all right is a test of ours.
  static Catalogue built_in();
};

}  // namespace iw::bacnet

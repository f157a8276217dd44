// Profile choice: --profile of the tools: one of the catalogue, a file, or "sunspec".
#pragma once

#include <optional>
#include <string>

#include "gateway/commands/target.hpp"
#include "gateway/console.hpp"
#include "io/files.hpp"
#include "protocols/modbus/catalogue.hpp"

namespace iw::gateway {

// The built-in profiles and those of a folder, when it is not empty. The findings of bad ones are printed.
modbus::Catalogue load_catalogue(io::Files& files, const std::string& folder, Console& console);

// "huawei/sun2000", or the path of a file: "./my-meter.yaml", which joins the catalogue.
Result<const modbus::Profile*> choose_profile(modbus::Catalogue& catalogue, io::Files& files,
                                              const std::string& choice);

// The same; none for "sunspec", where the device itself says what it has.
Result<const modbus::Profile*> choose_profile_or_sunspec(modbus::Catalogue& catalogue, io::Files& files,
                                                         const std::string& choice);

// The register map to use for the unit: of the profile, or made of what SunSpec discovery finds. Adapts the
// link.
io::Task<Result<modbus::RegisterMap>> load_map(Link& link, const modbus::Profile* profile);

}  // namespace iw::gateway

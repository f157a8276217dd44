// EDE: the Engineering Data Exchange of the BACnet Interest Group Europe: lists of objects as planners and
// makers hand them over, in CSV files, with the texts of states in a second one. Each device becomes a
// profile and a device of the configuration, found by its instance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "importers/writing.hpp"
#include "io/files.hpp"
#include "protocols/bacnet/mapping.hpp"

namespace iw::importers {

struct EdeDevice {
  std::uint32_t instance = 0;
  std::string name;     // of the configuration
  std::string called;   // in the file
  std::string profile;  // id
  std::string file;
  std::vector<bacnet::ObjectFacts> objects;
};

struct EdeImport {
  std::string project;
  std::vector<EdeDevice> devices;
  config::Findings findings;
};

EdeImport import_ede(io::Files& files, const std::vector<std::string>& paths);

std::vector<OutputFile> written(const EdeImport& import);

}  // namespace iw::importers

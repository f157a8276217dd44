// Writing: drafts as the files they become. Each line says where it came from.
#pragma once

#include <string>
#include <vector>

#include "importers/draft.hpp"
#include "io/files.hpp"

namespace iw::importers {

struct OutputFile {
  std::string path;  // below the output folder: "profiles/acme/meter-a.yaml", "interwatt.yaml"
  std::string text;
};

std::vector<OutputFile> written(const Import& import);

// Writes all, or nothing when one of them is there already and may not be replaced.
Result<void> write(const std::vector<OutputFile>& outputs, const std::string& folder, bool replace,
                   io::Files& files);

// Reads the profiles back as the gateway will; false: the findings say why one is no good.
bool check_profiles(const std::vector<OutputFile>& outputs, config::Findings& findings);

}  // namespace iw::importers

// Foreign configurations, whatever they are: all importers end, and all that they find has words; a profile
// that is written from an object list loads.
//
// Input: files one behind the other, each begun by a line "=== NAME"; the extension says what a file is.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzzing.hpp"
#include "importers/ede.hpp"
#include "importers/edgex.hpp"
#include "importers/volttron.hpp"
#include "importers/writing.hpp"
#include "io/testing/memory_files.hpp"
#include "protocols/bacnet/profile.hpp"

using namespace iw;
using namespace iw::importers;

namespace {

constexpr std::string_view begin = "=== ";

void put(std::string_view input, io::testing::MemoryFiles& files) {
  while (input.starts_with(begin)) {
    const auto line_end = std::min(input.find('\n'), input.size());
    const std::string name(input.substr(begin.size(), line_end - begin.size()));
    input.remove_prefix(line_end);
    const auto next = std::min(input.find("\n=== "), input.size());
    files.put("in/" + name, std::string(input.substr(0, next)));
    input.remove_prefix(std::min(next + 1, input.size()));
  }
}

}  // namespace

namespace {

void check_words(const config::Findings& findings) {
  for (const config::Finding& finding : findings)
    fuzzing::require(!finding.message.empty(), "every finding says what it is");
}

void check_ede(const std::string& input) {
  io::testing::MemoryFiles files;
  put(input, files);
  const EdeImport import = import_ede(files, {"in"});
  check_words(import.findings);
  for (const OutputFile& output : written(import)) {
    if (output.path == "interwatt.yaml") continue;
    config::Findings findings;
    const auto profile = bacnet::load_profile(output.path, output.text, findings);
    fuzzing::require(profile.has_value(), "a profile that was written loads");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  for (const auto import : {import_edgex, import_volttron}) {
    io::testing::MemoryFiles files;
    put(input, files);
    Import imported = import(files, {"in"});
    (void)check_profiles(written(imported), imported.findings);
    check_words(imported.findings);
  }
  check_ede(input);
  return 0;
}

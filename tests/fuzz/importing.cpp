// Foreign configurations, whatever they are: both importers end, and all that they find has words.
//
// Input: files one behind the other, each begun by a line "=== NAME"; the extension says what a file is.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzzing.hpp"
#include "importers/edgex.hpp"
#include "importers/volttron.hpp"
#include "importers/writing.hpp"
#include "io/testing/memory_files.hpp"

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

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  for (const auto import : {import_edgex, import_volttron}) {
    io::testing::MemoryFiles files;
    put(input, files);
    Import imported = import(files, {"in"});
    (void)check_profiles(written(imported), imported.findings);
    for (const config::Finding& finding : imported.findings)
      fuzzing::require(!finding.message.empty(), "every finding says what it is");
  }
  return 0;
}

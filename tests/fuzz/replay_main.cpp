// Runs a fuzz target on files, or on all files of folders: the corpus as a regression test, without
// libFuzzer. Arguments that begin with '-' are libFuzzer's and are ignored.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "fuzzing.hpp"

namespace {

namespace fs = std::filesystem;

bool replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad() || !in.is_open()) {
    (void)std::fprintf(stderr, "can not read %s\n", file.c_str());
    return false;
  }
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

// How many files were run; none is a failure: a corpus that has gone would look like success.
std::size_t replay_all(const fs::path& path) {
  if (!fs::is_directory(path)) return replay(path) ? 1 : 0;
  std::size_t runs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file() && replay(entry.path())) ++runs;
  }
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t runs = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with('-')) continue;
    const std::size_t n = replay_all(argv[i]);
    if (n == 0) {
      (void)std::fprintf(stderr, "nothing to replay in %s\n", argv[i]);
      return 1;
    }
    runs += n;
  }
  std::printf("%zu inputs replayed\n", runs);
  return 0;
}

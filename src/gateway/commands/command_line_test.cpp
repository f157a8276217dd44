#include "gateway/commands/command_line.hpp"

#include <vector>

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

// A command `copy [--times N] [--fast | --slow] FROM`.
struct Copying {
  Copying() {
    const Command copy = line.root().add_subcommand("copy", "");
    copy.add_option("FROM", from, "").required();
    copy.add_option("--times", times, "").show_default().within(1, 9);
    const Option fast_flag = copy.add_flag("--fast", fast, "");
    copy.add_flag("--slow", slow, "").excludes(fast_flag);
    copy.callback([this] {
      if (from == "nowhere") wrong_use("there is no nowhere");
      ++done;
    });
  }

  int parse(const std::vector<const char*>& words) {
    std::vector<const char*> arguments{"interwatt"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return line.parse(static_cast<int>(arguments.size()), arguments.data());
  }

  CommandLine line{"test", "1.2.3"};
  std::string from;
  int times = 3;
  bool fast = false;
  bool slow = false;
  int done = 0;
};

}  // namespace

TEST_CASE("what was asked is read, and then done") {
  Copying line;
  CHECK(line.parse({"copy", "a", "--times", "4", "--fast"}) == 0);
  CHECK(line.done == 1);
  CHECK(line.from == "a");
  CHECK(line.times == 4);
  CHECK(line.fast);
}

TEST_CASE("wrong use does nothing, and is status 2") {
  for (const auto& words : {std::vector<const char*>{"copy"},
                            {"copy", "a", "--times", "10"},
                            {"copy", "a", "--times", "x"},
                            {"copy", "a", "--fast", "--slow"},
                            {"copy", "a", "b"},
                            {"move", "a"},
                            {"copy", "nowhere"}}) {
    Copying line;
    CHECK(line.parse(words) == 2);
    CHECK(line.done == 0);
  }
}

TEST_CASE("help and version are no wrong use, and do nothing else") {
  Copying line;
  CHECK(line.parse({"copy", "--help"}) == 0);
  CHECK(line.parse({"--version"}) == 0);
  CHECK(line.done == 0);
}

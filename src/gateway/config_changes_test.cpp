#include "gateway/config_changes.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

std::vector<std::string> changes(std::string_view before, std::string_view after,
                                 std::string (*say)(const ConfigChange&) = in_words) {
  config::Findings findings;
  const auto old = config::Document::parse("old.yaml", before, findings);
  const auto now = config::Document::parse("new.yaml", after, findings);
  REQUIRE(old.has_value());
  REQUIRE(now.has_value());
  std::vector<std::string> words;
  for (const ConfigChange& change : changes_between(old->root(), now->root()))
    words.push_back(say(change));
  return words;
}

}  // namespace

TEST_CASE("what a new configuration changes is said by device and value, with what was before") {
  CHECK(changes("rates: {fast: 1s}\ndevices: [{name: a, unit: 1}, {name: b}]\n",
                "devices:\n  - name: c\n  - name: a\n    unit: 2\n") ==
        std::vector<std::string>{"device 'c' is new", "device 'a': unit is 2, was 1", "device 'b' is removed",
                                 "'rates' is removed"});
  CHECK(changes("devices: [{name: a, rates: {fast: 1s, slow: 1min}}]\nlimits: {x/P: {high: 1}}\n",
                "devices: [{name: a, rates: {slow: 1min}, enabled: false}]\nlimits: {x/P: {high: 2}}\n") ==
        std::vector<std::string>{"device 'a': rates.fast is gone, was 1s", "device 'a': enabled is false",
                                 "'limits': x/P.high is 2, was 1"});
}

TEST_CASE("on record is all that is new or gone") {
  CHECK(changes("devices: [{name: a, unit: 1}]\n", "devices: [{name: b, unit: 2}]\nprofiles: mine\n",
                in_full) == std::vector<std::string>{"device 'b' is new: {name: b, unit: 2}",
                                                     "device 'a' is removed, was {name: a, unit: 1}",
                                                     "'profiles' is new: mine"});
}

TEST_CASE("order of devices, layout and comments are no change") {
  CHECK(changes("devices: [{name: a, unit: 1}, {name: b}]\n",
                "# mine\ndevices:\n  - name: b\n  - name: a\n    unit: 1\n")
            .empty());
}

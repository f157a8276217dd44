#include "gateway/config_changes.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::gateway;

namespace {

std::vector<std::string> changes(std::string_view before, std::string_view after) {
  config::Findings findings;
  const auto old = config::Document::parse("old.yaml", before, findings);
  const auto now = config::Document::parse("new.yaml", after, findings);
  REQUIRE(old.has_value());
  REQUIRE(now.has_value());
  return changes_between(old->root(), now->root());
}

}  // namespace

TEST_CASE("what a new configuration changes is said by device and section") {
  CHECK(changes("rates: {fast: 1s}\ndevices: [{name: a, unit: 1}, {name: b}]\n",
                "devices:\n  - {name: c}\n  - name: a\n    unit: 2\n") ==
        std::vector<std::string>{"device 'c' is new", "device 'a' is changed", "device 'b' is removed",
                                 "'rates' is removed"});
}

TEST_CASE("order of devices, layout and comments are no change") {
  CHECK(changes("devices: [{name: a, unit: 1}, {name: b}]\n",
                "# mine\ndevices:\n  - name: b\n  - name: a\n    unit: 1\n")
            .empty());
}

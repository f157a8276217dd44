// Dry runs over HTTP: what is refused before the history is looked at. That a run shows what a controller
// would have done is tests/system/api_tests.py, on a history on a disk.
#include <doctest/doctest.h>

#include "api/testing/served_site.hpp"
#include "json/json.hpp"

using namespace iw;
using namespace iw::api;
using testing::ServedSite;

namespace {

constexpr std::string_view controllers = R"(
controllers:
  - name: watch
    rule:
      all: [{point: grid meter/Frequency, above: 40, oldest: 3s}]
      then: [{point: roof inverter/ActivePowerLimit, at_most: 0}]
)";

// With a controller, and without a history.
struct Watched : ServedSite {
  Watched() {
    config::Findings findings;
    auto loaded = gateway::load_config(
        "site.yaml", site.config_text(gateway::testing::SiteWorld::everyone) + std::string(controllers),
        site.gateway_node.files(), findings);
    REQUIRE_MESSAGE(loaded, config::to_string(findings));
    site.gateway->reload(std::move(loaded));
    site.world.run_for(1s);
  }
};

}  // namespace

TEST_CASE("a dry run of a controller that there is not is refused, with where they are listed") {
  Watched served;
  const auto problem = served.refused("/api/v1/controllers/nobody/dry-run", Status::not_found);
  CHECK(problem["detail"] == "there is no controller 'nobody'");
  CHECK(problem["remedy"] == "GET /api/v1/controllers lists them");
}

TEST_CASE("a time that is none, backwards or too long is refused in words") {
  Watched served;
  const auto detail = [&](const std::string& query) -> std::string {
    return served.refused("/api/v1/controllers/watch/dry-run?" + query, Status::bad_request)["detail"];
  };
  CHECK(detail("from=1h&to=2h") == "from is not before to");
  CHECK(detail("from=30d") == "a dry run looks at seven days at most");
  CHECK(detail("from=yesterdays").contains("yesterdays"));
  CHECK(detail("since=1h").contains("since"));
}

TEST_CASE("without a history there is nothing to run over, and it is said how to keep one") {
  Watched served;
  const auto problem = served.refused("/api/v1/controllers/watch/dry-run?from=1h", Status::not_found);
  CHECK(problem["detail"] == "this gateway keeps no history");
  CHECK(problem["remedy"].get<std::string>().contains("history: {enabled: true}"));
}

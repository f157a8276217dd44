#include "api/job_answers.hpp"

#include <doctest/doctest.h>

#include "io/testing/manual_executor.hpp"
#include "json/json.hpp"

using namespace iw;
using namespace iw::api;

TEST_CASE("a job that began is accepted, with what it knows and where it is looked at") {
  io::testing::ManualExecutor core;
  Jobs jobs(core);
  const auto number = jobs.start("scan", "anna", [](Job& job) -> io::Task<void> {
    job.progress = "looking";
    co_return;
  });
  const Response answer = started(jobs, number);
  CHECK(answer.status == Status::accepted);
  CHECK(answer.headers.find("Location") == fmt::format("/api/v1/jobs/{}", *number));
  const auto job = Json::parse(answer.body);
  CHECK(job["kind"] == "scan");
  CHECK(job["by"] == "anna");
  CHECK(job["progress"] == "looking");
  core.run();
}

TEST_CASE("a job that could not begin is the problem why") {
  io::testing::ManualExecutor core;
  const Jobs jobs(core);
  const Response answer = started(jobs, fail(ErrorKind::busy, "too many run", "wait for one"));
  CHECK(answer.status != Status::accepted);
  CHECK(Json::parse(answer.body)["detail"].get<std::string>().contains("too many run"));
  CHECK_FALSE(answer.headers.find("Location").has_value());
}

TEST_CASE("the files of TLS are taken from their fields, and none are needed") {
  const auto files = tls_field(Json::parse(
      R"({"tls": {"ca": "ca.pem", "certificate": "c.pem", "key": "k.pem", "server_name": "meter.lan"}})"));
  REQUIRE(files);
  CHECK(files->ca == "ca.pem");
  CHECK(files->certificate == "c.pem");
  CHECK(files->key == "k.pem");
  CHECK(files->server_name == "meter.lan");
  for (const auto* none : {"{}", R"({"tls": null})", R"({"tls": {}})"}) {
    CAPTURE(none);
    const auto empty = tls_field(Json::parse(none));
    REQUIRE(empty);
    CHECK(empty->ca.empty());
    CHECK_FALSE(empty->server_name.has_value());
  }
}

TEST_CASE("a wrong field of TLS is named") {
  struct Case {
    std::string_view body;
    std::string_view words;
  };
  for (const auto& [body, words] : {Case{R"({"tls": "ca.pem"})", "tls: expected an object"},
                                    Case{R"({"tls": ["ca"]})", "tls: expected an object"},
                                    Case{R"({"tls": {"cert": "c.pem"}})", "tls: there is no field 'cert'"},
                                    Case{R"({"tls": {"key": 7}})", "tls.key: expected a text"}}) {
    CAPTURE(body);
    CHECK(tls_field(Json::parse(body)).error().message == words);
  }
}

#include "gateway/config_store.hpp"

#include <doctest/doctest.h>

#include "gateway/device_edits.hpp"
#include "io/testing/manual_executor.hpp"
#include "io/testing/memory_files.hpp"
#include "security/audit_log.hpp"

using namespace iw;
using namespace iw::gateway;
using State = ConfigOutcome::State;

namespace {

constexpr std::string_view first_text =
    "# the roof\n"
    "devices:\n"
    "  - name: pv   # south\n"
    "    connect: modbus://192.0.2.10\n"
    "    profile: sunspec\n";
constexpr std::string_view meter = "name: meter\nconnect: modbus://192.0.2.11\nprofile: eastron/sdm630\n";

struct Site {
  explicit Site(std::string_view text = first_text) {
    REQUIRE(files.make_folder("data"));
    REQUIRE(files.replace("site.yaml", text));
    start();
  }
  // As after a start of the program: the files stay.
  void start() {
    store.emplace(ConfigStore::open({.files = files, .clock = clock}, "site.yaml", "data").value());
  }

  ConfigOutcome take() { return store->take_file({.by = "the file", .why = ""}); }
  ConfigOutcome add_meter(std::string made_on = {}) {
    return store->change({.author = {.by = "anna", .why = "new in hall 3"},
                          .made_on = std::move(made_on),
                          .edit = [](std::string_view text) { return add_device(text, meter); }});
  }
  ConfigOutcome put(std::string text, std::string made_on = {}) {
    return store->change({.author = {.by = "ben", .why = ""},
                          .made_on = std::move(made_on),
                          .edit = [text](std::string_view) -> Result<std::string> { return text; }});
  }
  std::string file() { return files.read("site.yaml").value(); }
  std::vector<security::AuditEntry> audit() {
    std::vector<security::AuditEntry> entries;
    const auto verdict =
        security::verify_audit(files, configuration_audit_folder("data"),
                               [&](const security::AuditRecord& record) { entries.push_back(record.entry); });
    CHECK_FALSE(verdict.value().fault);
    return entries;
  }

  io::testing::MemoryFiles files;
  io::testing::ManualClock clock;
  std::optional<ConfigStore> store;
};

}  // namespace

TEST_CASE("the first configuration is version 1, and taking it again makes no other") {
  Site site;
  const ConfigOutcome first = site.take();
  CHECK(first.state == State::accepted);
  CHECK(first.config != nullptr);
  CHECK(first.version.number == 1);
  CHECK(first.version.author.by == "the file");
  const ConfigOutcome again = site.take();
  CHECK(again.config != nullptr);
  CHECK(again.version.number == 1);
}

TEST_CASE("a change is in the file, a version with who, why and what, and on record with old and new value") {
  Site site;
  site.take();
  const ConfigOutcome outcome = site.add_meter();
  REQUIRE(outcome.state == State::accepted);
  CHECK(outcome.config->site.devices.size() == 2);
  CHECK(site.file() ==
        std::string(first_text) +
            "  - name: meter\n    connect: modbus://192.0.2.11\n    profile: eastron/sdm630\n");
  CHECK(outcome.version.number == 2);
  CHECK(outcome.version.author.why == "new in hall 3");
  REQUIRE(outcome.version.changes.size() == 1);
  CHECK(in_words(outcome.version.changes[0]) == "device 'meter' is new");
  const auto audit = site.audit();
  CHECK(audit.back().actor == "anna");
  CHECK(audit.back().detail ==
        "device 'meter' is new: {name: meter, connect: modbus://192.0.2.11, profile: eastron/sdm630} (new in "
        "hall 3)");
}

TEST_CASE("versions outlive the program, with their texts") {
  Site site;
  site.take();
  site.add_meter();
  site.start();
  CHECK(site.take().version.number == 2);
  ConfigVersions& versions = site.store->versions();
  REQUIRE(versions.all().size() == 2);
  CHECK(versions.text(1).value() == first_text);
  CHECK(versions.text(2).value() == site.file());
  CHECK(versions.find(2)->changes == site.store->versions().newest()->changes);
  CHECK(versions.text(3).error().kind == ErrorKind::not_found);
}

TEST_CASE("a damaged version does not take the others with it, and its number is not given again") {
  Site site;
  site.take();
  site.add_meter();
  REQUIRE(site.files.replace("data/configuration/000002.json", "{\"version\": 2"));
  site.start();
  CHECK(site.store->versions().all().size() == 1);
  CHECK(site.take().version.number == 3);
}

TEST_CASE("a change made on something that is no longer there is a conflict, and both are shown") {
  Site site;
  site.take();
  const std::string seen = tag_of(site.file());
  REQUIRE(site.add_meter(seen).state == State::accepted);
  const ConfigOutcome late = site.put("devices: []\n", seen);
  CHECK(late.state == State::conflict);
  CHECK(late.version.author.by == "anna");
  CHECK(late.text == site.file());
  CHECK(late.wished == "devices: []\n");
  CHECK(site.store->versions().all().size() == 2);
  CHECK(site.put("devices: []\n", tag_of(site.file())).state == State::accepted);
}

TEST_CASE("two people may change two devices, but not one and the same") {
  Site site;
  site.take();
  site.add_meter();
  const auto tag = [&](const char* device) { return tag_of(find_device(site.file(), device).value().text); };
  const auto disable = [&](const char* device, const std::string& made_on) {
    return site.store
        ->change({.author = {.by = "anna", .why = ""},
                  .made_on = made_on,
                  .device = device,
                  .edit = [device](std::string_view text) { return enable_device(text, device, false); }})
        .state;
  };
  const std::string pv = tag("pv");
  const std::string of_meter = tag("meter");
  CHECK(disable("pv", pv) == State::accepted);
  CHECK(disable("meter", of_meter) == State::accepted);
  CHECK(disable("pv", pv) == State::conflict);
}

TEST_CASE("a change that would be wrong is not made, and says where") {
  Site site;
  site.take();
  const ConfigOutcome outcome = site.put("devices:\n  - name: pv\n    connect: nowhere\n");
  CHECK(outcome.state == State::faulty);
  REQUIRE(outcome.findings.errors() == 1);
  CHECK(outcome.findings[0].line == 3);
  CHECK(outcome.findings[0].key == "devices[0].connect");
  CHECK(site.file() == first_text);
  CHECK(site.store->versions().all().size() == 1);
}

TEST_CASE("a change that changes nothing is no version") {
  Site site;
  site.take();
  CHECK(site.put(std::string(first_text)).state == State::unchanged);
  CHECK(site.store->versions().all().size() == 1);
}

TEST_CASE("what stood in the file with its errors is kept when it is written over") {
  Site site;
  site.take();
  REQUIRE(site.files.replace("site.yaml", "devices: [\n"));
  CHECK(site.take().state == State::faulty);
  CHECK(site.put(std::string(first_text)).state == State::accepted);
  REQUIRE(site.store->versions().all().size() == 3);
  CHECK(site.store->versions().text(2).value() == "devices: [\n");
}

TEST_CASE("when the file can not be written there is no such version") {
  Site site;
  site.take();
  site.files.refuse("site.yaml");
  const ConfigOutcome outcome = site.add_meter();
  CHECK(outcome.state == State::failed);
  CHECK(outcome.error.has_value());
  CHECK(site.store->versions().all().size() == 1);
  site.start();
  CHECK(site.store->versions().all().size() == 1);
}

TEST_CASE("who goes back at the command line is the author, though the gateway takes the file") {
  Site site;
  site.take();
  site.add_meter();
  const std::string text = site.store->versions().text(1).value();
  REQUIRE(announce(site.files, "data", {.by = "carl at the command line", .why = "back to version 1"}, text));
  REQUIRE(write_config(site.files, "site.yaml", text));
  const ConfigOutcome taken = site.take();
  CHECK(taken.version.number == 3);
  CHECK(taken.version.author.by == "carl at the command line");
  // Only this once.
  REQUIRE(write_config(site.files, "site.yaml", "devices: []\n"));
  CHECK(site.take().version.author.by == "the file");
}

TEST_CASE("the oldest versions go when there are too many") {
  Site site;
  auto versions = ConfigVersions::open(site.files, "data", 3).value();
  for (int i = 0; i < 5; ++i)
    REQUIRE(versions.add(site.clock.wall_now(), {.by = "anna", .why = ""}, {}, std::to_string(i)));
  REQUIRE(versions.all().size() == 3);
  CHECK(versions.all().front().number == 3);
  CHECK(versions.text(2).error().kind == ErrorKind::not_found);
  CHECK(site.files.read("data/configuration/000002.json").error().kind == ErrorKind::not_found);
}

TEST_CASE("a device is switched off by a line of its own, and on by taking that away") {
  const std::string off = enable_device(first_text, "pv", false).value();
  CHECK(off == std::string(first_text) + "    enabled: false\n");
  CHECK(enable_device(off, "pv", true).value() == first_text);
  CHECK(enable_device(off, "pv", false).value() == off);
  CHECK(enable_device(off, "roof", true).error().kind == ErrorKind::not_found);
  CHECK(add_device(off, "name: pv").error().kind == ErrorKind::rejected);
}

#include <set>
#include <span>
#include <string>

#include <doctest/doctest.h>

#include "io/world/world.hpp"

using namespace iw;
using namespace iw::io;
using namespace iw::io::world;

TEST_CASE("files are read back, listed, removed and keep their secrets") {
  World world(1);
  SimulatedFiles& files = world.add_node("gateway").files();
  CHECK(files.replace("/etc/interwatt/a", "x").error().kind == ErrorKind::not_found);
  CHECK(files.make_folder("/etc/interwatt").has_value());
  CHECK(files.make_folder("/etc/interwatt").has_value());
  CHECK(files.replace("/etc/interwatt/b", "content").has_value());
  CHECK(files.replace("/etc/interwatt/a", "secret", 0600).has_value());
  CHECK(files.read("/etc/interwatt/b").value() == "content");
  CHECK(files.read_secret("/etc/interwatt/a").value() == "secret");
  CHECK(files.read_secret("/etc/interwatt/b").error().kind == ErrorKind::denied);
  CHECK(files.list("/etc/interwatt").value() == std::vector<std::string>{"a", "b"});
  CHECK(files.list("/etc").value() == std::vector<std::string>{"interwatt"});
  CHECK(files.remove("/etc/interwatt/a").has_value());
  CHECK(files.read("/etc/interwatt/a").error().kind == ErrorKind::not_found);
  CHECK(files.remove("/etc/interwatt/a").error().kind == ErrorKind::not_found);
  CHECK(files.list("/var").error().kind == ErrorKind::not_found);
  CHECK(files.replace("/etc/interwatt", "x").error().kind == ErrorKind::invalid_argument);
}

TEST_CASE("what was replaced survives a power cut; what was only removed may come back") {
  std::set<bool> came_back;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    Node& node = world.add_node("gateway");
    CHECK(node.files().make_folder("/var").has_value());
    CHECK(node.files().replace("/var/state", "old").has_value());
    CHECK(node.files().replace("/var/state", "new", 0600).has_value());
    CHECK(node.files().replace("/var/other", "other").has_value());
    CHECK(node.files().remove("/var/other").has_value());
    node.kill(Death::power_cut);
    CHECK(node.files().read("/var/state").error().kind == ErrorKind::io);
    node.restart();
    CHECK(node.files().read_secret("/var/state").value() == "new");
    came_back.insert(node.files().read("/var/other").has_value());
  }
  CHECK(came_back.size() == 2);
}

TEST_CASE("a crash of the process keeps what the kernel has") {
  World world(1);
  Node& node = world.add_node("gateway");
  CHECK(node.files().make_folder("/var").has_value());
  CHECK(node.files().replace("/var/other", "other").has_value());
  CHECK(node.files().remove("/var/other").has_value());
  node.kill(Death::crash);
  node.restart();
  CHECK_FALSE(node.files().read("/var/other").has_value());
  CHECK(node.files().list("/var").value().empty());
}

TEST_CASE("a power cut in the middle of a replace leaves the whole old or the whole new content") {
  const std::string before(2000, 'o');
  const std::string after(3000, 'n');
  std::set<std::string> outcomes_at_the_rename;
  for (unsigned operation = 1; operation <= 5; ++operation) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      World world(seed);
      Node& node = world.add_node("gateway");
      CHECK(node.files().replace("/state", before).has_value());
      node.files().cut_power_at_operation(operation);
      CHECK(node.files().replace("/state", after).error().kind == ErrorKind::io);
      CHECK_FALSE(node.alive());
      node.restart();
      const std::string now = node.files().read("/state").value();
      CHECK((now == before || now == after));
      if (operation < 5) CHECK(now == before);
      if (operation == 5) outcomes_at_the_rename.insert(now);
      CHECK(node.files().replace("/state", after).has_value());
      CHECK(node.files().read("/state").value() == after);
    }
  }
  CHECK(outcomes_at_the_rename.size() == 2);
}

TEST_CASE("a full or failing disk says so, keeps the old content and leaves no rubbish") {
  World world(1);
  SimulatedFiles& files = world.add_node("gateway").files();
  CHECK(files.make_folder("/var").has_value());
  CHECK(files.replace("/var/state", "old").has_value());
  files.set_full(true);
  CHECK(files.replace("/var/state", "new").error().kind == ErrorKind::exhausted);
  CHECK(files.read("/var/state").value() == "old");
  files.set_full(false);
  for (unsigned nth = 1; nth <= 4; ++nth) {
    files.fail_operation(nth);
    CHECK(files.replace("/var/state", "new").error().kind == ErrorKind::io);
    CHECK(files.read("/var/state").value() == "old");
    CHECK(files.list("/var").value() == std::vector<std::string>{"state"});
  }
  files.set_broken(true);
  CHECK(files.read("/var/state").error().kind == ErrorKind::io);
  files.set_broken(false);
  CHECK(files.replace("/var/state", "new").has_value());
  CHECK(files.read("/var/state").value() == "new");
}

namespace {

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("of a file that grows, a power cut keeps what was synced and at most chance's share of the rest") {
  std::set<std::string> ends;
  const std::string first(700, 'a');
  const std::string second(1500, 'b');
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World world(seed);
    Node& node = world.add_node("gateway");
    auto file = node.files().create("/log");
    REQUIRE(file);
    CHECK(node.files().create("/log").error().kind == ErrorKind::busy);
    REQUIRE((*file)->append(bytes_of(first)));
    REQUIRE((*file)->sync());
    REQUIRE((*file)->append(bytes_of(second)));
    node.kill(Death::power_cut);
    CHECK_FALSE((*file)->append(bytes_of(second)));
    node.restart();
    const std::string kept = node.files().read("/log").value();
    CHECK(kept.starts_with(first));
    ends.insert(kept.substr(first.size()));
  }
  CHECK(ends.size() > 3);
}

TEST_CASE("after a sync that failed no later one makes the same bytes durable") {
  std::set<bool> kept;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    World world(seed);
    Node& node = world.add_node("gateway");
    auto file = node.files().create("/log");
    REQUIRE((*file)->append(bytes_of("unlucky")));
    node.files().fail_operation(1);
    CHECK_FALSE((*file)->sync());
    CHECK((*file)->sync());
    node.kill(Death::power_cut);
    node.restart();
    kept.insert(node.files().read("/log").value() == "unlucky");
  }
  CHECK(kept.contains(false));
}

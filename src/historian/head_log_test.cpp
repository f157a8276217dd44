#include "historian/head_log.hpp"

#include <map>

#include <doctest/doctest.h>

#include "io/testing/memory_files.hpp"
#include "io/world/world.hpp"

namespace iw::historian {
namespace {

using io::testing::MemoryFiles;
using io::world::Death;
using io::world::Node;
using io::world::World;
using model::Detail;
using model::Quality;
using model::Validity;

HeadLogSettings settings(SyncPolicy sync, std::size_t segment_size = 400) {
  return {.folder = "/var/head", .sync = sync, .segment_size = segment_size};
}

// Each number has a recording of its own that can be told from all others.
Recording recording_of(std::uint64_t n) {
  Recording recording;
  for (std::uint32_t i = 0; i < 1 + n % 3; ++i) {
    recording.add(SeriesId(i * 7), static_cast<std::int64_t>(1000 * n + i), static_cast<double>(n) / 8,
                  i == 1 ? Quality(Validity::questionable).with(Detail::old_data) : Quality{});
  }
  return recording;
}

bool same(const Recording& a, const Recording& b) {
  return a.series == b.series && a.samples.time_ms == b.samples.time_ms &&
         a.samples.value == b.samples.value && a.samples.quality == b.samples.quality;
}

Instant at(Duration since_start) { return Instant{} + 1h + since_start; }

// What a log has after a start, checked against what was given to it.
struct Reopened {
  explicit Reopened(io::Files& files, SyncPolicy sync = SyncPolicy::every) {
    auto opened = HeadLog::open(
        files, settings(sync), 0,
        [this](std::uint64_t sequence, const Recording& recording) {
          CHECK(sequence == ++last);
          CHECK(same(recording, recording_of(sequence)));
        },
        recovery);
    REQUIRE(opened);
    log.emplace(std::move(*opened));
    CHECK(log->last() == last);
    CHECK(recovery.recordings == last);
  }

  std::uint64_t last = 0;
  Recovery recovery;
  std::optional<HeadLog> log;
};

}  // namespace

TEST_CASE("what was appended is read again, over several segments and starts") {
  MemoryFiles files;
  std::uint64_t n = 0;
  for (int start = 0; start < 3; ++start) {
    Reopened again(files);
    CHECK(again.last == n);
    CHECK(again.recovery.damages.empty());
    for (int i = 0; i < 20; ++i)
      CHECK(again.log->append(recording_of(++n), at(0s)) == n);
    CHECK(again.log->durable() == n);
  }
  CHECK(files.list("/var/head")->size() > 3);
}

TEST_CASE("durable follows the policy") {
  for (const SyncPolicy sync : {SyncPolicy::none, SyncPolicy::interval, SyncPolicy::every}) {
    MemoryFiles files;
    Reopened start(files, sync);
    HeadLog& log = *start.log;
    log.append(recording_of(1), at(0s));
    log.append(recording_of(2), at(100ms));
    CHECK(log.durable() == (sync == SyncPolicy::every ? 2 : sync == SyncPolicy::interval ? 1 : 0));
    log.tick(at(900ms));
    CHECK(log.durable() == (sync == SyncPolicy::every ? 2 : sync == SyncPolicy::interval ? 1 : 0));
    log.tick(at(1s));
    CHECK(log.durable() == (sync == SyncPolicy::none ? 0 : 2));
    log.append(recording_of(3), at(1100ms));
    log.sync();
    CHECK(log.durable() == 3);
  }
}

TEST_CASE("without syncs of its own the log is durable up to its last full segment") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World world(seed);
    Node& node = world.add_node("gateway");
    Reopened start(node.files(), SyncPolicy::none);
    for (std::uint64_t n = 1; n <= 40; ++n)
      start.log->append(recording_of(n), at(0s));
    const std::uint64_t durable = start.log->durable();
    CHECK(durable > 20);
    CHECK(durable < 40);
    node.kill(Death::power_cut);
    node.restart();
    CHECK(Reopened(node.files()).last >= durable);
  }
}

TEST_CASE("a power cut at any operation loses nothing that was called durable") {
  for (const SyncPolicy sync : {SyncPolicy::every, SyncPolicy::interval}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      bool survived = false;
      for (unsigned operation = 1; !survived; ++operation) {
        World world(seed);
        Node& node = world.add_node("gateway");
        std::uint64_t durable = 0;
        std::uint64_t given = 0;
        {
          Reopened start(node.files(), sync);
          node.files().cut_power_at_operation(operation);
          while (given < 25 && node.alive()) {
            start.log->append(recording_of(++given), at(300ms * given));
            durable = start.log->durable();
          }
          survived = node.alive();
        }
        if (survived) node.kill(Death::power_cut);
        node.restart();
        const Reopened again(node.files());
        CHECK(again.last >= durable);
        CHECK(again.last <= given);
        if (sync == SyncPolicy::interval && survived) CHECK(again.last + 4 >= given);
      }
    }
  }
}

TEST_CASE("when any operation fails, the next try brings all to the disk") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    for (unsigned operation = 1; operation <= 60; ++operation) {
      World world(seed);
      Node& node = world.add_node("gateway");
      Reopened start(node.files());
      node.files().fail_operation(operation);
      for (std::uint64_t n = 1; n <= 20; ++n) {
        start.log->append(recording_of(n), at(1s * n));
        start.log->tick(at(1s * n + 500ms));
      }
      start.log->tick(at(30s));
      CHECK_FALSE(start.log->trouble());
      CHECK(start.log->durable() == 20);
      node.kill(Death::power_cut);
      node.restart();
      CHECK(Reopened(node.files()).last == 20);
    }
  }
}

TEST_CASE("a full disk stops nothing; what waits is written when there is space again") {
  World world(1);
  Node& node = world.add_node("gateway");
  Reopened start(node.files());
  HeadLog& log = *start.log;
  log.append(recording_of(1), at(0s));
  node.files().set_full(true);
  for (std::uint64_t n = 2; n <= 10; ++n)
    log.append(recording_of(n), at(1s * n));
  REQUIRE(log.trouble());
  CHECK(log.trouble()->kind == ErrorKind::exhausted);
  CHECK(log.durable() == 1);
  node.files().set_full(false);
  log.tick(at(20s));
  CHECK_FALSE(log.trouble());
  CHECK(log.durable() == 10);
  CHECK(log.lost() == 0);
  CHECK(Reopened(node.files()).last == 10);
}

TEST_CASE("what waits for the disk is bounded: the oldest is given up and counted") {
  World world(1);
  Node& node = world.add_node("gateway");
  Recovery recovery;
  auto wanted = settings(SyncPolicy::every);
  wanted.most_waiting = 1000;
  auto log = HeadLog::open(node.files(), wanted, 0, [](std::uint64_t, const Recording&) {}, recovery);
  node.files().set_full(true);
  for (std::uint64_t n = 1; n <= 1000; ++n)
    log->append(recording_of(n), at(0s));
  CHECK(log->lost() > 900);
  node.files().set_full(false);
  log->tick(at(2s));
  CHECK(log->durable() == 1000);
  std::uint64_t read = 0;
  auto again =
      HeadLog::open(node.files(), wanted, 0, [&](std::uint64_t, const Recording&) { ++read; }, recovery);
  CHECK(read + log->lost() == 1000);
}

TEST_CASE("a segment cut at any byte, or with any byte damaged, gives what stands before") {
  MemoryFiles whole;
  {
    Recovery recovery;
    auto log = HeadLog::open(
        whole, settings(SyncPolicy::every, 100'000), 0, [](std::uint64_t, const Recording&) {}, recovery);
    for (std::uint64_t n = 1; n <= 6; ++n)
      log->append(recording_of(n), at(0s));
  }
  const std::string content = whole.read("/var/head/head-00000001.log").value();
  for (std::size_t i = 0; i < content.size(); ++i) {
    MemoryFiles cut;
    cut.put("/var/head/head-00000001.log", content.substr(0, i));
    const Reopened after_cut(cut);
    CHECK(after_cut.last < 6);

    std::string damaged = content;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    MemoryFiles flipped;
    flipped.put("/var/head/head-00000001.log", damaged);
    Reopened after_flip(flipped);
    CHECK(after_flip.last < 6);
    REQUIRE(after_flip.recovery.damages.size() == 1);
    CHECK(after_flip.recovery.damages[0].starts_with("/var/head/head-00000001.log: "));
    // And it goes on from there.
    const std::uint64_t next = after_flip.last + 1;
    CHECK(after_flip.log->append(recording_of(next), at(0s)) == next);
    CHECK(Reopened(flipped).last == next);
  }
}

TEST_CASE("a segment that is cut is no loss when the next one has what belongs there, and only then") {
  const auto log_of = [](std::uint64_t first) {
    MemoryFiles files;
    Recovery recovery;
    auto log = HeadLog::open(
        files, settings(SyncPolicy::every, 100'000), 0, [](std::uint64_t, const Recording&) {}, recovery);
    for (std::uint64_t n = 0; n < 6; ++n)
      log->append(recording_of(first + n), at(0s));
    return files.read("/var/head/head-00000001.log").value();
  };
  const std::string content = log_of(1);
  const std::string others = log_of(101);
  const auto damages = [](std::string_view first, std::string_view second) {
    MemoryFiles files;
    files.put("/var/head/head-00000001.log", first);
    files.put("/var/head/head-00000002.log", second);
    return HeadLog::read(files, "/var/head", [](std::uint64_t, const Recording&) {}).value();
  };
  constexpr std::size_t magic_size = 8;
  constexpr std::size_t frame_head_size = 8;  // may be the same in different frames
  for (std::size_t i = 1; i < content.size(); ++i) {
    const std::string cut = content.substr(0, i);
    for (const SegmentDamage& damage : damages(cut, content)) {
      CHECK(damage.written_again);
      CHECK(damage.path == "/var/head/head-00000001.log");
    }
    MemoryFiles files;
    files.put("/var/head/head-00000001.log", cut);
    files.put("/var/head/head-00000002.log", content);
    CHECK(Reopened(files).recovery.damages.empty());
    for (const SegmentDamage& damage : damages(cut, others))
      if (i >= magic_size && damage.size > frame_head_size) CHECK_FALSE(damage.written_again);
    for (const SegmentDamage& damage : damages(cut, ""))
      CHECK(damage.in_last);
  }
}

TEST_CASE("what is sealed elsewhere is forgotten by whole segments") {
  MemoryFiles files;
  Reopened start(files);
  HeadLog& log = *start.log;
  for (std::uint64_t n = 1; n <= 40; ++n)
    log.append(recording_of(n), at(0s));
  const std::size_t before = files.list("/var/head")->size();
  CHECK(log.forget(20));
  const std::size_t after = files.list("/var/head")->size();
  CHECK(after < before);
  std::vector<std::uint64_t> read;
  Recovery recovery;
  const auto take = [&](std::uint64_t sequence, const Recording&) { read.push_back(sequence); };
  CHECK(HeadLog::open(files, settings(SyncPolicy::every), 20, take, recovery)->last() == 40);
  CHECK(read.size() == 20);
  CHECK(read.front() == 21);
  CHECK(log.forget(39));
  CHECK(files.list("/var/head")->size() == 1);  // the one that is being written
  CHECK(log.forget(40));
  CHECK(files.list("/var/head")->empty());
  CHECK(log.append(recording_of(41), at(0s)) == 41);
  CHECK(log.durable() == 41);
}

TEST_CASE("numbers go on behind what is sealed, even when no segment is left") {
  MemoryFiles files;
  Recovery recovery;
  auto log = HeadLog::open(
      files, settings(SyncPolicy::every), 1000, [](std::uint64_t, const Recording&) {}, recovery);
  CHECK(log->append(recording_of(1), at(0s)) == 1001);
}

}  // namespace iw::historian

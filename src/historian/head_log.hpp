// HeadLog: what was recorded and is not yet sealed, on the disk as soon as its policy asks.
//
// Recordings are numbered. Each is appended as a frame (head_frame.hpp) to a file of a folder, a segment:
// head-00000001.log, and so on. A segment is never opened again for writing: after a start, an error or when
// it is full comes the next. When a write or a sync fails, what is not known to be on the disk is kept in
// memory and written to a new segment, again and again until the disk is well: nothing is lost but what
// exceeds `most_waiting`, and nothing is called durable before a sync said so. Reading sorts out what stands
// there twice.
//
// Blocking, so on a storage thread of its own; not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "historian/head_frame.hpp"
#include "io/files.hpp"

namespace iw::historian {

enum class SyncPolicy : std::uint8_t {
  none,      // when a segment is full: a power cut may cost one
  interval,  // once an interval: a power cut costs no more than that
  every,     // each recording
};

struct HeadLogSettings {
  std::string folder;
  SyncPolicy sync = SyncPolicy::interval;
  Duration interval = 1s;
  std::size_t segment_size = std::size_t{8} << 20U;
  std::size_t most_waiting = std::size_t{32} << 20U;  // bytes that wait for a disk to get well
};

// What was found at the start.
struct Recovery {
  std::uint64_t recordings = 0;
  std::uint64_t samples = 0;
  std::vector<std::string> damages;  // a line for each tail that is lost: file, place, how much, why
};

// What of a segment can not be read: from a byte to its end.
struct SegmentDamage {
  std::string path;
  std::size_t at = 0;
  std::size_t size = 0;
  std::string why;
  bool in_last = false;        // nothing was recorded behind it: it may be half written
  bool written_again = false;  // after an error of the disk, in a later segment: nothing is lost by it
};

class HeadLog {
 public:
  using Take = std::function<void(std::uint64_t sequence, const Recording& recording)>;

  // Reads the segments of the folder, the oldest recording first, each once; makes the folder when there is
  // none. Recordings up to `sealed` are kept elsewhere already: numbering goes on behind them.
  static Result<HeadLog> open(io::Files& files, HeadLogSettings settings, std::uint64_t sealed,
                              const Take& take, Recovery& recovery);

  // What another process has written so far, without touching it; segments that were removed meanwhile are
  // no damages. Gives those that are.
  static Result<std::vector<SegmentDamage>> read(io::Files& files, const std::string& folder,
                                                 const Take& take);

  // The number of the recording; whether it is safe yet is told by durable(). Nothing is lost by an error of
  // the disk, see trouble().
  std::uint64_t append(const Recording& recording, Instant now);
  // Call it from time to time: syncs when it is due, tries again after trouble.
  void tick(Instant now);
  // Syncs whatever the policy is: before the end.
  void sync();

  // All up to this number survive a power cut.
  [[nodiscard]] std::uint64_t durable() const { return durable_; }
  [[nodiscard]] std::uint64_t last() const { return last_; }
  // Why the disk can not be written, as long as it can not.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  // Of the segments on the disk.
  [[nodiscard]] std::uint64_t bytes() const;
  // The last recording of the oldest segment: what is sealed up to it frees a segment.
  [[nodiscard]] std::uint64_t end_of_oldest() const { return segments_.empty() ? 0 : segments_.front().last; }
  // Recordings that were given up because too many waited for the disk.
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

  // What is sealed elsewhere need not be read again: removes the segments that hold nothing else.
  Result<void> forget(std::uint64_t up_to);

 private:
  struct Segment {
    std::string path;
    std::uint64_t last = 0;
    std::uint64_t size = 0;
  };
  struct Waiting {
    std::uint64_t sequence;
    std::vector<std::byte> frame;
  };

  HeadLog(io::Files& files, HeadLogSettings settings) : files_(&files), settings_(std::move(settings)) {}

  Result<void> recover(const Take& take, Recovery& recovery);
  Result<void> start_segment();
  Result<void> write_waiting();
  void confirm();
  void settle(Result<void> done);
  void give_up_oldest();

  io::Files* files_;
  HeadLogSettings settings_;
  FrameEncoder encoder_;
  std::vector<Segment> segments_;         // the oldest first; the last one is being written if file_
  std::unique_ptr<io::AppendFile> file_;  // none before the first recording and after an error
  std::uint32_t next_segment_ = 1;
  std::vector<Waiting> waiting_;  // not known to be on the disk; the first `written_` are in file_
  std::size_t written_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t durable_ = 0;
  std::uint64_t lost_ = 0;
  Instant sync_at_{};
  std::optional<Error> trouble_;
};

}  // namespace iw::historian

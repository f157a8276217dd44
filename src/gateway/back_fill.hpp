// BackFill: what an output missed, read from the gateway's history: while the other system was away for
// longer than the queue holds, and over an end of the gateway, a kill included. A small file of each output
// keeps how far the other system is and what it still misses.
//
// After a kill the last seconds may be delivered again: a time and a value that a target has already stay
// one. Texts are in no history. What a device that is not known yet had is passed over. Executor of the
// connectors.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "formats/telemetry.hpp"
#include "historian/reader.hpp"
#include "io/clock.hpp"
#include "io/files.hpp"

namespace iw::gateway {

// Where the state of an output stands in the folder of all data; its name may have any letters.
std::string back_fill_path(const std::string& data_folder, std::string_view output);

class BackFill {
 public:
  // Times of samples, the last not included.
  struct Span {
    WallTime from;
    WallTime to;
  };
  struct Settings {
    std::string history;         // folder
    std::string state;           // file, in a folder that is there
    Duration longest = 7 * 24h;  // ago; what is older is not worth it
    std::size_t piece = 5000;    // samples of a batch, at most
  };
  // Clock and log outlive it.
  struct Surroundings {
    std::unique_ptr<io::Files> files;
    const io::Clock& clock;
    Log& log;
  };
  // What came since the other system got something is missing; without a state, nothing is.
  BackFill(Surroundings surroundings, Settings settings);
  BackFill(const BackFill&) = delete;
  BackFill& operator=(const BackFill&) = delete;
  ~BackFill();

  // The other system has all that is not missed, up to here.
  [[nodiscard]] WallTime delivered() const { return delivered_; }
  void deliver(WallTime up_to);
  void missed(Span span);

  [[nodiscard]] Duration missing() const;
  [[nodiscard]] Duration given_up() const { return given_up_; }

  // The oldest samples that are missing, a piece at most, and the same again until filled(); empty:
  // none are, as far as can be told now. Blocks for as long as a read takes.
  formats::Batch next(const formats::Catalog& catalog);
  // The other system has them, or will never take them.
  void filled();

 private:
  std::optional<WallTime> load();
  void save();
  void save_sometimes();
  void insert(Span span);
  void remove(Span span);
  void give_up_before(WallTime time);
  std::optional<Span> next_window();
  bool look_again();
  void close_when_done();
  std::size_t read(Span window, const formats::Catalog& catalog);

  Surroundings around_;
  Settings settings_;
  WallTime begun_;
  WallTime delivered_;
  std::vector<Span> missing_;  // the oldest first, none touch
  Duration given_up_{};
  Instant saved_{};
  bool failing_ = false;

  std::optional<historian::Reader> reader_;
  WallTime known_{};  // to the reader, up to here
  Duration step_ = 10s;
  Span window_{};                      // that the pieces are of
  std::uint32_t version_ = 0;          // of the catalogue whose aliases they have
  std::deque<formats::Batch> pieces_;  // not filled yet
};

}  // namespace iw::gateway

// ScriptedPeer: a device by script, at the other end of a pipe.
//
//   ScriptedPeer device(executor, network.expect_connect({"meter", 502}));
//   device.expect("00 01 00 00 00 06 01 03 00 00 00 02").reply("00 01 00 00 00 07 01 03 04 00 00 00 07");
//   device.expect("00 02 ...").after(80ms).reply("00 02 ...");
//   device.expect("00 03 ...").stay_silent();
//   device.expect("00 04 ...").dribble("00 04 ...", 1ms);              // byte by byte
//   device.expect("00 05 ...").reset();
//   ... run ...
//   CHECK(device.complaints() == "");                                 // all came, nothing else came
//
// After the first mismatch the peer says nothing more.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "io/executor.hpp"
#include "io/testing/pipe.hpp"

namespace iw::io::testing {

class ScriptedPeer final : private Timer {
 public:
  ScriptedPeer(Executor& executor, std::unique_ptr<PipeEnd> end);
  ~ScriptedPeer() override = default;

  ScriptedPeer& expect(std::string_view hex);
  ScriptedPeer& after(Duration pause);
  ScriptedPeer& reply(std::string_view hex);
  ScriptedPeer& dribble(std::string_view hex, Duration between);
  ScriptedPeer& stay_silent() { return *this; }  // says in the test what happens: nothing
  ScriptedPeer& reset();
  ScriptedPeer& close();

  // Every step of the script was taken.
  [[nodiscard]] bool done() const { return steps_.empty(); }
  // How the driver left; empty while it is there.
  [[nodiscard]] std::optional<ErrorKind> left() const { return end_->broken(); }
  // Mismatches with both hexes, bytes too many, steps not taken; empty when all went by the script.
  [[nodiscard]] std::string complaints() const;

 private:
  struct Expect {
    std::vector<std::byte> bytes;
  };
  struct Pause {
    Duration length;
  };
  struct Reply {
    std::vector<std::byte> bytes;
  };
  struct Reset {};
  struct Close {};
  using Step = std::variant<Expect, Pause, Reply, Reset, Close>;

  ScriptedPeer& add(Step step);
  void on_timer() override;
  void go_on();
  bool take(const Expect& expect);

  Executor& executor_;
  std::unique_ptr<PipeEnd> end_;
  std::deque<Step> steps_;
  std::vector<std::byte> received_;
  std::string mismatch_;
};

}  // namespace iw::io::testing

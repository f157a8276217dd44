// RequestLog: the last requests to each device of a line with what became of them, and how long the device
// takes to answer: what one looks at when a device is not well. For lines to keep, on the field executor. A
// request costs two short copies and no allocation; a device two kilobytes from its first request on.
//
//   const auto request = log.sent(device, {.function = 3, .first = 40000, .count = 20}, frame, now);
//   log.ended(request, RequestOutcome::answered, now, answer);
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "io/clock.hpp"
#include "model/ids.hpp"

namespace iw::driver {

enum class RequestOutcome : std::uint8_t {
  under_way,
  answered,
  refused,  // the device said no
  timeout,  // nothing came
  spoiled,  // what came was no answer
  lost,     // the connection ended first
};
std::string_view to_string(RequestOutcome outcome);  // "timeout"

// What was asked for.
struct Asked {
  std::uint8_t function = 0;  // the code of the protocol
  std::uint16_t first = 0;    // register, on the wire
  std::uint16_t count = 0;    // of registers; 0: it is about none
};

// How often answers took no longer than a bound: buckets as those of Prometheus, but each only its own.
struct Latency {
  static constexpr std::array<std::chrono::milliseconds, 12> bounds{
      1ms, 2ms, 5ms, 10ms, 20ms, 50ms, 100ms, 200ms, 500ms, 1000ms, 2000ms, 5000ms};

  std::array<std::uint64_t, bounds.size() + 1> counts{};  // the last: longer than all bounds
  Duration sum{};

  void add(Duration took);
  void add(const Latency& other);
  [[nodiscard]] std::uint64_t count() const;
};

// The beginning of a frame; most are no longer.
template <std::size_t most>
struct FrameStart {
  std::array<std::byte, most> bytes{};
  std::uint16_t size = 0;  // of the whole frame

  void set(Bytes frame) {
    size = static_cast<std::uint16_t>(frame.size());
    std::ranges::copy(frame.first(std::min(frame.size(), most)), bytes.begin());
  }
  [[nodiscard]] Bytes kept() const { return Bytes(bytes).first(std::min<std::size_t>(size, most)); }
};

struct RequestRecord {
  std::uint64_t number = 0;  // rises from request to request of the line
  model::DeviceId device;
  Asked asked;
  // By the line, for those who ask for its records:
  std::string function = {};     // in words
  std::string peer = {};         // where it went; empty: where the line leads
  bool answer_is_frame = false;  // and not what is in one
  WallTime sent;
  Duration took{};  // until the outcome
  RequestOutcome outcome = RequestOutcome::under_way;
  FrameStart<32> request;  // the frame
  FrameStart<56> answer;
};

// One that is under way: who asked keeps it until it can tell the log its end.
struct SentRequest {
  std::uint64_t number = 0;  // of none: 0
  model::DeviceId device;
  Asked asked;
  Instant at{};
  FrameStart<32> frame;
};

class RequestLog {
 public:
  static constexpr std::size_t kept = 16;  // of each device, that have ended

  [[nodiscard]] SentRequest sent(model::DeviceId device, Asked asked, Bytes frame, Instant now);
  void ended(const SentRequest& request, RequestOutcome outcome, Instant now, Bytes answer = {});
  void forget(model::DeviceId device) { devices_.erase(device); }

  // Of all devices and those under way, the newest first; their times as the clock tells them today.
  [[nodiscard]] std::vector<RequestRecord> recent(const io::Clock& clock,
                                                  std::span<const SentRequest> under_way = {}) const;
  // Of those that ever answered.
  [[nodiscard]] std::map<model::DeviceId, Latency> latency() const;

 private:
  // Two lines of the cache, and written once: hundreds of devices write one for each request, and push out
  // what others need.
  struct alignas(64) Kept {
    std::uint64_t number = 0;
    Instant at{};
    Duration took{};
    Asked asked;
    RequestOutcome outcome = RequestOutcome::under_way;
    FrameStart<32> request;
    FrameStart<56> answer;
  };
  static_assert(sizeof(Kept) == 128);

  using Ring = std::array<Kept, kept>;

  struct OfDevice {
    std::size_t next = 0;  // place in the ring
    std::unique_ptr<Ring> ring = std::make_unique<Ring>();
    Latency latency;
  };

  std::uint64_t numbers_ = 0;  // given out
  std::map<model::DeviceId, OfDevice> devices_;
};

}  // namespace iw::driver

// Link: the road from one node to another, one way. Its settings may be changed at any time; what is under
// way already keeps its arrival time, but does not pass while the road is blocked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"
#include "io/world/seeded_random.hpp"

namespace iw::io::world {

struct LinkSettings {
  Duration latency_min = 100us;
  Duration latency_max = 500us;
  double loss = 0;                     // a datagram is gone; a stream segment comes late, by retransmission
  double duplicate = 0;                // datagrams
  double reorder = 0;                  // datagrams that are held back and overtaken
  Duration held_back = 20ms;           // at most
  double split = 0;                    // writes to a stream that arrive cut at random places
  double dribble = 0;                  // writes to a stream that arrive byte by byte
  std::uint64_t bytes_per_second = 0;  // 0: no limit
  std::size_t window = 65'536;  // bytes of a stream that may be sent and not yet read; then writes wait
  bool blocked = false;         // nothing passes; streams retransmit, so a short interruption only delays
  bool unreachable = false;     // a router answers a connect with "no route"

  // All that a network does to those who believe it to be kind.
  static LinkSettings rough() {
    LinkSettings settings;
    settings.latency_max = 30ms;
    settings.loss = 0.05;
    settings.duplicate = 0.05;
    settings.reorder = 0.1;
    settings.split = 0.3;
    settings.dribble = 0.05;
    settings.bytes_per_second = 100'000;
    settings.window = 64;
    return settings;
  }
};

struct Link {
  Link(const LinkSettings& how, std::uint64_t seed, std::string_view component)
      : settings(how), random(seed, component) {}

  LinkSettings settings;
  SeededRandom random;
  Instant free_at{};  // when the bandwidth has let the last byte through

  [[nodiscard]] Duration latency() { return random.between(settings.latency_min, settings.latency_max); }

  // When the last of these bytes, sent now, has left the sender.
  Instant departure(Instant now, std::size_t bytes) {
    if (settings.bytes_per_second == 0) return now;
    free_at =
        std::max(now, free_at) +
        Duration(static_cast<std::int64_t>(bytes * std::uint64_t{1'000'000'000} / settings.bytes_per_second));
    return free_at;
  }
};

}  // namespace iw::io::world

// RequestBook: what a line asked lately, of whom, and what became of it (driver/request_log.hpp). Of a
// request that is repeated, or in segments, the first frame is kept, and of an answer the last. Bounded: who
// asks more than it keeps forgets the oldest. On the field executor.
#pragma once

#include <array>
#include <map>
#include <unordered_map>
#include <vector>

#include "driver/request_log.hpp"
#include "protocols/bacnet/session.hpp"

namespace iw::bacnet {

class RequestBook {
 public:
  // A device that nobody configured, as long as it is not known who it is.
  static constexpr model::DeviceId nobody{0xFFFF};

  void asked(Ticket ticket, model::DeviceId device, const Address& peer, ConfirmedService service,
             Instant now);
  void sent(Ticket ticket, Bytes frame);
  // `frame`: that came with it; empty: none did.
  void ended(Ticket ticket, const Outcome& outcome, Bytes frame, Instant now);
  void forget(model::DeviceId device);

  // The newest first.
  [[nodiscard]] std::vector<driver::RequestRecord> recent(const io::Clock& clock) const;
  [[nodiscard]] std::map<model::DeviceId, driver::Latency> latency() const { return log_.latency(); }

 private:
  struct UnderWay {
    driver::SentRequest request;
    Address peer;
  };

  // Where the last ones that ended went, as many as the log keeps.
  struct Peers {
    struct Peer {
      std::uint64_t number = 0;
      Address address;
    };
    std::array<Peer, driver::RequestLog::kept> ring;
    std::size_t next = 0;
  };

  [[nodiscard]] const Address* peer_of(const driver::RequestRecord& record) const;

  driver::RequestLog log_;
  std::map<model::DeviceId, Peers> peers_;
  std::unordered_map<Ticket, UnderWay> under_way_;
};

}  // namespace iw::bacnet

// BacnetLink: a client for the tools: asks devices and collects who says "I am".
#pragma once

#include <map>
#include <string>

#include "commissioning/link.hpp"
#include "protocols/bacnet/discovery_client.hpp"
#include "protocols/bacnet/url.hpp"

namespace iw::commissioning {

class BacnetLink final : private bacnet::ClientOwner {
 public:
  // broadcast: where broadcasts go.
  BacnetLink(io::Network& network, Duration timeout, bacnet::IpAddress broadcast);
  ~BacnetLink() override;

  // Takes the standard port, or any when another program has it; says which.
  Result<std::string> open();
  // Before it goes away.
  io::Task<void> close();

  // Who-Is to this address, and what answers within the time.
  io::Task<void> look_for(bacnet::Address to, std::optional<bacnet::InstanceRange> range, Duration time);
  // Who-Is to all, and when nobody answers to the device at the host: some only answer what is sent to
  // themselves.
  io::Task<void> look_around(std::optional<bacnet::IpAddress> host,
                             std::optional<bacnet::InstanceRange> range, Duration time);
  struct Found {
    bacnet::Address address;
    bacnet::IAm message;
  };
  // By instance; more than one of an instance is a mistake of the site.
  [[nodiscard]] const std::multimap<std::uint32_t, Found>& found() const { return found_; }

  // The device that the URL names, wherever it is.
  io::Task<Result<bacnet::Binding>> find(bacnet::DeviceUrl url);

  [[nodiscard]] bacnet::Client& client() { return *client_; }
  [[nodiscard]] io::Executor& executor() { return network_.executor(); }

 private:
  Instant work(Instant /*now*/) override { return never; }
  void heard(const bacnet::Address& from, const bacnet::UnconfirmedRequest& request, Instant now) override;
  std::optional<bacnet::Apdu> asked(const bacnet::Address& /*from*/,
                                    const bacnet::ConfirmedRequest& /*request*/, Instant /*now*/) override {
    return std::nullopt;
  }

  io::Network& network_;
  bacnet::ClientSettings settings_;
  std::unique_ptr<bacnet::Client> client_;
  io::TaskGroup tasks_;
  std::multimap<std::uint32_t, Found> found_;
};

}  // namespace iw::commissioning

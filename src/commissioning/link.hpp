// Link: the way to a device that is not polled yet: to try, to scan, to read and write once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "io/files.hpp"
#include "io/network.hpp"
#include "io/task.hpp"
#include "protocols/modbus/address.hpp"
#include "protocols/modbus/client.hpp"
#include "protocols/modbus/line.hpp"
#include "protocols/modbus/profile.hpp"

namespace iw::commissioning {

// Files of PEM, as given; empty where not.
struct TlsFiles {
  std::string ca;
  std::string certificate;
  std::string key;
  std::optional<std::string> server_name = {};  // none: the host of the address
};

// Somebody who has the way to the device already, and asks for us when he has a moment: a bus has one master.
using AskOwner =
    std::function<io::Task<Result<modbus::ReplyPdu>>(modbus::UnitId, modbus::Request, Duration patience)>;

// A device, and how it is spoken to.
struct Target {
  modbus::Address address;
  modbus::UnitId unit{1};
  Duration timeout = 1s;  // for an answer
  bool timeout_given = false;
  TlsFiles tls;
  AskOwner owner = {};  // none: by a connection of our own

  // "modbus://192.0.2.7:502?unit=1"
  [[nodiscard]] std::string url() const { return url(unit); }
  [[nodiscard]] std::string url(modbus::UnitId of) const;
};

// A link to the target that connects when it is asked something, and again after it broke. A question that
// broke it is not repeated. On the executor of the network, which runs on after the link to release what it
// held.
class Link {
 public:
  Link(io::Network& network, io::Files& files, Target target);

  // Somebody else has the connection: there is none to be made.
  [[nodiscard]] bool has_owner() const { return static_cast<bool>(target_.owner); }

  // What it takes to be asked; ask() does it by itself. `protection` is that of TLS, else empty. Not for a
  // link with an owner.
  io::Task<Result<io::StreamPtr>> open();
  io::Task<Result<std::string>> secure(io::StreamPtr stream);
  io::Task<Result<void>> connect();

  io::Task<Result<modbus::ReplyPdu>> ask(modbus::UnitId unit, modbus::Request request);
  // The same, with the exceptions of the device as errors.
  io::Task<Result<std::vector<std::uint16_t>>> read(modbus::UnitId unit, modbus::Request request);

  [[nodiscard]] io::Executor& executor() { return network_.executor(); }
  [[nodiscard]] const Target& target() const { return target_; }
  // How devices of a profile want to be spoken to; a timeout that the user gave stands. A link that is up
  // stays up, with its timeout: some devices take it ill to be left and called again.
  void adapt_to(const modbus::ConnectionDefaults& connection);

 private:
  // The stream is of no use after this error.
  static bool ends_link(ErrorKind kind);

  io::Network& network_;
  io::Files& files_;
  Target target_;
  Duration connect_delay_{};
  Duration gap_{};
  Instant not_before_{};
  std::unique_ptr<modbus::Client> client_;
};

// One unit on a link.
class LinkUnit final : public modbus::UnitAccess {
 public:
  LinkUnit(Link& link, modbus::UnitId unit) : link_(link), unit_(unit) {}
  io::Task<Result<modbus::ReplyPdu>> ask(modbus::Request request) override {
    return link_.ask(unit_, std::move(request));
  }

 private:
  Link& link_;
  modbus::UnitId unit_;
};

}  // namespace iw::commissioning

// Discovery: finds the models of a Modbus unit. No IO: the caller does what next() says, and reports what
// came of it.
//
//   Discovery discovery;
//   for (;;) {
//     const auto action = discovery.next();
//     if (const auto* read = std::get_if<ReadRegisters>(&action)) ... FC 3, then on_registers, on_exception,
//     on_timeout else break;  // Done: take discovery.chain(); or an Error
//   }
//
// "SunS" is looked for at 40000, 0 and 50000. ID and L are read alone, because some devices do not serve L
// after the end marker. The end is ID 0xFFFF, or an exception where the next ID should be. What can not be a
// chain (L = 0, ID 0, past register 65535, too many models) ends it with a warning; what was found before is
// kept. So does a register that stays silent while the device answers elsewhere: then the chain is cut short,
// and worth another discovery later.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "protocols/sunspec/chain.hpp"

namespace iw::sunspec {

// Read holding registers (FC 3).
struct ReadRegisters {
  std::uint16_t address = 0;
  std::uint16_t count = 0;

  friend bool operator==(const ReadRegisters&, const ReadRegisters&) = default;
};
struct Done {};
using DiscoveryAction = std::variant<ReadRegisters, Done, Error>;

struct DiscoveryOptions {
  std::vector<std::uint16_t> bases = {40000, 0, 50000};
  std::size_t max_models = 100;
  unsigned attempts = 3;  // of one read, until it counts that the device is busy or does not answer at all
  unsigned silences = 5;  // of a register, of a device that answers in between, until it has none there
};

class Discovery {
 public:
  explicit Discovery(DiscoveryOptions options = {});

  [[nodiscard]] DiscoveryAction next() const;

  void on_registers(Bytes registers);    // of the read that next() asked for, high byte first
  void on_exception(std::uint8_t code);  // MODBUS Application Protocol 7
  void on_timeout();

  [[nodiscard]] const Chain& chain() const { return chain_; }

 private:
  enum class Step : std::uint8_t { marker, id, length, identity, facts, alive, done, failed };
  struct Silence {
    Step step = Step::id;
    ReadRegisters read;
    std::string reason;
    unsigned times = 0;  // that it was silent there
  };

  void found_marker(Bytes registers);
  void found_id(std::uint16_t id);
  void found_length(std::uint16_t length);
  void found_identity(Bytes registers);
  void unreadable(const std::string& reason, bool silent);
  void ask_whether_it_lives(const std::string& reason);
  void it_lives();
  void lost();
  void give_up(const std::string& reason, bool silent);
  void try_again_or(const std::string& reason);
  void no_marker(const std::string& reason);
  void end_of_chain();
  void stop(std::string warning);
  void next_question();

  DiscoveryOptions options_;
  Chain chain_;
  Step step_ = Step::marker;
  ReadRegisters read_;
  Error error_;
  Silence silence_;           // while it is asked whether the device lives
  std::size_t base_ = 0;      // of options_.bases
  std::string tried_;         // what the bases so far answered
  bool silent_ = true;        // nobody has answered at all
  bool identified_ = false;   // a model 1 was there
  std::uint32_t cursor_ = 0;  // where the next ID should be
  std::uint16_t id_ = 0;
  unsigned attempt_ = 0;
  std::size_t block_ = 0;       // of chain_.models: whose identity or facts are read
  std::uint32_t question_ = 0;  // offset of the fact
};

}  // namespace iw::sunspec

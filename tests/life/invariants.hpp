// The invariants of a site, each with its number and its sentence, and the check that holds a life against
// it: what the devices saw and what is true, not what the gateway believes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "model/batch.hpp"
#include "plan.hpp"
#include "premises.hpp"

namespace iw::life {

class Life;

struct Broken {
  int number;
  Instant at;
  std::string what;
};

// A check: it is told what happens, and says when its sentence does not hold.
class Invariant {
 public:
  Invariant() = default;
  Invariant(const Invariant&) = delete;
  Invariant& operator=(const Invariant&) = delete;
  virtual ~Invariant() = default;

  virtual void look(Life&) {}                             // after each event of the world
  virtual void step(Life&) {}                             // after each step of the physics
  virtual void write(Life&, Settable) {}                  // a device has done a write
  virtual void take(Life&, const model::SampleBatch&) {}  // the gateway believes this
  virtual void started(Life&) {}                          // the gateway
  virtual void reloading(Life&) {}                        // it is about to get another configuration
  virtual void converged(Life&, std::string_view /*trouble*/) {
  }  // at the end of a calm: what is not well; or nothing
  virtual void end(Life&) {}

  int number = 0;

 protected:
  template <class... Args>
  void broken(Life& life, fmt::format_string<Args...> text, Args&&... args) {
    tell(life, fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  void tell(Life& life, std::string what) const;
};

struct InvariantRow {
  int number;  // of the list of invariants: I1, I2 ...
  std::string_view sentence;
  std::unique_ptr<Invariant> (*make)();
  Mutation caught;  // a gateway that is wrong in this way breaks it
};

std::span<const InvariantRow> invariant_table();

}  // namespace iw::life

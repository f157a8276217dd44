// Owners: people and programs that claim at random times, and what is true of their claims whatever becomes
// of the gateway.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "control/claim_book.hpp"
#include "gateway/control_desk.hpp"
#include "io/world/world.hpp"
#include "plan.hpp"

namespace iw::life {

struct Owner {
  std::string_view name;
  std::optional<control::Level> right;  // up to this level, to all points; none: to nothing
  control::Level claims_at;
};
constexpr std::array<Owner, 4> owner_table{{
    {"anna", control::Level::people, control::Level::people},
    {"dso", control::Level::grid, control::Level::grid},
    {"optimiser", control::Level::optimisation, control::Level::optimisation},
    {"eve", std::nullopt, control::Level::people},
}};

// What somebody asked for.
struct Order {
  enum class Fate : std::uint8_t { unanswered, accepted, refused };

  control::ClaimRequest request;
  Instant asked;
  Fate fate = Fate::unanswered;
  control::ClaimId id = {};
  bool release_asked = false;
  bool released = false;  // as it was told
  bool unsure = false;    // refused because of the disk: what such a disk holds, the next start shows
  Duration lost{};        // that passed without the gateway being able to know of it

  [[nodiscard]] Instant from() const { return asked + request.starts_in; }
  [[nodiscard]] Instant until() const { return from() + request.life; }
  [[nodiscard]] Instant latest_end() const { return until() + lost; }
};

class Owners {
 public:
  Owners(io::world::Node& gateway, const Plan& plan)
      : gateway_(gateway), random_(gateway.world().random("owners")), plan_(plan) {}

  // One of them does something; the desk is that of now.
  void act(gateway::ControlDesk& desk, Instant now);
  [[nodiscard]] Duration pause() { return random_.between(1s, 2 * plan_.poll + 40s); }

  [[nodiscard]] const std::vector<Order>& orders() const { return orders_; }
  struct Totals {
    std::size_t asked = 0;
    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::size_t unsure = 0;  // of these, because of the disk: what such a disk holds, nobody knows
  };
  [[nodiscard]] const Totals& totals() const { return totals_; }
  // The gateway is started anew.
  void restarted();
  // So much time is lost for the gateway.
  void lose(Duration time);
  // Those that are over for good.
  void forget_before(Instant when);

 private:
  void claim(gateway::ControlDesk& desk, Instant now);
  void release(gateway::ControlDesk& desk);
  void stop_all(gateway::ControlDesk& desk, Instant now);
  void note(std::size_t number, const Result<control::Claim>& claimed);
  Order& find(std::size_t number);

  io::world::Node& gateway_;
  io::world::SeededRandom random_;
  const Plan& plan_;
  std::vector<Order> orders_;
  std::size_t first_ = 0;  // the number of orders_.front()
  Totals totals_;
  double relay_value_ = 0;
};

}  // namespace iw::life

#include "owners.hpp"

#include <algorithm>

#include "premises.hpp"

namespace iw::life {

using control::ClaimRequest;
using control::Demand;

void Owners::act(gateway::ControlDesk& desk, Instant now) {
  const std::uint64_t what = random_.below(20);
  if (what == 0) return stop_all(desk, now);
  if (what < 5) return release(desk);
  claim(desk, now);
}

Order& Owners::find(std::size_t number) { return orders_[number - first_]; }

void Owners::claim(gateway::ControlDesk& desk, Instant now) {
  const Owner& owner = owner_table[random_.below(owner_table.size())];
  const std::size_t point = random_.below(settables);
  const Envelope& e = envelopes[point];
  constexpr std::array demands{Demand::set, Demand::set, Demand::at_most, Demand::at_least, Demand::off};
  Demand demand = demands[random_.below(demands.size())];
  // Now and then out of the range, which is to be refused; often, where it is to be seen that it is not.
  const double beyond = plan_.mutation == Mutation::wide_range ? 0.3 : 0.05;
  const double part = random_.unit() * (1 + 2 * beyond) - beyond;
  double value = std::round(e.minimum + (e.maximum - e.minimum) * part);
  if (e.once) {
    demand = Demand::set;
    value = ++relay_value_;
  }
  ClaimRequest request{.path = std::string(e.path),
                       .owner = std::string(owner.name),
                       .level = owner.claims_at,
                       .demand = demand,
                       .value = demand == Demand::off ? 0 : value,
                       .starts_in = random_.chance(0.2) ? random_.between(1s, 60s) : 0ns,
                       .life = random_.between(10s, 20 * plan_.poll + 5min),
                       .reason = "life"};
  const std::size_t number = first_ + orders_.size();
  orders_.push_back({.request = request, .asked = now});
  ++totals_.asked;
  if (plan_.mutation == Mutation::claims_live_on) request.life *= 2;
  desk.claim({request},
             [this, number](const gateway::ControlDesk::Claimed& claimed) { note(number, claimed.front()); });
}

void Owners::note(std::size_t number, const Result<control::Claim>& claimed) {
  if (number < first_ || !gateway_.alive()) return;  // what a dead machine says is not heard
  Order& order = find(number);
  order.fate = claimed ? Order::Fate::accepted : Order::Fate::refused;
  if (claimed) order.id = claimed->id;
  ++(claimed ? totals_.accepted : totals_.refused);
  order.unsure = !claimed && claimed.error().message.starts_with("not claimed");
  if (order.unsure) ++totals_.unsure;
}

void Owners::restarted() {
  for (Order& order : orders_)
    if (order.unsure) order.fate = Order::Fate::unanswered;
}

void Owners::release(gateway::ControlDesk& desk) {
  if (orders_.empty()) return;
  const std::size_t number = first_ + random_.below(orders_.size());
  Order& order = find(number);
  if (order.fate != Order::Fate::accepted) return;
  order.release_asked = true;
  desk.release(order.id, order.request.owner, [this, number](const Result<control::Claim>& released) {
    if (number >= first_ && gateway_.alive() && released) find(number).released = true;
  });
}

void Owners::stop_all(gateway::ControlDesk& desk, Instant now) {
  const Duration life = random_.between(10s, 5 * plan_.poll + 1min);
  const std::size_t number = first_ + orders_.size();
  for (const Envelope& e : envelopes) {
    orders_.push_back({.request = {.path = std::string(e.path),
                                   .owner = "anna",
                                   .level = control::Level::people,
                                   .demand = Demand::off,
                                   .life = life},
                       .asked = now});
    ++totals_.asked;
  }
  desk.stop_all("anna", life, "life", [this, number](const gateway::ControlDesk::Claimed& claimed) {
    for (std::size_t point = 0; point < claimed.size(); ++point)
      note(number + point, claimed[point]);
  });
}

void Owners::lose(Duration time) {
  for (Order& order : orders_)
    order.lost += time;
}

void Owners::forget_before(Instant when) {
  const auto first_kept =
      std::ranges::find_if(orders_, [&](const Order& o) { return o.latest_end() >= when; });
  first_ += static_cast<std::size_t>(first_kept - orders_.begin());
  orders_.erase(orders_.begin(), first_kept);
}

}  // namespace iw::life

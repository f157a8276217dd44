#include "io/world/connection.hpp"

#include <algorithm>
#include <utility>

#include "io/world/world.hpp"

namespace iw::io::world {

namespace {

constexpr std::size_t ethernet_segment = 1460;
constexpr unsigned most_doublings = 8;  // pauses up to 51 s

Unexpected cancelled() { return fail(ErrorKind::cancelled, "the stream was closed on this side"); }

}  // namespace

Connection::Connection(SimulatedExecutor& client_executor, Endpoint client_at,
                       SimulatedExecutor& server_executor, Endpoint server_at)
    : sides_{Side{.executor = &client_executor, .at = std::move(client_at)},
             Side{.executor = &server_executor, .at = std::move(server_at)}},
      links_{&world().link_of(server_executor.node(), client_executor.node()),
             &world().link_of(client_executor.node(), server_executor.node())} {}

World& Connection::world() const { return sides_[client].executor->world(); }
Node& Connection::node_of(End end) const { return sides_[end].executor->node(); }
std::string Connection::peer_of(End me) const { return to_string(sides_[other(me)].at); }

bool Connection::passes_to(End end) const {
  return !forgotten_ && !link_to(end).settings.blocked && node_of(end).powered();
}

bool Connection::joins(const Node& a, const Node& b) const {
  return (&node_of(client) == &a && &node_of(server) == &b) ||
         (&node_of(client) == &b && &node_of(server) == &a);
}

void Connection::schedule(Duration in, EventKind kind, End who, void (Connection::*event)(End)) {
  world().schedule(world().now() + in, {kind, node_of(who).id(), nullptr,
                                        [self = shared_from_this(), who, event] { (*self.*event)(who); }});
}

std::optional<Result<std::size_t>> Connection::start_read(End me, MutableBytes into,
                                                          Operation<Result<std::size_t>>& op) {
  Side& side = sides_[me];
  if (side.state == State::gone) return cancelled();
  if (side.broken) return fail(*side.broken, "the connection to " + peer_of(me) + " is broken");
  if (flows_[me].arrived > 0) return take(me, into);
  if (flows_[me].ended) return fail(ErrorKind::closed, peer_of(me) + " closed the connection");
  side.into = into;
  side.reading = &op;
  return std::nullopt;
}

std::optional<Result<void>> Connection::start_write(End me, Bytes bytes, Operation<Result<void>>& op) {
  Side& side = sides_[me];
  if (side.state == State::gone) return cancelled();
  if (side.broken) return fail(*side.broken, "the connection to " + peer_of(me) + " is broken");
  send(me, bytes);
  const End to = other(me);
  if (flows_[to].bytes.size() <= link_to(to).settings.window) return Result<void>{};
  side.writing = &op;
  return std::nullopt;
}

void Connection::send(End me, Bytes bytes) {
  const End to = other(me);
  Link& link = link_to(to);
  const bool dribble = link.random.chance(link.settings.dribble);
  const bool split = link.random.chance(link.settings.split);
  flows_[to].bytes.append(bytes);
  for (std::size_t rest = bytes.size(); rest > 0;) {
    std::size_t size = std::min(rest, ethernet_segment);
    if (dribble) size = 1;
    if (split) size = 1 + link.random.below(size);
    put_under_way(to, size);
    rest -= size;
  }
  plan(to);
}

void Connection::put_under_way(End to, std::size_t size) {
  Link& link = link_to(to);
  Flow& flow = flows_[to];
  Instant arrival = link.departure(world().now(), size) + link.latency();
  for (Duration pause = first_retransmission; pause < 10s && link.random.chance(link.settings.loss);
       pause *= 2) {
    arrival += pause;
  }
  flow.last_arrival = std::max(flow.last_arrival + 1ns, arrival);  // one by one, so that cuts are seen
  flow.under_way.push_back({flow.last_arrival, size});
}

void Connection::plan(End to) {
  Flow& flow = flows_[to];
  if (flow.planned || flow.under_way.empty()) return;
  flow.planned = true;
  schedule(std::max(flow.under_way.front().arrival - world().now(), Duration::zero()), EventKind::segment, to,
           &Connection::arrive);
}

void Connection::arrive(End to) {
  Flow& flow = flows_[to];
  const Side& side = sides_[to];
  flow.planned = false;
  if (flow.under_way.empty()) return;
  if (!passes_to(to)) return stall(to);
  flow.tries = 0;

  // After a retransmission several may be due.
  std::size_t size = 0;
  while (!flow.under_way.empty() && flow.under_way.front().arrival <= world().now()) {
    size += flow.under_way.front().size;
    flow.ended = flow.under_way.front().size == 0;
    flow.under_way.pop_front();
  }
  world().mix(flow.bytes.view().subspan(flow.arrived, size));
  if (side.state == State::gone) {
    world().trace(node_of(to).name(), "has no connection for {} bytes from {}", size, peer_of(to));
    discard(to);
    if (size > 0) send_reset(other(to));
    return;
  }
  if (size > 0) world().trace(node_of(to).name(), "recv {} bytes from {}", size, peer_of(to));
  if (flow.ended) world().trace(node_of(to).name(), "end of stream from {}", peer_of(to));
  flow.arrived += size;
  plan(to);
  wake_reader(to);
}

void Connection::stall(End to) {
  Flow& flow = flows_[to];
  const Instant now = world().now();
  if (flow.tries == 0) flow.stalled_since = now;
  if (now - flow.stalled_since >= give_up_after) {
    discard(to);
    break_side(other(to), ErrorKind::timeout, "no acknowledgement from " + peer_of(other(to)));
    return;
  }
  flow.planned = true;
  const Duration pause = first_retransmission * (1 << std::min(flow.tries++, most_doublings));
  schedule(std::min(pause, flow.stalled_since + give_up_after - now), EventKind::segment, to,
           &Connection::arrive);
}

void Connection::wake_reader(End me) {
  Side& side = sides_[me];
  if (side.reading == nullptr) return;
  world().enter(*side.executor);
  Operation<Result<std::size_t>>& op = *std::exchange(side.reading, nullptr);
  if (flows_[me].arrived > 0) {
    op.complete(take(me, side.into));
  } else {
    op.complete(fail(ErrorKind::closed, peer_of(me) + " closed the connection"));
  }
}

std::size_t Connection::take(End me, MutableBytes into) {
  Flow& flow = flows_[me];
  const std::size_t n = std::min(into.size(), flow.arrived);
  flow.bytes.take(into.first(n));
  flow.arrived -= n;
  if (sides_[other(me)].writing != nullptr && flow.bytes.size() <= link_to(me).settings.window) {
    schedule(link_to(other(me)).latency(), EventKind::ack, other(me), &Connection::acknowledge);
  }
  return n;
}

// The writer at `me` learns that there is room again.
void Connection::acknowledge(End me) {
  Side& side = sides_[me];
  if (side.writing == nullptr || flows_[other(me)].bytes.size() > link_to(other(me)).settings.window) return;
  if (!passes_to(me)) return schedule(1s, EventKind::ack, me, &Connection::acknowledge);
  world().enter(*side.executor);
  std::exchange(side.writing, nullptr)->complete({});
}

void Connection::close(End me) {
  Side& side = sides_[me];
  if (side.state == State::gone) return;
  side.state = State::gone;
  cancel_waiting(me);
  if (side.broken) return;
  if (flows_[me].arrived > 0) {  // closing on unread data is a reset: RFC 2525, 2.17
    discard(me);
    send_reset(other(me));
  } else {
    put_under_way(other(me), 0);
    plan(other(me));
  }
}

void Connection::cancel_waiting(End me) {
  Side& side = sides_[me];
  if (side.reading != nullptr) {
    side.executor->post([op = std::exchange(side.reading, nullptr)] { op->complete(cancelled()); });
  }
  if (side.writing != nullptr) {
    side.executor->post([op = std::exchange(side.writing, nullptr)] { op->complete(cancelled()); });
  }
}

void Connection::send_reset(End to) {
  schedule(link_to(to).latency(), EventKind::reset, to, &Connection::take_reset);
}

void Connection::take_reset(End me) {
  if (passes_to(me)) break_side(me, ErrorKind::reset, peer_of(me) + " reset the connection");
}

// Somebody between the ends breaks the connection, at both of them.
void Connection::reset() {
  schedule({}, EventKind::reset, client, &Connection::take_reset);
  schedule({}, EventKind::reset, server, &Connection::take_reset);
}

void Connection::break_side(End me, ErrorKind kind, const std::string& why) {
  Side& side = sides_[me];
  if (side.state != State::open || side.broken) return;
  side.broken = kind;
  discard(me);
  discard(other(me));
  world().trace(node_of(me).name(), "{}: {}", to_string(kind), why);
  world().enter(*side.executor);
  if (side.reading != nullptr) std::exchange(side.reading, nullptr)->complete(fail(kind, why));
  if (side.writing != nullptr) std::exchange(side.writing, nullptr)->complete(fail(kind, why));
}

void Connection::discard(End to) {
  Flow& flow = flows_[to];
  flow.bytes.clear();
  flow.arrived = 0;
  flow.under_way.clear();
}

void Connection::end_sides_of(const Node& node, Death death) {
  for (const End me : {client, server}) {
    if (&node_of(me) != &node) continue;
    if (death == Death::crash && sides_[me].state == State::open) close(me);
    sides_[me].state = State::gone;
    cancel_waiting(me);
  }
}

}  // namespace iw::io::world

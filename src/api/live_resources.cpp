// The live streams: a WebSocket, whose client says what it wants to see, and server-sent events, for scripts.
//
// Both tell what is new at most once an interval, and never before what was told last is on its way: a client
// that does not read delays only itself, costs no more than one message, and is given up in the end.

#include <array>
#include <memory>
#include <optional>

#include "api/answers.hpp"
#include "api/live_view.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "io/http/deadline.hpp"
#include "json/json.hpp"
#include "wire/websocket/handshake.hpp"
#include "wire/websocket/session.hpp"

namespace iw::api {
namespace {

constexpr std::uint64_t shortest_interval_ms = 100;
constexpr std::uint64_t longest_interval_ms = 60'000;
constexpr std::uint64_t usual_interval_ms = 250;
constexpr Duration heartbeat = 2s;               // so that a client sees that the stream lives
constexpr Duration give_up_after = 30s;          // on a client that does not take what was written
constexpr std::size_t most_replies = 64 << 10U;  // bytes of pongs that a client lets lie
constexpr std::size_t most_patterns = 200;

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// All views that are open, and what is made once for all of them.
class Views {
 public:
  explicit Views(const Surroundings& on) : control_news_(on.gateway, on.network.executor()) {}

  ControlNews& control_news() { return control_news_; }
  void add(LiveView& view) { views_.push_back(&view); }
  void remove(LiveView& view) { std::erase(views_, &view); }
  void take(const model::SampleBatch& batch) {
    for (LiveView* view : views_)
      view->take(batch);
  }

 private:
  std::vector<LiveView*> views_;
  ControlNews control_news_;
};

// One client: what it sees, how often, and the stream that it is told by.
class Client {
 public:
  Client(const Surroundings& on, Views& views, io::ByteStream& stream)
      : core_(on.network.executor()),
        views_(views),
        stream_(stream),
        deadline_(core_),
        wake_(core_),
        view_(on.gateway, core_, views.control_news()) {
    views_.add(view_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { views_.remove(view_); }

  void subscribe(Patterns patterns, Duration interval, bool control = false) {
    view_.subscribe(std::move(patterns), control);
    interval_ = interval;
    wake_.set();
  }

 protected:
  // When the interval is over, or when woken; false: it is over for good.
  io::Task<bool> wait() {
    const io::Wake why = co_await wake_.wait_until(core_.now() + interval_);
    co_return why != io::Wake::closed;
  }

  // What is new, or a sign of life when nothing was for a while.
  std::vector<std::string> news() {
    std::vector<std::string> messages = view_.news();
    if (!messages.empty()) {
      told_ = core_.now();
    } else if (core_.now() >= told_ + heartbeat) {
      told_ = core_.now();
      const auto time = std::chrono::floor<std::chrono::milliseconds>(core_.clock().wall_now());
      messages.push_back(fmt::format(R"({{"type":"alive","time_ms":{}}})", time.time_since_epoch().count()));
    }
    return messages;
  }

  io::Task<bool> write(std::string text) {
    if (text.empty()) co_return true;
    deadline_.set(stream_, give_up_after);
    const auto written = co_await stream_.write(bytes_of(text));
    deadline_.clear();
    co_return written.has_value();
  }

  io::Executor& core_;
  Views& views_;
  io::ByteStream& stream_;
  io::http::Deadline deadline_;
  io::Signal wake_;
  LiveView view_;
  Duration interval_ = std::chrono::milliseconds(usual_interval_ms);
  Instant told_{};
};

// ---- WebSocket

struct Subscription {
  Patterns patterns;
  Duration interval{};
  bool control = false;
};

// {"subscribe": ["roof/*"], "interval_ms": 1000, "control": true}
Result<Subscription> parse_subscription(const std::string& text) {
  const Json wish = Json::parse(text, nullptr, false);
  const auto wrong = [](std::string message) {
    return fail(ErrorKind::malformed, std::move(message),
                R"(for example {"subscribe": ["*/ActivePower"], "interval_ms": 1000})");
  };
  if (!wish.is_object() || !wish.contains("subscribe") || !wish["subscribe"].is_array())
    return wrong("this is no subscription");
  if (wish["subscribe"].size() > most_patterns)
    return wrong(fmt::format("more than {} patterns", most_patterns));
  std::vector<std::string> patterns;
  for (const Json& pattern : wish["subscribe"]) {
    if (!pattern.is_string()) return wrong("a pattern is no text");
    patterns.push_back(pattern.get<std::string>());
  }
  std::uint64_t interval = usual_interval_ms;
  if (wish.contains("interval_ms")) {
    if (!wish["interval_ms"].is_number_unsigned()) return wrong("interval_ms is no whole number");
    interval = wish["interval_ms"].get<std::uint64_t>();
  }
  if (interval < shortest_interval_ms || interval > longest_interval_ms) {
    return wrong(fmt::format("interval_ms is not from {} to {}", shortest_interval_ms, longest_interval_ms));
  }
  const auto control = wish.find("control");
  if (control != wish.end() && !control->is_boolean()) return wrong("control is neither true nor false");
  // No pattern: no point, but the states of devices and the counts of alarms.
  if (patterns.empty()) patterns.emplace_back();
  return Subscription{.patterns = Patterns(std::move(patterns)),
                      .interval = std::chrono::milliseconds(interval),
                      .control = control != wish.end() && control->get<bool>()};
}

class SocketClient : public Client {
 public:
  using Client::Client;

  io::Task<void> run(std::string first_bytes) {
    io::TaskGroup writing(core_);
    writing.spawn(write_news());
    take(bytes_of(first_bytes));
    std::array<std::byte, 4096> buffer;
    while (!session_.ended()) {
      const auto n = co_await stream_.read_some(buffer);
      if (!n) break;
      take(Bytes(buffer).first(*n));
      if (session_.waiting() > most_replies) break;
    }
    wake_.close();
    if (!session_.ended()) stream_.close();  // what is being written there has no reader any more
    co_await writing.join();
  }

 private:
  void take(Bytes bytes) {
    for (const std::string& text : session_.put(bytes)) {
      auto wish = parse_subscription(text);
      if (wish) {
        subscribe(std::move(wish->patterns), wish->interval, wish->control);
      } else {
        session_.send_text(
            Json{{"type", "error"}, {"detail", wish.error().message}, {"remedy", wish.error().remedy}}
                .dump());
      }
    }
    if (session_.waiting() > 0) wake_.set();
  }

  io::Task<void> write_news() {
    for (bool alive = true; alive;) {
      for (const std::string& message : news())
        session_.send_text(message);
      const bool written = co_await write(session_.take_output());
      alive = written && co_await wait();
    }
    co_await write(session_.take_output());  // the goodbye, if there is one
    stream_.close();
  }

  wire::websocket::Session session_;
};

io::Task<void> serve_socket(Surroundings on, std::shared_ptr<Views> views, io::ByteStream& stream,
                            std::string first_bytes) {
  SocketClient client(on, *views, stream);
  co_await client.run(std::move(first_bytes));
}

// ---- Server-sent events (WHATWG HTML 9.2)

class EventsClient : public Client {
 public:
  using Client::Client;

  // Until the client hangs up, which a read sees, or does not take what it asked for.
  io::Task<void> run() {
    io::TaskGroup writing(core_);
    writing.spawn(write_news());
    std::array<std::byte, 256> buffer;
    for (;;) {
      const auto n = co_await stream_.read_some(buffer);
      if (!n) break;
    }
    wake_.close();
    stream_.close();
    co_await writing.join();
  }

 private:
  io::Task<void> write_news() {
    for (bool alive = true; alive;) {
      std::string text;
      for (const std::string& message : news())
        text += fmt::format("data: {}\n\n", message);
      const bool written = co_await write(std::move(text));
      alive = written && co_await wait();
    }
    stream_.close();
  }
};

io::Task<void> serve_events(Surroundings on, std::shared_ptr<Views> views, Subscription wish,
                            io::ByteStream& stream) {
  EventsClient client(on, *views, stream);
  client.subscribe(std::move(wish.patterns), wish.interval);
  co_await client.run();
}

Result<Subscription> subscription_of(const Target& target) {
  if (auto known = only(target, {"match", "interval_ms"}); !known) return fail(std::move(known).error());
  auto interval =
      number_of(target, "interval_ms", shortest_interval_ms, longest_interval_ms, usual_interval_ms);
  if (!interval) return fail(std::move(interval).error());
  return Subscription{.patterns = Patterns::of(target, "match"),
                      .interval = std::chrono::milliseconds(*interval)};
}

}  // namespace

void add_live(Routes& routes, Surroundings on) {
  const auto views = std::make_shared<Views>(on);  // the bus may outlive the service
  on.gateway.bus().watch([views](const model::SampleBatch& batch) { views->take(batch); });
  routes.get_stream("/api/v1/live", [on, views](const Call& call) -> io::http::Upgrade {
    auto answer = wire::websocket::agree(call.request);
    if (!answer) return {.response = problem(answer.error())};
    return {.response = std::move(*answer), .serve = [on, views](io::ByteStream& stream, std::string first) {
              return serve_socket(on, views, stream, std::move(first));
            }};
  });
  routes.get_stream("/api/v1/live/events", [on, views](const Call& call) -> io::http::Upgrade {
    auto wish = subscription_of(call.target);
    if (!wish) return {.response = problem(wish.error())};
    return {.response = {.status = Status::ok,
                         .headers = {{"Content-Type", "text/event-stream"},
                                     {"Cache-Control", "no-store"},
                                     {"Connection", "close"}},
                         .body = {}},
            .serve = [on, views, wish = *wish](io::ByteStream& stream, const std::string& /*first*/) {
              return serve_events(on, views, wish, stream);
            }};
  });
}

}  // namespace iw::api

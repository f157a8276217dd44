#include "io/posix/resolver.hpp"

#include <cstring>
#include <deque>
#include <mutex>

#include <netdb.h>
#include <netinet/in.h>

#include "io/posix/thread.hpp"
#include "io/signal.hpp"

namespace iw::io::posix {

struct Resolver::Lookup {
  Lookup(Executor& executor, std::string name) : host(std::move(name)), done(executor) {}

  const std::string host;
  Signal done;  // on the loop, as is everything below
  int error = 0;
  std::vector<Address> addresses;
};

namespace {

// getaddrinfo, with its answer as values.
int look_up(const std::string& host, std::vector<Address>& addresses) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return error;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    Address& address = addresses.emplace_back();
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    address.size = one->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses.empty() ? EAI_NONAME : 0;
}

void set_port(Address& address, std::uint16_t port) {
  // The port stands at the same place in both families.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
}

}  // namespace

class Resolver::Workers : public std::enable_shared_from_this<Workers> {
 public:
  explicit Workers(Executor& executor) : executor_(&executor) {}

  void add(std::shared_ptr<Lookup> lookup) {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(lookup));
    if (threads_ == most_threads) return;
    ++threads_;
    start_thread("iw-resolve", [self = shared_from_this()] { self->work(); }).detach();
  }

  // From now on no answer is delivered.
  void abandon() {
    const std::scoped_lock lock(mutex_);
    executor_ = nullptr;
    waiting_.clear();
  }

 private:
  static constexpr unsigned most_threads = 8;

  void work() {
    while (std::shared_ptr<Lookup> lookup = take()) {
      std::vector<Address> addresses;
      const int error = look_up(lookup->host, addresses);
      const std::scoped_lock lock(mutex_);
      if (executor_ == nullptr) continue;
      // The lookup goes back whole: it belongs to the loop, and may have no other owner any more.
      executor_->post([lookup = std::move(lookup), error, addresses = std::move(addresses)]() mutable {
        lookup->error = error;
        lookup->addresses = std::move(addresses);
        lookup->done.set();
      });
    }
  }

  std::shared_ptr<Lookup> take() {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) {
      --threads_;
      return nullptr;
    }
    std::shared_ptr<Lookup> lookup = std::move(waiting_.front());
    waiting_.pop_front();
    return lookup;
  }

  std::mutex mutex_;
  Executor* executor_;
  std::deque<std::shared_ptr<Lookup>> waiting_;
  unsigned threads_ = 0;
};

Resolver::Resolver(Executor& executor) : executor_(executor), workers_(std::make_shared<Workers>(executor)) {}

Resolver::~Resolver() { workers_->abandon(); }

Task<Result<std::vector<Address>>> Resolver::resolve(Endpoint endpoint, Instant deadline) {
  if (auto address = parse_address(endpoint.host, endpoint.port)) co_return std::vector{*address};
  auto lookup = std::make_shared<Lookup>(executor_, endpoint.host);
  workers_->add(lookup);
  const Wake wake = co_await lookup->done.wait_until(deadline);
  if (wake == Wake::deadline) {
    co_return fail(ErrorKind::timeout, fmt::format("the name {} was not resolved in time", endpoint.host),
                   "is the name server reachable? see resolvectl query, or use the address of the device");
  }
  if (lookup->error != 0) {
    co_return fail(ErrorKind::unreachable,
                   fmt::format("the name {} has no address: {}", endpoint.host, gai_strerror(lookup->error)),
                   "is the name spelled right? an address works without a name server");
  }
  for (Address& address : lookup->addresses)
    set_port(address, endpoint.port);
  co_return std::move(lookup->addresses);
}

}  // namespace iw::io::posix

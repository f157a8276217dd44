// The references: the least that BACnet/IP over UDP can cost. Frames are put together and taken apart by
// their offsets, nothing is checked but the length and the invoke id.
//
//   bench_bacnet_raw --first-port P --devices N --in-flight W --registers V --seconds S
//       asks N devices, each W questions at once: ReadProperty (V 1) or ReadPropertyMultiple of V values;
//       prints JSON
//   bench_bacnet_raw answer PORT
//       answers every ReadProperty with 1.0, until it is killed
//   bench_bacnet_raw storm PORT RATE SECONDS
//       sends so many Who-Is a second from twenty addresses; prints as JSON how many, and how many I-Am came

#include <array>
#include <chrono>
#include <cstring>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Frame = std::vector<unsigned char>;

constexpr std::size_t invoke_at = 8;  // of a request: BVLC 4, NPDU 2, type, sizes
constexpr std::size_t ack_invoke_at = 7;
constexpr auto lost_after = std::chrono::milliseconds(200);

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

int udp_socket() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int size = 4 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return fd;
}

void append(Frame& frame, std::initializer_list<unsigned> bytes) {
  for (const unsigned byte : bytes)
    frame.push_back(static_cast<unsigned char>(byte));
}

// Analog-input 1, present-value; or of inputs 1 to V.
Frame request(int values) {
  Frame frame{0x81, 0x0A, 0, 0, 0x01, 0x04, 0x02, 0x75, 0};
  if (values == 1) {
    append(frame, {12, 0x0C, 0, 0, 0, 1, 0x19, 85});
  } else {
    append(frame, {14});
    for (int i = 1; i <= values; ++i)
      append(frame, {0x0C, 0, 0, static_cast<unsigned>(i >> 8), static_cast<unsigned>(i & 0xFF), 0x1E, 0x09,
                     85, 0x1F});
  }
  frame[2] = static_cast<unsigned char>(frame.size() >> 8);
  frame[3] = static_cast<unsigned char>(frame.size());
  return frame;
}

int answer(std::uint16_t port) {
  const int fd = udp_socket();
  const sockaddr_in here = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) return 1;
  std::puts("READY");
  std::fflush(stdout);
  Frame reply{0x81, 0x0A, 0,    0x17, 0x01, 0x00, 0x30, 0,    12,   0x0C, 0,   0,
              0,    1,    0x19, 85,   0x3E, 0x44, 0x3F, 0x80, 0x00, 0x00, 0x3F};
  std::array<unsigned char, 2048> in{};
  for (;;) {
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const ssize_t n = recvfrom(fd, in.data(), in.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (n < 17) continue;
    reply[ack_invoke_at] = in[invoke_at];
    sendto(fd, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&from), length);
  }
}

int storm(std::uint16_t port, int rate, double seconds) {
  std::vector<int> askers;
  for (std::uint32_t i = 0; i < 20; ++i) {
    const int fd = udp_socket();
    sockaddr_in here = loopback(0);
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + i);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) return 1;
    askers.push_back(fd);
  }
  const Frame who_is{0x81, 0x0A, 0, 8, 0x01, 0x00, 0x10, 0x08};
  const sockaddr_in there = loopback(port);
  const auto begin = Clock::now();
  std::uint64_t sent = 0;
  std::uint64_t answers = 0;
  std::array<unsigned char, 2048> in{};
  for (double at = 0; at < seconds; at = std::chrono::duration<double>(Clock::now() - begin).count()) {
    for (; static_cast<double>(sent) < at * rate; ++sent)
      sendto(askers[sent % askers.size()], who_is.data(), who_is.size(), 0,
             reinterpret_cast<const sockaddr*>(&there), sizeof there);
    for (const int fd : askers)
      while (recv(fd, in.data(), in.size(), MSG_DONTWAIT) > 0)
        ++answers;
    poll(nullptr, 0, 1);
  }
  std::printf("%s\n", nlohmann::ordered_json{{"sent_per_s", static_cast<double>(sent) / seconds},
                                             {"i_am_per_s", static_cast<double>(answers) / seconds}}
                          .dump()
                          .c_str());
  return 0;
}

struct Peer {
  sockaddr_in at{};
  std::array<Clock::time_point, 256> sent{};  // by invoke id; zero: free
  unsigned char next = 0;
};

void ask(int fd, Peer& peer, Frame& frame, Clock::time_point now) {
  while (peer.sent[peer.next] != Clock::time_point{})
    ++peer.next;
  frame[invoke_at] = peer.next;
  peer.sent[peer.next++] = now;
  sendto(fd, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&peer.at), sizeof peer.at);
}

int requester(const iw::bench::Options& options) {
  const int fd = udp_socket();
  Frame frame = request(options.registers);
  std::vector<Peer> peers(options.devices);
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < peers.size(); ++i) {
    peers[i].at = loopback(static_cast<std::uint16_t>(options.first_port + i));
    for (int k = 0; k < options.in_flight; ++k)
      ask(fd, peers[i], frame, begin);
  }
  iw::bench::Measured measured;
  std::uint64_t lost = 0;
  const auto warm = begin + std::chrono::milliseconds(500);
  const auto end =
      warm + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  auto look = begin + lost_after;
  double cpu = 0;
  bool counting = false;
  std::array<unsigned char, 2048> in{};
  for (auto now = begin; now < end; now = Clock::now()) {
    if (!counting && now >= warm) {
      counting = true;
      measured.requests = 0;
      measured.gaps_ms.clear();
      cpu = iw::bench::cpu_seconds();
    }
    if (now >= look) {
      look = now + lost_after;
      for (Peer& peer : peers) {
        for (auto& sent : peer.sent) {
          if (sent == Clock::time_point{} || now - sent < lost_after) continue;
          sent = {};
          ++lost;
          ask(fd, peer, frame, now);
        }
      }
    }
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    sockaddr_in from{};
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(fd, in.data(), in.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &length);
    if (n < 0) {
      poll(&waiting, 1, 50);
      continue;
    }
    const std::size_t index = static_cast<std::size_t>(ntohs(from.sin_port) - options.first_port);
    if (n < 10 || index >= peers.size() || (in[6] >> 4) != 3) std::abort();
    Peer& peer = peers[index];
    auto& sent = peer.sent[in[ack_invoke_at]];
    if (sent == Clock::time_point{}) continue;  // it was given up
    if (measured.requests % 16 == 0)
      measured.gaps_ms.push_back(std::chrono::duration<float, std::milli>(now - sent).count());
    sent = {};
    ++measured.requests;
    ask(fd, peer, frame, now);
  }
  measured.cpu_s = iw::bench::cpu_seconds() - cpu;
  measured.wall_s = options.seconds;
  nlohmann::ordered_json report = iw::bench::to_json(options, measured);
  report["lost"] = lost;
  report["cpu_us_per_request"] =
      1e6 * measured.cpu_s / static_cast<double>(std::max<std::uint64_t>(measured.requests, 1));
  std::printf("%s\n", report.dump().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "answer")
    return answer(static_cast<std::uint16_t>(std::atoi(argv[2])));
  if (argc == 5 && std::string(argv[1]) == "storm")
    return storm(static_cast<std::uint16_t>(std::atoi(argv[2])), std::atoi(argv[3]), std::atof(argv[4]));
  return requester(iw::bench::parse(argc, argv));
}

#include "io/posix/serial_port.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

// The kernel's own termios2, which knows any baud rate; <termios.h> of the C library excludes it.
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "io/posix/descriptor_stream.hpp"
#include "io/posix/errors.hpp"

namespace iw::io::posix {
namespace {

class SerialPort final : public DescriptorStream {
 public:
  SerialPort(EpollLoop& loop, Descriptor descriptor, std::string device)
      : DescriptorStream(loop, std::move(descriptor), std::move(device), false) {}

 protected:
  ssize_t receive(int descriptor, MutableBytes into) override {
    return ::read(descriptor, into.data(), into.size());
  }
  ssize_t send(int descriptor, Bytes bytes) override {
    return ::write(descriptor, bytes.data(), bytes.size());
  }
  [[nodiscard]] Error failure(int error) const override {
    if (error == 0 || error == EIO || error == ENXIO || error == ENODEV) {
      return {ErrorKind::closed, fmt::format("the serial port {} went away", peer()),
              "is the adapter still plugged in?"};
    }
    return system_error(peer(), error);
  }
};

// The speed as the C library and every tty driver write it; BOTHER, a free number, where there is no name.
tcflag_t baud_flag(std::uint32_t baud) {
  struct Named {
    std::uint32_t baud;
    tcflag_t flag;
  };
  static constexpr std::array<Named, 18> named{{{300, B300},
                                                {600, B600},
                                                {1200, B1200},
                                                {1800, B1800},
                                                {2400, B2400},
                                                {4800, B4800},
                                                {9600, B9600},
                                                {19200, B19200},
                                                {38400, B38400},
                                                {57600, B57600},
                                                {115200, B115200},
                                                {230400, B230400},
                                                {460800, B460800},
                                                {500000, B500000},
                                                {576000, B576000},
                                                {921600, B921600},
                                                {1000000, B1000000},
                                                {2000000, B2000000}}};
  for (const Named& one : named) {
    if (one.baud == baud) return one.flag;
  }
  return BOTHER;
}

tcflag_t size_flag(std::uint8_t data_bits) {
  switch (data_bits) {
    case 5: return CS5;
    case 6: return CS6;
    case 7: return CS7;
    default: return CS8;
  }
}

termios2 raw(termios2 mode, const SerialSettings& settings) {
  mode.c_iflag = IGNBRK;
  mode.c_oflag = 0;
  mode.c_lflag = 0;
  mode.c_cflag = CREAD | CLOCAL | size_flag(settings.data_bits) | baud_flag(settings.baud);
  if (settings.stop_bits == 2) mode.c_cflag |= CSTOPB;
  if (settings.parity != Parity::none) {
    mode.c_cflag |= PARENB;
    mode.c_iflag |= INPCK;  // a character with wrong parity becomes 0, and so a checksum error
  }
  if (settings.parity == Parity::odd) mode.c_cflag |= PARODD;
  mode.c_ispeed = settings.baud;
  mode.c_ospeed = settings.baud;
  mode.c_cc[VMIN] = 1;  // with 0, "nothing there" would look like the end of the stream
  mode.c_cc[VTIME] = 0;
  return mode;
}

// " (process 1234, mbpoll)" if /proc/locks tells who holds the flock; else nothing.
std::string holder_of(const std::string& device) {
  struct stat status{};
  if (stat(device.c_str(), &status) != 0) return {};
  const std::string file =
      fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    // 1: FLOCK  ADVISORY  WRITE 1234 00:05:678 0 EOF
    std::istringstream words(line);
    std::string number;
    std::string kind;
    std::string manner;
    std::string access;
    std::string pid;
    std::string locked;
    words >> number >> kind >> manner >> access >> pid >> locked;
    if (kind != "FLOCK" || locked != file) continue;
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", pid)), name);
    return name.empty() ? fmt::format(" (process {})", pid) : fmt::format(" (process {}, {})", pid, name);
  }
  return {};
}

Error open_error(const std::string& device, int error) {
  switch (error) {
    case ENOENT:
    case ENXIO:
    case ENODEV:
    case ENOTDIR:
      return {ErrorKind::unreachable, fmt::format("there is no serial port {}", device),
              "is the adapter plugged in? see ls /dev/serial/by-id"};
    case EACCES:
    case EPERM:
      return {ErrorKind::denied, fmt::format("no permission to open {}", device),
              "add the user that runs this program to the group of the port: usermod -aG dialout <user>"};
    case EBUSY:
    case EWOULDBLOCK:
      return {ErrorKind::busy, fmt::format("another program uses {}{}", device, holder_of(device)),
              "a bus has one master: stop the other program"};
    case EINVAL:
      return {ErrorKind::invalid_argument, fmt::format("{} does not take these settings", device),
              "check baud rate, data bits, parity and stop bits against what the adapter can do"};
    case ENOTTY:
      return {ErrorKind::invalid_argument, fmt::format("{} is no serial port", device),
              "see ls /dev/serial/by-id"};
    default: return system_error(fmt::format("can not open {}", device), error);
  }
}

Result<void> check(const SerialSettings& settings) {
  if (settings.baud > 0 && settings.data_bits >= 5 && settings.data_bits <= 8 && settings.stop_bits >= 1 &&
      settings.stop_bits <= 2) {
    return {};
  }
  return fail(ErrorKind::invalid_argument,
              fmt::format("{}: {} baud with {} data and {} stop bits does not exist", settings.device,
                          settings.baud, settings.data_bits, settings.stop_bits),
              "data bits are 5 to 8, stop bits 1 or 2; 9600 baud 8N1 and 8E1 are the usual ones");
}

void drive_rs485(int descriptor, const std::string& device, Log* log) {
  serial_rs485 mode{};
  mode.flags = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND;
  if (ioctl(descriptor, TIOCSRS485, &mode) == 0 || log == nullptr) return;
  log->warning(
      "{} has no RS-485 mode of its own: used as a plain port, which is right for adapters that switch by "
      "themselves",
      device);
}

// Without it some drivers hold back what they receive for 16 ms. Best effort.
void lower_latency(int descriptor) {
  serial_struct mode{};
  if (ioctl(descriptor, TIOCGSERIAL, &mode) != 0) return;
  mode.flags |= ASYNC_LOW_LATENCY;
  ioctl(descriptor, TIOCSSERIAL, &mode);
}

}  // namespace

Result<StreamPtr> open_serial_port(EpollLoop& loop, const SerialSettings& settings, Log* log) {
  if (auto valid = check(settings); !valid) return fail(std::move(valid).error());
  const std::string& device = settings.device;
  Descriptor descriptor(open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!descriptor.open()) return fail(open_error(device, errno));
  const int fd = descriptor.number();
  termios2 mode{};
  if (ioctl(fd, TCGETS2, &mode) != 0) return fail(open_error(device, errno));
  // TIOCEXCL does not stop root, flock stops only those who ask: both.
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return fail(open_error(device, errno));
  ioctl(fd, TIOCEXCL);
  mode = raw(mode, settings);
  if (ioctl(fd, TCSETS2, &mode) != 0) return fail(open_error(device, errno));
  if (settings.rs485) drive_rs485(fd, device, log);
  lower_latency(fd);
  ioctl(fd, TCFLSH, TCIOFLUSH);
  return std::make_unique<SerialPort>(loop, std::move(descriptor), device);
}

}  // namespace iw::io::posix

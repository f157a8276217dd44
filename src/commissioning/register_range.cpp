#include "commissioning/register_range.hpp"

#include <algorithm>

#include "protocols/modbus/verified_write.hpp"

namespace iw::commissioning {
namespace {

struct Piece {
  std::size_t first = 0;  // from the begin of the range
  std::size_t count = 0;
};

std::optional<modbus::ExceptionCode> exception_of(Bytes pdu) {
  if (pdu.size() != 2 || (std::to_integer<unsigned>(pdu[0]) & modbus::exception_flag) == 0)
    return std::nullopt;
  return static_cast<modbus::ExceptionCode>(pdu[1]);
}

}  // namespace

std::size_t RegisterRange::found() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(registers, [](const auto& r) { return r.has_value(); }));
}

io::Task<RegisterRange> read_range(modbus::UnitAccess& unit, modbus::Table table, AddressRange range,
                                   std::function<void(std::size_t)> progress) {
  using modbus::ExceptionCode;
  constexpr int most_silences = 2;  // in a row
  const bool bits = is_bit_table(table);
  RegisterRange result{.range = range, .registers = std::vector<std::optional<std::uint16_t>>(range.count())};
  std::size_t most = bits ? modbus::max_read_bits : modbus::max_read_registers;
  int silences = 0;
  std::vector<Piece> left{{.first = 0, .count = range.count()}};  // the next one last
  while (!left.empty()) {
    Piece piece = left.back();
    left.pop_back();
    if (piece.count > most) {
      left.push_back({.first = piece.first + most, .count = piece.count - most});
      piece.count = most;
    }
    const auto address = static_cast<std::uint16_t>(range.first + piece.first);
    const auto count = static_cast<std::uint16_t>(piece.count);
    modbus::Request request = modbus::ReadRegisters{.table = table, .address = address, .count = count};
    if (bits) request = modbus::ReadBits{.table = table, .address = address, .count = count};
    ++result.requests;
    const auto reply = co_await unit.ask(request);
    if (!reply) {
      if (reply.error().kind == ErrorKind::timeout && ++silences < most_silences) {
        left.push_back(piece);
        continue;
      }
      result.error = reply.error();
      break;
    }
    silences = 0;
    if (const auto exception = exception_of(reply->bytes())) {
      if (*exception != ExceptionCode::illegal_data_address &&
          *exception != ExceptionCode::illegal_data_value) {
        result.error = modbus::to_error(*exception);
        break;
      }
      const std::size_t half = piece.count / 2;
      if (*exception == ExceptionCode::illegal_data_value && half > 0)
        most = std::min(most, piece.count - half);
      if (half > 0) {
        left.push_back({.first = piece.first + half, .count = piece.count - half});
        left.push_back({.first = piece.first, .count = half});
      }
    } else {
      const auto words = modbus::words_of(request, reply->bytes());
      if (!words) {
        result.error = words.error();
        break;
      }
      std::ranges::copy(*words, result.registers.begin() + static_cast<std::ptrdiff_t>(piece.first));
    }
    if (progress) progress(left.empty() ? range.count() : left.back().first);
  }
  co_return result;
}

}  // namespace iw::commissioning

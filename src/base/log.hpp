// Log: where messages for people go. Rooms receive a Log&; the program decides what becomes of it.
//
// log.info("line {}: connected", name) formats only when somebody listens at that level. Thread safety is the
// sink's.
#pragma once

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace iw {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

std::string_view to_string(LogLevel level);

class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  [[nodiscard]] bool listens(LogLevel level) const { return level >= threshold_; }
  void set_threshold(LogLevel level) { threshold_ = level; }

  template <class... Args>
  void debug(fmt::format_string<Args...> text, Args&&... args) {
    put(LogLevel::debug, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> text, Args&&... args) {
    put(LogLevel::info, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> text, Args&&... args) {
    put(LogLevel::warning, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> text, Args&&... args) {
    put(LogLevel::error, text, std::forward<Args>(args)...);
  }

 protected:
  virtual void write(LogLevel level, std::string_view message) = 0;

 private:
  template <class... Args>
  void put(LogLevel level, fmt::format_string<Args...> text, Args&&... args) {
    if (listens(level)) write(level, fmt::format(text, std::forward<Args>(args)...));
  }

  LogLevel threshold_ = LogLevel::info;
};

// A Log that nobody reads.
class NullLog final : public Log {
 protected:
  void write(LogLevel /*level*/, std::string_view /*message*/) override {}
};

}  // namespace iw

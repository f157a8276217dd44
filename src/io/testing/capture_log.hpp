// CaptureLog: keeps what was logged, for asserts: "warning: line 3: no answer".
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace iw::io::testing {

class CaptureLog final : public Log {
 public:
  CaptureLog() { set_threshold(LogLevel::debug); }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  [[nodiscard]] std::size_t count(std::string_view part) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(lines_, [&](const std::string& line) { return line.contains(part); }));
  }
  [[nodiscard]] bool has(std::string_view part) const { return count(part) > 0; }
  void clear() { lines_.clear(); }

 protected:
  void write(LogLevel level, std::string_view message) override {
    lines_.push_back(fmt::format("{}: {}", to_string(level), message));
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace iw::io::testing

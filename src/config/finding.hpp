// Finding: what is wrong with a file, where exactly, and what to do about it. Everything that reads a file
// collects findings rather than stopping at the first, so that one look shows all.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace iw::config {

enum class Severity : std::uint8_t { error, warning };

// Lines and columns count from 1; 0: the file as a whole.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  std::string key = {};  // "devices[3].unit"; empty at the top

  friend bool operator==(const Place&, const Place&) = default;
};

struct Finding {
  Severity severity = Severity::error;
  std::string file;
  int line = 0;
  int column = 0;
  std::string key;
  std::string message;
  std::string remedy = {};

  friend bool operator==(const Finding&, const Finding&) = default;
};

// "interwatt.yaml:12:7: devices[3].unit: 300 is out of range, allowed are 1 to 247"
std::string to_string(const Finding& finding);

class Findings {
 public:
  void error(Place place, std::string message, std::string remedy = {});
  void warning(Place place, std::string message, std::string remedy = {});
  void add(Finding finding) { all_.push_back(std::move(finding)); }
  void add(const Findings& others) { all_.insert(all_.end(), others.all_.begin(), others.all_.end()); }

  // By file, line and column; what was found at one place stays as it was found.
  void sort();

  [[nodiscard]] bool ok() const { return errors() == 0; }  // warnings are ok
  [[nodiscard]] std::size_t errors() const;
  [[nodiscard]] bool empty() const { return all_.empty(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }
  [[nodiscard]] const Finding& operator[](std::size_t i) const { return all_[i]; }

 private:
  std::vector<Finding> all_;
};

std::string to_string(const Findings& findings);  // one line each

// For a caller that can only say one thing: the errors, a line each. Only when there are some.
Error to_error(const Findings& findings);

}  // namespace iw::config

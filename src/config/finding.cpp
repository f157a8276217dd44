#include "config/finding.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

namespace iw::config {

std::string to_string(const Finding& finding) {
  std::string out = finding.file;
  if (finding.line > 0) out += fmt::format(":{}", finding.line);
  if (finding.column > 0) out += fmt::format(":{}", finding.column);
  out += ": ";
  if (finding.severity == Severity::warning) out += "warning: ";
  if (!finding.key.empty()) out += finding.key + ": ";
  out += finding.message;
  if (!finding.remedy.empty()) out += "; " + finding.remedy;
  return out;
}

void Findings::error(Place place, std::string message, std::string remedy) {
  add({Severity::error, std::move(place.file), place.line, place.column, std::move(place.key),
       std::move(message), std::move(remedy)});
}

void Findings::warning(Place place, std::string message, std::string remedy) {
  add({Severity::warning, std::move(place.file), place.line, place.column, std::move(place.key),
       std::move(message), std::move(remedy)});
}

void Findings::sort() {
  std::multimap<std::tuple<std::string, int, int>, Finding> sorted;
  for (Finding& finding : all_) {
    auto place = std::tuple(finding.file, finding.line, finding.column);
    sorted.emplace(std::move(place), std::move(finding));
  }
  all_.clear();
  for (auto& [place, finding] : sorted)
    all_.push_back(std::move(finding));
}

std::size_t Findings::errors() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(all_, [](const Finding& f) { return f.severity == Severity::error; }));
}

std::string to_string(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings)
    out += to_string(finding) + "\n";
  return out;
}

Error to_error(const Findings& findings) {
  std::string message;
  for (const Finding& finding : findings) {
    if (finding.severity != Severity::error) continue;
    if (!message.empty()) message += '\n';
    message += to_string(finding);
  }
  return {.kind = ErrorKind::invalid_argument, .message = std::move(message)};
}

}  // namespace iw::config

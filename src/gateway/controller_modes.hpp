// ControllerModes: the controllers that somebody switched to another mode than the configuration gives them.
// It holds over restarts, until the configuration gives that controller another mode than it gave when it was
// switched: the newest word counts.
//
// Pure, for one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/controllers/registry.hpp"

namespace iw::gateway {

struct SwitchedMode {
  std::string controller;
  control::Mode configured{};  // at that time
  control::Mode mode{};
  std::string by;
  std::string reason;
  WallTime at;

  friend bool operator==(const SwitchedMode&, const SwitchedMode&) = default;
};

class ControllerModes {
 public:
  // What text() gave; an empty text: nobody switched anything.
  static Result<ControllerModes> read(std::string_view text);
  [[nodiscard]] std::string text() const;

  [[nodiscard]] control::Mode of(const control::ControllerSection& section) const;
  // None: it is as configured.
  [[nodiscard]] const SwitchedMode* find(std::string_view controller) const;
  // Back to the configured mode is no switch: it is forgotten.
  void put(SwitchedMode switched);
  // Forgets what a new configuration overrules; gives it.
  std::vector<SwitchedMode> forget(std::span<const control::ControllerSection> sections);

 private:
  std::vector<SwitchedMode> switched_;
};

}  // namespace iw::gateway

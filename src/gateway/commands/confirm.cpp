#include "gateway/commands/confirm.hpp"

#include <iostream>

#include <unistd.h>

namespace iw::gateway {

bool can_ask() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

bool confirm(Console& console, const std::string& question) {
  console.note(question + " [y/N]");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace iw::gateway

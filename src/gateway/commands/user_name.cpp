#include "gateway/commands/user_name.hpp"

#include <cstdlib>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace iw::gateway {

std::string user_name() {
  const uid_t user = geteuid();
  if (const char* caller = std::getenv("SUDO_USER"); user == 0 && caller != nullptr && *caller != '\0')
    return caller;
  const passwd* entry = getpwuid(user);
  return entry != nullptr ? entry->pw_name : fmt::format("user {}", user);
}

}  // namespace iw::gateway

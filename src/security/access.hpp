// Access: who may use the gateway: people with a password, programs with a token, and the role of each. A
// plain value, and its file access.json (mode 0600), in which no secret can be read: only hashes are kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "io/files.hpp"
#include "io/random.hpp"

namespace iw::security {

// Each may do what those before it may.
enum class Role : std::uint8_t {
  viewer,    // see everything that is no secret
  operate,   // acknowledge, command
  engineer,  // devices and configuration
  admin,     // users and tokens
};

std::string_view to_string(Role role);  // "viewer", "operator", "engineer", "admin"
Result<Role> parse_role(std::string_view text);

struct User {
  std::string name;
  Role role = Role::viewer;
  std::string password;  // as hash_password() gives it

  friend bool operator==(const User&, const User&) = default;
};

struct Token {
  std::string name;  // what it is for
  Role role = Role::viewer;
  std::string sha256;  // of the token
  WallTime expires;

  friend bool operator==(const Token&, const Token&) = default;
};

// 1 to 64 letters, digits, '.', '-', '_', '@'.
Result<void> check_name(std::string_view name);

class Access {
 public:
  // Empty when there is no file. Denied: others can read it. Malformed: it is no such file.
  static Result<Access> load(io::Files& files, const std::string& data_folder);
  Result<void> save(io::Files& files, const std::string& data_folder) const;

  [[nodiscard]] const std::vector<User>& users() const { return users_; }
  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
  [[nodiscard]] const User* user(std::string_view name) const;
  // Of one that has not expired.
  [[nodiscard]] const Token* token(std::string_view secret, WallTime now) const;

  // A user, or a token, of that name takes the place of one before.
  void put(User user);
  void put(Token token);
  // Refused: there is none, or it is the last admin.
  Result<void> set_role(std::string_view name, Role role);
  Result<void> remove_user(std::string_view name);
  Result<void> remove_token(std::string_view name);

  friend bool operator==(const Access&, const Access&) = default;

 private:
  [[nodiscard]] bool is_last_admin(const User& user) const;

  std::vector<User> users_;
  std::vector<Token> tokens_;
};

// A token as it is given out, once, and as it is kept.
struct NewToken {
  std::string secret;
  Token token;
};
NewToken new_token(std::string name, Role role, WallTime expires, io::Random& random);

// What a token begins with, so that it is known where it is found.
constexpr std::string_view token_prefix = "iw_";

std::string access_path(const std::string& data_folder);

}  // namespace iw::security

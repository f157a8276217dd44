#include "security/access.hpp"

#include <algorithm>
#include <array>

#include "base/nearest.hpp"
#include "json/json.hpp"
#include "security/password.hpp"

namespace iw::security {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> role_words{"viewer", "operator", "engineer", "admin"};
constexpr std::size_t longest_name = 64;

std::int64_t seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Json to_json(const User& user) {
  return {{"name", user.name}, {"role", to_string(user.role)}, {"password", user.password}};
}

Json to_json(const Token& token) {
  return {{"name", token.name},
          {"role", to_string(token.role)},
          {"sha256", token.sha256},
          {"expires", seconds(token.expires)}};
}

Unexpected no_access_file() {
  return fail(ErrorKind::malformed, "this is no file of users and tokens",
              "restore it from a backup; without it the first start is made again");
}

}  // namespace

std::string_view to_string(Role role) { return role_words.at(static_cast<std::size_t>(role)); }

Result<Role> parse_role(std::string_view text) {
  const auto* found = std::ranges::find(role_words, text);
  if (found != role_words.end()) return static_cast<Role>(found - role_words.begin());
  return fail(ErrorKind::invalid_argument,
              fmt::format("'{}' is no role{}", text, suggestion(text, role_words)));
}

Result<void> check_name(std::string_view name) {
  const bool right = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '@';
  });
  if (right && !name.empty() && name.size() <= longest_name) return {};
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no name", name),
              "1 to 64 letters, digits, '.', '-', '_' or '@'");
}

NewToken new_token(std::string name, Role role, WallTime expires, io::Random& random) {
  NewToken made{.secret = std::string(token_prefix) + random_secret(32, random),
                .token = {.name = std::move(name), .role = role, .sha256 = {}, .expires = expires}};
  made.token.sha256 = sha256_hex(made.secret);
  return made;
}

std::string access_path(const std::string& data_folder) { return data_folder + "/access.json"; }

Result<Access> Access::load(io::Files& files, const std::string& data_folder) {
  const auto text = files.read_secret(access_path(data_folder));
  if (!text && text.error().kind == ErrorKind::not_found) return Access{};
  if (!text) return fail(text.error());
  const Json document = Json::parse(*text, nullptr, false);
  Access access;
  try {
    for (const Json& user : document.at("users")) {
      auto role = parse_role(user.at("role").get<std::string>());
      if (!role) return no_access_file();
      access.users_.push_back({.name = user.at("name"), .role = *role, .password = user.at("password")});
    }
    for (const Json& token : document.at("tokens")) {
      auto role = parse_role(token.at("role").get<std::string>());
      if (!role) return no_access_file();
      access.tokens_.push_back(
          {.name = token.at("name"),
           .role = *role,
           .sha256 = token.at("sha256"),
           .expires = WallTime(std::chrono::seconds(token.at("expires").get<std::int64_t>()))});
    }
  } catch (const Json::exception&) {
    return no_access_file();
  }
  return access;
}

Result<void> Access::save(io::Files& files, const std::string& data_folder) const {
  Json document{{"users", Json::array()}, {"tokens", Json::array()}};
  for (const User& one : users_)
    document["users"].push_back(to_json(one));
  for (const Token& one : tokens_)
    document["tokens"].push_back(to_json(one));
  if (auto made = files.make_folder(data_folder); !made) return fail(std::move(made).error());
  return files.replace(access_path(data_folder), document.dump(2) + "\n", 0600);
}

const User* Access::user(std::string_view name) const {
  const auto found = std::ranges::find(users_, name, &User::name);
  return found != users_.end() ? &*found : nullptr;
}

const Token* Access::token(std::string_view secret, WallTime now) const {
  if (!secret.starts_with(token_prefix)) return nullptr;
  const std::string hash = sha256_hex(secret);
  const auto found = std::ranges::find_if(
      tokens_, [&](const Token& one) { return same_secret(one.sha256, hash) && now < one.expires; });
  return found != tokens_.end() ? &*found : nullptr;
}

void Access::put(User user) {
  std::erase_if(users_, [&](const User& old) { return old.name == user.name; });
  users_.push_back(std::move(user));
}

void Access::put(Token token) {
  std::erase_if(tokens_, [&](const Token& old) { return old.name == token.name; });
  tokens_.push_back(std::move(token));
}

bool Access::is_last_admin(const User& user) const {
  return user.role == Role::admin && std::ranges::count(users_, Role::admin, &User::role) == 1;
}

Result<void> Access::set_role(std::string_view name, Role role) {
  const auto found = std::ranges::find(users_, name, &User::name);
  if (found == users_.end()) return fail(ErrorKind::not_found, fmt::format("there is no user '{}'", name));
  if (role != Role::admin && is_last_admin(*found)) {
    return fail(ErrorKind::rejected, fmt::format("{} is the last admin", name),
                "make somebody else an admin first");
  }
  found->role = role;
  return {};
}

Result<void> Access::remove_user(std::string_view name) {
  const auto found = std::ranges::find(users_, name, &User::name);
  if (found == users_.end()) return fail(ErrorKind::not_found, fmt::format("there is no user '{}'", name));
  if (is_last_admin(*found)) {
    return fail(ErrorKind::rejected, fmt::format("{} is the last admin", name),
                "make somebody else an admin first");
  }
  users_.erase(found);
  return {};
}

Result<void> Access::remove_token(std::string_view name) {
  if (std::erase_if(tokens_, [&](const Token& one) { return one.name == name; }) > 0) return {};
  return fail(ErrorKind::not_found, fmt::format("there is no token '{}'", name));
}

}  // namespace iw::security

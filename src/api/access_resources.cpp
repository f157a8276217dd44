// Who is there and who may come: the first password, sessions, users, tokens.

#include "api/body.hpp"
#include "api/gatekeeper.hpp"
#include "api/resources.hpp"
#include "gateway/live_json.hpp"
#include "json/json.hpp"
#include "security/password.hpp"

namespace iw::api {
namespace {

using security::Access;
using security::Role;
using security::Token;
using security::User;

constexpr std::int64_t longest_token_days = 366;
constexpr std::int64_t usual_token_days = 90;

security::AuditEntry entry(Gatekeeper& gate, const Call& call, std::string action, std::string subject,
                           std::string detail) {
  const auto who = gate.who(call);
  return {.time = gate.wall_now(),
          .actor = who ? who->name : "",
          .action = std::move(action),
          .subject = std::move(subject),
          .outcome = "accepted",
          .detail = std::move(detail)};
}

struct Credentials {
  std::string name;
  std::string password;
};

Result<Credentials> credentials_of(const Json& body) {
  auto name = text_field(body, "name");
  if (!name) return fail(std::move(name).error());
  auto password = text_field(body, "password");
  if (!password) return fail(std::move(password).error());
  return Credentials{.name = std::move(*name), .password = std::move(*password)};
}

io::Task<Response> set_up(Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"code", "name", "password"}, body)) co_return *refusal;
  const auto code = text_field(body, "code");
  if (!code) co_return problem(code.error());
  const auto credentials = credentials_of(body);
  if (!credentials) co_return problem(credentials.error());
  if (auto right = security::check_name(credentials->name); !right) co_return problem(right.error());
  if (auto strong = security::check_password(credentials->password); !strong)
    co_return problem(strong.error());
  co_return co_await gate.set_up(call, *code,
                                 User{.name = credentials->name, .role = Role::admin, .password = {}},
                                 credentials->password);
}

io::Task<Response> log_in(Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"name", "password"}, body)) co_return *refusal;
  const auto credentials = credentials_of(body);
  if (!credentials) co_return problem(credentials.error());
  co_return co_await gate.log_in(call, credentials->name, credentials->password);
}

// ---- Users

Response users_answer(const Access& access) {
  Json items = Json::array();
  for (const User& user : access.users())
    items.push_back({{"name", user.name}, {"role", security::to_string(user.role)}});
  return json_answer({{"items", std::move(items)}});
}

// A new user needs a password; of one that is there, role and password are changed as given.
io::Task<Response> put_user(Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"role", "password"}, body)) co_return *refusal;
  const std::string name(call.capture("user"));
  if (auto right = security::check_name(name); !right) co_return problem(right.error());
  const auto word = text_field(body, "role");
  if (!word) co_return problem(word.error());
  const auto role = security::parse_role(*word);
  if (!role) co_return problem(role.error());
  const auto password = text_field(body, "password", "");
  if (!password) co_return problem(password.error());
  if (!password->empty()) {
    if (auto strong = security::check_password(*password); !strong) co_return problem(strong.error());
  }
  const User* before = gate.access().user(name);
  const std::string was = before != nullptr ? std::string(security::to_string(before->role)) : "nobody";
  auto changed = co_await gate.change(
      [&](Access& access) -> Result<void> {
        const User* known = access.user(name);
        if (known == nullptr && password->empty())
          return fail(ErrorKind::invalid_argument, "password: a new user needs one");
        if (known != nullptr) {
          if (auto set = access.set_role(name, *role); !set) return set;
        }
        if (password->empty()) return {};
        access.put(User{.name = name,
                        .role = *role,
                        .password = security::hash_password(*password, gate.surroundings().random)});
        return {};
      },
      entry(gate, call, "user", name,
            fmt::format("from {} to {}{}", was, *word, password->empty() ? "" : ", password set")));
  if (!changed) co_return problem(changed.error());
  co_return json_answer({{"name", name}, {"role", *word}}, before != nullptr ? Status::ok : Status::created);
}

io::Task<Response> remove_user(Gatekeeper& gate, const Call& call) {
  const std::string name(call.capture("user"));
  auto changed = co_await gate.change([&](Access& access) { return access.remove_user(name); },
                                      entry(gate, call, "user removed", name, ""));
  if (!changed) co_return problem(changed.error());
  co_return Response{.status = Status::no_content, .headers = {}, .body = {}};
}

// ---- Tokens

Response tokens_answer(const Access& access) {
  Json items = Json::array();
  for (const Token& token : access.tokens()) {
    items.push_back({{"name", token.name},
                     {"role", security::to_string(token.role)},
                     {"expires", gateway::format_time(token.expires)}});
  }
  return json_answer({{"items", std::move(items)}});
}

// The token itself is in this answer, and nowhere afterwards.
io::Task<Response> make_token(Gatekeeper& gate, const Call& call) {
  Json body;
  if (auto refusal = read_body(call, {"name", "role", "days"}, body)) co_return *refusal;
  const auto name = text_field(body, "name");
  if (!name) co_return problem(name.error());
  if (auto right = security::check_name(*name); !right) co_return problem(right.error());
  const auto word = text_field(body, "role", "viewer");
  if (!word) co_return problem(word.error());
  const auto role = security::parse_role(*word);
  if (!role) co_return problem(role.error());
  const auto days = number_field(body, "days", 1, longest_token_days, usual_token_days);
  if (!days) co_return problem(days.error());
  const security::NewToken made = security::new_token(
      *name, *role, gate.wall_now() + std::chrono::days(*days), gate.surroundings().random);
  auto changed = co_await gate.change(
      [&](Access& access) -> Result<void> {
        access.put(made.token);
        return {};
      },
      entry(gate, call, "token", *name,
            fmt::format("{} until {}", *word, gateway::format_time(made.token.expires))));
  if (!changed) co_return problem(changed.error());
  co_return json_answer({{"name", *name},
                         {"role", *word},
                         {"expires", gateway::format_time(made.token.expires)},
                         {"token", made.secret}},
                        Status::created);
}

io::Task<Response> remove_token(Gatekeeper& gate, const Call& call) {
  const std::string name(call.capture("token"));
  auto changed = co_await gate.change([&](Access& access) { return access.remove_token(name); },
                                      entry(gate, call, "token removed", name, ""));
  if (!changed) co_return problem(changed.error());
  co_return Response{.status = Status::no_content, .headers = {}, .body = {}};
}

}  // namespace

void add_access(Routes& routes, Gatekeeper& gate) {
  routes.open("GET", "/api/v1/session", [&gate](const Call& call) -> io::Task<Response> {
    co_return json_answer(gate.session_json(call));
  });
  routes.open("POST", "/api/v1/session", [&gate](const Call& call) { return log_in(gate, call); });
  routes.open("DELETE", "/api/v1/session", [&gate](const Call& call) { return gate.log_out(call); });
  routes.open("POST", "/api/v1/setup", [&gate](const Call& call) { return set_up(gate, call); });
  routes.on(Role::admin, "GET", "/api/v1/users",
            [&gate](const Call& /*call*/) -> io::Task<Response> { co_return users_answer(gate.access()); });
  routes.on(Role::admin, "PUT", "/api/v1/users/{user}",
            [&gate](const Call& call) { return put_user(gate, call); });
  routes.on(Role::admin, "DELETE", "/api/v1/users/{user}",
            [&gate](const Call& call) { return remove_user(gate, call); });
  routes.on(Role::admin, "GET", "/api/v1/tokens",
            [&gate](const Call& /*call*/) -> io::Task<Response> { co_return tokens_answer(gate.access()); });
  routes.on(Role::admin, "POST", "/api/v1/tokens",
            [&gate](const Call& call) { return make_token(gate, call); });
  routes.on(Role::admin, "DELETE", "/api/v1/tokens/{token}",
            [&gate](const Call& call) { return remove_token(gate, call); });
}

}  // namespace iw::api

#include "api/gatekeeper.hpp"

#include <algorithm>
#include <vector>

#include "api/blocking.hpp"
#include "io/endpoint.hpp"
#include "json/json.hpp"
#include "security/password.hpp"

namespace iw::api {
namespace {

using security::Access;
using security::AuditEntry;
using security::Role;
using security::User;

constexpr Duration idle_for = 12h;
constexpr Duration session_for = std::chrono::days(7);
constexpr std::size_t most_sessions = 1000;
constexpr Duration look_again = 2s;

// Without letters and digits that look alike; 40 bits, and the brake allows a few tries an hour.
std::string setup_code(io::Random& random) {
  constexpr std::string_view letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::string code;
  for (int i = 0; i < 8; ++i) {
    if (i == 4) code += '-';
    code += letters[random.below(letters.size())];
  }
  return code;
}

std::string address_of(const Call& call) {
  const auto peer = io::parse_endpoint(call.peer, 0);
  return peer ? peer->host : call.peer;
}

AuditEntry entry_of(WallTime time, const std::string& actor, std::string action, std::string outcome,
                    std::string detail) {
  return {.time = time,
          .actor = actor,
          .action = std::move(action),
          .subject = "api",
          .outcome = std::move(outcome),
          .detail = std::move(detail)};
}

}  // namespace

Gatekeeper::Gatekeeper(const Surroundings& on, GateSettings settings)
    : on_(on), settings_(std::move(settings)) {}

Gatekeeper::~Gatekeeper() { *alive_ = false; }

Result<std::optional<std::string>> Gatekeeper::begin() {
  if (settings_.everybody) return std::nullopt;
  auto access = Access::load(on_.files, settings_.data_folder);
  if (!access) return fail(std::move(access).error());
  if (auto made = on_.files.make_folder(settings_.data_folder); !made) return fail(std::move(made).error());
  auto audit =
      security::AuditLog::open(on_.files, security::access_audit_folder(settings_.data_folder), wall_now());
  if (!audit) return fail(std::move(audit).error());
  audit_ = std::make_shared<security::AuditLog>(std::move(*audit));
  access_ = std::move(*access);
  on_.core.arm(*this, on_.core.now() + look_again);
  if (!access_.users().empty()) return std::nullopt;
  setup_code_ = setup_code(on_.random);
  return setup_code_;
}

// The command line may have changed something.
void Gatekeeper::on_timer() {
  on_.blocking.post(
      [this, alive = alive_, core = &on_.core, files = &on_.files, folder = settings_.data_folder] {
        core->post([this, alive, access = Access::load(*files, folder)]() mutable {
          if (!*alive) return;
          if (access && *access != access_) {
            on_.blocking.post([audit = audit_, log = &on_.log,
                               entry = entry_of(wall_now(), "command line", "users", "accepted",
                                                "users or tokens were changed in the file")] {
              if (auto kept = audit->append({&entry, 1}); !kept) log->error("{}", kept.error().message);
            });
            take(std::move(*access));
          }
          end_streams();
          on_.core.arm(*this, on_.core.now() + look_again);
        });
      });
}

// Sessions of who is gone, or has another password, end.
void Gatekeeper::take(Access access) {
  std::erase_if(sessions_, [&](const auto& one) {
    const User* before = access_.user(one.second.user);
    const User* after = access.user(one.second.user);
    return before == nullptr || after == nullptr || before->password != after->password;
  });
  access_ = std::move(access);
  if (!access_.users().empty()) setup_code_.clear();
  end_streams();
}

io::http::Upgrade Gatekeeper::as_long_as_known(const Call& call, io::http::Upgrade upgrade) {
  if (!upgrade.serve || settings_.everybody) return upgrade;
  upgrade.serve = [this, headers = call.request.headers, serve = std::move(upgrade.serve)](
                      io::ByteStream& stream, std::string first_bytes) {
    return serve_known(headers, stream, serve(stream, std::move(first_bytes)));
  };
  return upgrade;
}

io::Task<void> Gatekeeper::serve_known(wire::http::Headers headers, io::ByteStream& stream,
                                       io::Task<void> serving) {
  const auto open = streams_.insert(streams_.end(), {.headers = std::move(headers), .stream = &stream});
  co_await std::move(serving);
  streams_.erase(open);
}

void Gatekeeper::end_streams() {
  std::vector<io::ByteStream*> over;  // closing may take them from the list
  for (const OpenStream& open : streams_) {
    if (!who(open.headers)) over.push_back(open.stream);
  }
  for (io::ByteStream* stream : over)
    stream->close();
}

// "__Host-": only this host, only over TLS, only for the root path (RFC 6265bis 4.1.3.2).
std::string Gatekeeper::cookie_name() const { return settings_.tls ? "__Host-iw_session" : "iw_session"; }

std::optional<std::string> Gatekeeper::cookie(const wire::http::Headers& headers) const {
  std::string_view rest = headers.find("Cookie").value_or("");
  const std::string wanted = cookie_name() + "=";
  while (!rest.empty()) {
    const auto end = rest.find(';');
    std::string_view one = rest.substr(0, end);
    while (one.starts_with(' '))
      one.remove_prefix(1);
    if (one.starts_with(wanted)) return std::string(one.substr(wanted.size()));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return std::nullopt;
}

std::optional<Principal> Gatekeeper::who(const wire::http::Headers& headers) {
  if (settings_.everybody) return Principal{.name = "anybody", .role = *settings_.everybody, .by = "nothing"};
  constexpr std::string_view bearer = "Bearer ";
  const std::string_view authorization = headers.find("Authorization").value_or("");
  if (authorization.starts_with(bearer)) {
    const security::Token* token = access_.token(authorization.substr(bearer.size()), wall_now());
    if (token == nullptr) return std::nullopt;
    return Principal{.name = token->name, .role = token->role, .by = "token"};
  }
  const auto id = cookie(headers);
  if (!id) return std::nullopt;
  const auto session = sessions_.find(security::sha256_hex(*id));
  if (session == sessions_.end()) return std::nullopt;
  const Instant now = on_.core.now();
  const User* user = access_.user(session->second.user);
  if (user == nullptr || now >= session->second.end || now >= session->second.idle_end) {
    sessions_.erase(session);
    return std::nullopt;
  }
  session->second.idle_end = now + idle_for;
  return Principal{.name = user->name, .role = user->role, .by = "session"};
}

std::optional<Response> Gatekeeper::refuse(const Call& call, Role needed) {
  const auto principal = who(call);
  if (!principal) {
    Response response =
        problem(Status::unauthorized, "who are you?",
                access_.users().empty() ? "set the first password with the code on the gateway's console"
                                        : "log in, or send a token: Authorization: Bearer iw_...");
    response.headers.add("WWW-Authenticate", "Bearer");
    return response;
  }
  if (principal->role >= needed) return std::nullopt;
  return problem(Status::forbidden,
                 fmt::format("{} is {}; this takes {}", principal->name, security::to_string(principal->role),
                             security::to_string(needed)),
                 "an admin can give another role");
}

Json Gatekeeper::session_json(const Call& call) {
  const auto principal = who(call);
  Json user = nullptr;
  if (principal)
    user = {{"name", principal->name}, {"role", security::to_string(principal->role)}, {"by", principal->by}};
  return {{"setup_needed", !setup_code_.empty()}, {"user", std::move(user)}};
}

Response Gatekeeper::slow_down(Duration wait) const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  Response response =
      problem(Status::too_many_requests, fmt::format("too many tries; again in {} s", seconds));
  response.headers.add("Retry-After", fmt::format("{}", seconds));
  return response;
}

Response Gatekeeper::welcome(const std::string& user, Status status) {
  const std::string id = security::random_secret(32, on_.random);
  const Instant now = on_.core.now();
  std::erase_if(sessions_,
                [&](const auto& one) { return now >= one.second.end || now >= one.second.idle_end; });
  if (sessions_.size() >= most_sessions) {
    sessions_.erase(
        std::ranges::min_element(sessions_, {}, [](const auto& one) { return one.second.idle_end; }));
  }
  sessions_[security::sha256_hex(id)] = {.user = user, .idle_end = now + idle_for, .end = now + session_for};
  const User& known = *access_.user(user);
  Response response = json_answer(
      {{"setup_needed", false},
       {"user", {{"name", known.name}, {"role", security::to_string(known.role)}, {"by", "session"}}}},
      status);
  response.headers.add("Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", cookie_name(),
                                                 id, settings_.tls ? "; Secure" : ""));
  return response;
}

io::Task<Response> Gatekeeper::set_up(const Call& call, std::string code, User first, std::string password) {
  if (setup_code_.empty()) co_return problem(Status::conflict, "the first password is set already");
  const std::string who = "setup@" + address_of(call);
  if (const Duration wait = brake_.wait(who, on_.core.now()); wait > 0s) co_return slow_down(wait);
  if (!security::same_secret(code, setup_code_)) {
    brake_.failed(who, on_.core.now());
    co_return problem(Status::forbidden, "this is not the code",
                      "it stands on the console, or in the log, of the gateway");
  }
  first.role = Role::admin;
  const std::string name = first.name;
  auto changed = co_await change(
      [this, &first, &password](Access& access) -> Result<void> {
        if (!access.users().empty()) return fail(ErrorKind::busy, "the first password is set already");
        first.password = security::hash_password(password, on_.random);
        access.put(first);
        return {};
      },
      entry_of(wall_now(), name, "first password", "accepted", "from " + call.peer));
  if (!changed) co_return problem(changed.error());
  co_return welcome(name, Status::created);
}

io::Task<Response> Gatekeeper::log_in(const Call& call, std::string name, std::string password) {
  const std::string who = name + "@" + address_of(call);
  if (const Duration wait = brake_.wait(who, on_.core.now()); wait > 0s) co_return slow_down(wait);
  brake_.failed(who, on_.core.now());  // until it is known better: tries side by side count too
  const User* user = access_.user(name);
  const std::string hash = user != nullptr ? user->password : security::hash_of_nobody();
  const bool right =
      co_await run_blocking(on_.core, on_.blocking, [&] { return security::is_password(password, hash); });
  const bool let_in = right && access_.user(name) != nullptr && access_.user(name)->password == hash;
  auto recorded = co_await record(
      entry_of(wall_now(), name, "login", let_in ? "accepted" : "refused", "from " + call.peer));
  if (!recorded) co_return problem(recorded.error());
  if (!let_in) co_return problem(Status::unauthorized, "name or password is wrong");
  brake_.succeeded(who);
  co_return welcome(name, Status::ok);
}

io::Task<Response> Gatekeeper::log_out(const Call& call) {
  const auto id = cookie(call.request.headers);
  const auto principal = who(call);
  if (id) sessions_.erase(security::sha256_hex(*id));
  end_streams();
  if (principal && principal->by == "session")
    (void)co_await record(entry_of(wall_now(), principal->name, "logout", "accepted", "from " + call.peer));
  Response response{.status = Status::no_content, .headers = {}, .body = {}};
  response.headers.add("Set-Cookie", fmt::format("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{}",
                                                 cookie_name(), settings_.tls ? "; Secure" : ""));
  co_return response;
}

io::Task<Result<void>> Gatekeeper::change(Change change, AuditEntry entry) {
  if (settings_.everybody)
    co_return fail(ErrorKind::unsupported, "a demonstration has no users", "interwatt run has them");
  auto changed = co_await run_blocking(on_.core, on_.blocking, [&]() -> Result<Access> {
    auto access = Access::load(on_.files, settings_.data_folder);
    if (!access) return fail(std::move(access).error());
    if (auto done = change(*access); !done) return fail(std::move(done).error());
    if (auto kept = audit_->append({&entry, 1}); !kept) return fail(std::move(kept).error());
    if (auto saved = access->save(on_.files, settings_.data_folder); !saved)
      return fail(std::move(saved).error());
    return access;
  });
  if (!changed) co_return fail(std::move(changed).error());
  take(std::move(*changed));
  co_return Result<void>{};
}

io::Task<Result<void>> Gatekeeper::record(AuditEntry entry) {
  if (settings_.everybody) co_return Result<void>{};
  co_return co_await run_blocking(on_.core, on_.blocking, [&] { return audit_->append({&entry, 1}); });
}

}  // namespace iw::api

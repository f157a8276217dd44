// Gatekeeper: who is asking, and whether they may. People come with a session cookie, programs with a token;
// at the first start somebody who can read the console sets the first password.
//
// Users and tokens are those of security::Access in the data folder; what the command line changes there is
// noticed within seconds. Sessions live in memory: a restart ends them. Hashing, files and the log of who
// came are on the blocking executor; what is changed is on record there before it is done. On the core
// executor.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/answers.hpp"
#include "base/log.hpp"
#include "io/executor.hpp"
#include "io/files.hpp"
#include "io/http/router.hpp"
#include "io/random.hpp"
#include "io/timer.hpp"
#include "security/access.hpp"
#include "security/audit_log.hpp"
#include "security/brake.hpp"

namespace iw::api {

using io::http::Call;

struct Principal {
  std::string name;
  security::Role role = security::Role::viewer;
  std::string_view by;  // "session", "token", "nothing"
};

struct GateSettings {
  std::string data_folder;
  // Everybody has this role, without any login: for a demonstration on this machine.
  std::optional<security::Role> everybody = {};
  bool tls = false;
};

class Gatekeeper final : private io::Timer {
 public:
  struct Surroundings {
    io::Executor& core;
    io::Executor& blocking;
    io::Files& files;  // used there only, once begin() is over
    io::Random& random;
    Log& log;
  };
  Gatekeeper(const Surroundings& on, GateSettings settings);
  ~Gatekeeper() override;

  // Reads who there is. The code to set the first password with, where there is nobody: it goes to the
  // console.
  Result<std::optional<std::string>> begin();

  [[nodiscard]] std::optional<Principal> who(const Call& call) { return who(call.request.headers); }
  // 401 or 403, or none.
  [[nodiscard]] std::optional<Response> refuse(const Call& call, security::Role needed);

  // A stream that ends with the session, or the token, that it was asked with.
  [[nodiscard]] io::http::Upgrade as_long_as_known(const Call& call, io::http::Upgrade upgrade);

  [[nodiscard]] Json session_json(const Call& call);
  io::Task<Response> set_up(const Call& call, std::string code, security::User first, std::string password);
  io::Task<Response> log_in(const Call& call, std::string name, std::string password);
  io::Task<Response> log_out(const Call& call);

  [[nodiscard]] const security::Access& access() const { return access_; }
  // Does the change and puts it on record; what it gives is answered.
  using Change = std::function<Result<void>(security::Access&)>;
  io::Task<Result<void>> change(Change change, security::AuditEntry entry);
  // Puts on record what is done elsewhere.
  io::Task<Result<void>> record(security::AuditEntry entry);

  [[nodiscard]] WallTime wall_now() const { return on_.core.clock().wall_now(); }
  [[nodiscard]] const Surroundings& surroundings() const { return on_; }

 private:
  struct Session {
    std::string user;
    Instant idle_end;
    Instant end;
  };

  struct OpenStream {
    wire::http::Headers headers;  // by which its client is known
    io::ByteStream* stream;
  };

  void on_timer() override;
  void take(security::Access access);
  [[nodiscard]] std::optional<Principal> who(const wire::http::Headers& headers);
  io::Task<void> serve_known(wire::http::Headers headers, io::ByteStream& stream, io::Task<void> serving);
  void end_streams();
  [[nodiscard]] std::optional<std::string> cookie(const wire::http::Headers& headers) const;
  [[nodiscard]] std::string cookie_name() const;
  Response welcome(const std::string& user, Status status);
  [[nodiscard]] Response slow_down(Duration wait) const;

  Surroundings on_;
  GateSettings settings_;
  security::Access access_;
  std::string setup_code_;
  std::map<std::string, Session> sessions_;  // by the SHA-256 of the cookie
  security::Brake brake_;
  std::list<OpenStream> streams_;
  std::shared_ptr<security::AuditLog> audit_;  // used on the blocking executor only
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace iw::api

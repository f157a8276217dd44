// interwatt user: who may use the gateway's API and dashboard.

#include <iostream>

#include <unistd.h>

#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/live_json.hpp"
#include "gateway/surroundings.hpp"
#include "json/json.hpp"
#include "security/access.hpp"
#include "security/password.hpp"

namespace iw::gateway {
namespace {

using security::Access;

struct Options {
  DataFolderOptions data;
  std::string name;
  std::string role = "viewer";
  int days = 90;
  bool json = false;
};

// What a change needs: the folder, and what stands there.
class Desk {
 public:
  Desk(const Options& options, Console& console) : options_(options), console_(console) {}

  // Shows what there is; gives the exit status.
  template <class Show>
  int look(Show show) {
    const auto folder = data_folder(options_.data, surroundings_.files(), console_);
    if (!folder) return 1;
    const auto access = Access::load(surroundings_.files(), *folder);
    if (!access) return give_up(console_, options_.json, access.error());
    show(*access);
    return 0;
  }

  // Does `change` and saves; gives the exit status.
  template <class Change>
  int change(Change change) {
    const auto folder = data_folder(options_.data, surroundings_.files(), console_, Folder::may_be_new);
    if (!folder) return 1;
    auto access = Access::load(surroundings_.files(), *folder);
    if (!access) return give_up(console_, options_.json, access.error());
    if (auto done = change(*access); !done) {
      const bool wrong_use = done.error().kind == ErrorKind::invalid_argument;
      return give_up(console_, options_.json, done.error(), wrong_use ? 2 : 1);
    }
    if (auto saved = access->save(surroundings_.files(), *folder); !saved)
      return give_up(console_, options_.json, saved.error());
    return 0;
  }

  [[nodiscard]] io::Random& random() { return surroundings_.random(); }
  [[nodiscard]] WallTime now() { return surroundings_.executor().clock().wall_now(); }

 private:
  const Options& options_;
  Console& console_;
  Surroundings surroundings_;
};

// Unseen on a terminal; a line of the standard input otherwise.
std::string ask_password(const std::string& name) {
  if (isatty(STDIN_FILENO) == 1) {
    const char* typed = getpass(fmt::format("password of {}: ", name).c_str());
    return typed != nullptr ? typed : "";
  }
  std::string line;
  std::getline(std::cin, line);
  return line;
}

int add(const Options& options, Console& console) {
  Desk desk(options, console);
  return desk.change([&](Access& access) -> Result<void> {
    if (auto right = security::check_name(options.name); !right) return right;
    const auto role = security::parse_role(options.role);
    if (!role) return fail(role.error());
    const std::string password = ask_password(options.name);
    if (auto strong = security::check_password(password); !strong) return strong;
    access.put(security::User{
        .name = options.name, .role = *role, .password = security::hash_password(password, desk.random())});
    console.note(fmt::format("{} is {}", options.name, options.role));
    return {};
  });
}

int set_role(const Options& options, Console& console) {
  return Desk(options, console).change([&](Access& access) -> Result<void> {
    const auto role = security::parse_role(options.role);
    if (!role) return fail(role.error());
    return access.set_role(options.name, *role);
  });
}

int remove(const Options& options, Console& console) {
  return Desk(options, console).change([&](Access& access) { return access.remove_user(options.name); });
}

int make_token(const Options& options, Console& console) {
  Desk desk(options, console);
  return desk.change([&](Access& access) -> Result<void> {
    if (auto right = security::check_name(options.name); !right) return right;
    const auto role = security::parse_role(options.role);
    if (!role) return fail(role.error());
    security::NewToken made =
        security::new_token(options.name, *role, desk.now() + std::chrono::days(options.days), desk.random());
    console.out(options.json ? nlohmann::ordered_json{{"name", options.name}, {"token", made.secret}}.dump()
                             : made.secret);
    access.put(std::move(made.token));
    return {};
  });
}

int list(const Options& options, Console& console) {
  nlohmann::ordered_json report{{"users", nlohmann::ordered_json::array()},
                                {"tokens", nlohmann::ordered_json::array()}};
  TextTable table({{"name"}, {"role"}, {"comes with"}});
  Desk desk(options, console);
  const int status = desk.look([&](const Access& access) {
    for (const security::User& user : access.users()) {
      const std::string role(security::to_string(user.role));
      table.add({user.name, role, "a password"});
      report["users"].push_back({{"name", user.name}, {"role", role}});
    }
    for (const security::Token& token : access.tokens()) {
      const std::string role(security::to_string(token.role));
      const std::string expires = format_time(token.expires);
      table.add({token.name, role, fmt::format("a token, until {}", expires)});
      report["tokens"].push_back({{"name", token.name}, {"role", role}, {"expires", expires}});
    }
  });
  if (status == 0) console.out(options.json ? report.dump(2) : table.to_string(console));
  return status;
}

}  // namespace

void add_user(Program& program) {
  auto options = std::make_shared<Options>();
  const Command user = program.app.add_subcommand("user", "Who may use the API and the dashboard.");
  user.require_subcommand();
  const auto add_command = [&](const char* name, const char* help, int (*run)(const Options&, Console&)) {
    const Command command = user.add_subcommand(name, help);
    add_data_folder(command, options->data);
    command.callback([options, &program, run] { program.status = run(*options, program.console); });
    return command;
  };
  const auto with_name = [&](const Command& command) {
    command.add_option("name", options->name, "of the user, or what the token is for").required();
    return command;
  };
  const auto with_role = [&](const Command& command) {
    command.add_option("--role", options->role, "viewer, operator, engineer or admin").show_default();
    return command;
  };
  with_role(with_name(add_command("add", "A new user, or a new password for one.", &add)));
  with_role(with_name(add_command("role", "Another role.", &set_role)));
  with_name(add_command("remove", "A user goes.", &remove));
  const Command token =
      with_role(with_name(add_command("token", "A token for a program, shown once.", &make_token)));
  token.add_option("--days", options->days, "how long it is good").show_default().within(1, 366);
  token.add_flag("--json", options->json, "as JSON");
  add_command("list", "Users and tokens.", &list).add_flag("--json", options->json, "as JSON");
  user.footer(
      "A running gateway follows within seconds. The password is asked for, or read from standard input.\n\n"
      "Examples:\n"
      "  interwatt user add anna --role admin\n"
      "  interwatt user token export --role viewer --days 365\n"
      "  interwatt user list\n");
}

}  // namespace iw::gateway

// interwatt audit: who did what, from the log that the gateway keeps, and whether that is as it was written.

#include <algorithm>
#include <deque>
#include <functional>

#include "gateway/audit_json.hpp"
#include "gateway/bacnet_server_config.hpp"
#include "gateway/commands/commands.hpp"
#include "gateway/commands/data_folder.hpp"
#include "gateway/commands/report.hpp"
#include "gateway/config_store.hpp"
#include "gateway/event_json.hpp"
#include "gateway/surroundings.hpp"
#include "json/json.hpp"
#include "security/audit_log.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using security::AuditRecord;
using security::AuditVerdict;

struct Options {
  DataFolderOptions data;
  bool json = false;
  bool access = false;
  bool configuration = false;
  bool bacnet = false;
  std::size_t limit = 100;
  std::string actor;
  std::string action;
  std::string subject;
  std::string head;
};

// Where there is no log yet, that is said with what to do, not as an error of the disk.
Result<AuditVerdict> read_log(io::Files& files, const std::string& folder,
                              const std::function<void(const AuditRecord&)>& see) {
  auto verdict = security::verify_audit(files, folder, see);
  const bool none =
      verdict ? verdict->records == 0 && !verdict->fault : verdict.error().kind == ErrorKind::not_found;
  if (!none) return verdict;
  return fail(ErrorKind::not_found, fmt::format("there is no audit log in {}", folder),
              "a gateway begins it when it starts (interwatt run); -c or --data names its folder");
}

// A known head must be one of the records: else what followed or preceded it was cut off.
int verify(const Options& options, io::Files& files, const std::string& folder, Console& console) {
  bool head_found = options.head.empty();
  const auto verdict = read_log(files, folder, [&](const AuditRecord& record) {
    head_found = head_found || record.hash == options.head;
  });
  if (!verdict) return give_up(console, options.json, verdict.error());
  const bool good = !verdict->fault && head_found;
  if (options.json) {
    Json json = to_json(*verdict);
    json["good"] = good;
    json["head_found"] = head_found;
    print(console, json);
    return good ? 0 : 1;
  }
  if (verdict->fault) {
    console.error({ErrorKind::malformed,
                   fmt::format("{}:{}: {}", verdict->fault->file, verdict->fault->line, verdict->fault->what),
                   fmt::format("the {} records before it are as they were written", verdict->records)});
  } else if (!head_found) {
    console.error({ErrorKind::malformed, fmt::format("no record has the hash {}", options.head),
                   "records were cut off since that was written down"});
  } else {
    console.out(fmt::format("{} records, all as they were written; head {} {}", verdict->records,
                            verdict->head.sequence, verdict->head.hash));
  }
  return good ? 0 : 1;
}

int list(const Options& options, io::Files& files, const std::string& folder, Console& console) {
  std::deque<AuditRecord> found;
  const auto wanted = [](const std::string& filter, const std::string& text) {
    return filter.empty() || filter == text;
  };
  const auto verdict = read_log(files, folder, [&](const AuditRecord& record) {
    if (!wanted(options.actor, record.entry.actor) || !wanted(options.action, record.entry.action) ||
        !wanted(options.subject, record.entry.subject))
      return;
    found.push_back(record);
    if (options.limit > 0 && found.size() > options.limit) found.pop_front();
  });
  if (!verdict) return give_up(console, options.json, verdict.error());
  for (const AuditRecord& record : found) {
    const security::AuditEntry& entry = record.entry;
    console.out(options.json
                    ? to_json(record).dump(-1, ' ', false, Json::error_handler_t::replace)
                    : fmt::format("{}  {}  {} {} {} {}  {}", record.sequence, exact_time(entry.time),
                                  entry.actor, entry.action, entry.subject, entry.outcome, entry.detail));
  }
  if (!verdict->fault) return 0;
  console.note(fmt::format("the log was changed: {}:{}; nothing behind that is shown", verdict->fault->file,
                           verdict->fault->line));
  return 1;
}

int run(const Options& options, bool verifying, Console& console) {
  Surroundings around;
  const auto folder = data_folder(options.data, around.files(), console);
  if (!folder) return 1;
  const std::string audit = options.access          ? security::access_audit_folder(*folder)
                            : options.configuration ? configuration_audit_folder(*folder)
                            : options.bacnet        ? bacnet_audit_folder(*folder)
                                                    : security::audit_folder(*folder);
  return verifying ? verify(options, around.files(), audit, console)
                   : list(options, around.files(), audit, console);
}

}  // namespace

void add_audit(Program& program) {
  auto options = std::make_shared<Options>();
  const Command command =
      program.app.add_subcommand("audit", "Who did what: the audit log, and whether it is whole.");
  add_data_folder(command, options->data);
  command.add_flag("--json", options->json, "one JSON object a line");
  command.add_option("-n,--limit", options->limit, "the newest so many; 0: all").show_default();
  command.add_option("--actor", options->actor, "by whom");
  command.add_option("--action", options->action, "claim, release, command, expiry, mode, restore ...");
  command.add_option("--subject", options->subject, "to what: battery/ActivePowerSetpoint");
  command.add_flag("--access", options->access,
                   "logins, acknowledgements and changes of users, rather than control");
  command.add_flag("--configuration", options->configuration,
                   "changes of the configuration, with old and new values");
  command.add_flag("--bacnet", options->bacnet,
                   "what clients of our BACnet device did: by address, process and name");
  command.allow_subcommand();
  const Command verifying =
      command.add_subcommand("verify", "Check every record against its hash and the one before.");
  verifying.fallthrough();
  verifying.add_option("--head", options->head,
                       "a hash that was written down before: it must still be there");
  command.footer(
      "Examples:\n"
      "  interwatt audit --actor anna\n"
      "  interwatt audit verify                 exit status 1 when a record was changed, removed or moved\n");
  command.callback([options, verifying, &program] {
    program.status = run(*options, verifying.parsed(), program.console);
  });
}

}  // namespace iw::gateway

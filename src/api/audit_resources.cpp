// The audit log: who did what, and whether it is as it was written.

#include <deque>
#include <ranges>

#include "api/answers.hpp"
#include "api/blocking.hpp"
#include "api/parameters.hpp"
#include "api/resources.hpp"
#include "gateway/audit_json.hpp"
#include "gateway/bacnet_server_config.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

using security::AuditRecord;
using security::AuditVerdict;
using security::Role;

constexpr std::size_t most_records = 1000;  // of an answer

// Each has a chain of its own.
Result<std::string> folder_of(const Target& target, const std::string& data_folder) {
  const std::string_view which = target.parameter("log").value_or("control");
  if (which == "control") return security::audit_folder(data_folder);
  if (which == "access") return security::access_audit_folder(data_folder);
  if (which == "configuration") return gateway::configuration_audit_folder(data_folder);
  if (which == "bacnet") return gateway::bacnet_audit_folder(data_folder);
  return fail(ErrorKind::invalid_argument, fmt::format("log: there is no '{}'", which),
              "control, access, configuration or bacnet");
}

struct Question {
  std::string folder;
  std::string actor;
  std::string action;
  std::string subject;
  std::uint64_t before = 0;  // a sequence number; 0: the newest
  std::size_t limit = 0;

  [[nodiscard]] bool fits(const AuditRecord& record) const {
    const auto is = [](const std::string& filter, const std::string& text) {
      return filter.empty() || filter == text;
    };
    return (before == 0 || record.sequence < before) && is(actor, record.entry.actor) &&
           is(action, record.entry.action) && is(subject, record.entry.subject);
  }
};

Result<Question> question_of(const Target& target, const std::string& data_folder) {
  if (auto known = only(target, {"log", "actor", "action", "subject", "before", "limit"}); !known)
    return fail(std::move(known).error());
  auto folder = folder_of(target, data_folder);
  if (!folder) return fail(std::move(folder).error());
  auto before = number_of(target, "before", 1, UINT64_MAX, 0);
  if (!before) return fail(std::move(before).error());
  auto limit = number_of(target, "limit", 1, most_records, 100);
  if (!limit) return fail(std::move(limit).error());
  return Question{.folder = std::move(*folder),
                  .actor = text_of(target, "actor"),
                  .action = text_of(target, "action"),
                  .subject = text_of(target, "subject"),
                  .before = *before,
                  .limit = *limit};
}

Response no_log(const Error& error) {
  if (error.kind != ErrorKind::not_found) return problem(error);
  return problem(Status::not_found, "this gateway keeps no such log",
                 "the log of its start says why, or it is a demonstration without a data folder");
}

struct Page {
  AuditVerdict verdict;
  std::deque<AuditRecord> records;  // the oldest first
  bool more = false;
};

io::Task<Response> audit_answer(Surroundings on, const Call& call) {
  const auto question = question_of(call.target, on.gateway.config().data_folder);
  if (!question) co_return problem(question.error());
  const auto page = co_await run_blocking(on.network.executor(), on.blocking, [&]() -> Result<Page> {
    Page found;
    auto verdict = security::verify_audit(on.files, question->folder, [&](const AuditRecord& record) {
      if (!question->fits(record)) return;
      found.records.push_back(record);
      if (found.records.size() <= question->limit) return;
      found.records.pop_front();
      found.more = true;
    });
    if (!verdict) return fail(std::move(verdict).error());
    found.verdict = std::move(*verdict);
    return found;
  });
  if (!page) co_return no_log(page.error());
  Json items = Json::array();
  for (const AuditRecord& record : std::views::reverse(page->records))
    items.push_back(gateway::to_json(record));
  Json next = page->more ? Json(page->records.front().sequence) : Json(nullptr);
  co_return json_answer(
      {{"items", std::move(items)}, {"next", std::move(next)}, {"good", !page->verdict.fault}});
}

io::Task<Response> verify_answer(Surroundings on, const Call& call) {
  if (auto known = only(call.target, {"log"}); !known) co_return problem(known.error());
  const auto folder = folder_of(call.target, on.gateway.config().data_folder);
  if (!folder) co_return problem(folder.error());
  const auto verdict = co_await run_blocking(on.network.executor(), on.blocking,
                                             [&] { return security::verify_audit(on.files, *folder); });
  if (!verdict) co_return no_log(verdict.error());
  co_return json_answer(gateway::to_json(*verdict));
}

}  // namespace

void add_audit(Routes& routes, Surroundings on) {
  routes.on(Role::engineer, "GET", "/api/v1/audit",
            [on](const Call& call) { return audit_answer(on, call); });
  routes.on(Role::engineer, "GET", "/api/v1/audit/verify",
            [on](const Call& call) { return verify_answer(on, call); });
}

}  // namespace iw::api

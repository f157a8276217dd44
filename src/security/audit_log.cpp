#include "security/audit_log.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <functional>

#include <fmt/format.h>

namespace iw::security {
namespace {

constexpr std::string_view prefix = "audit-";
constexpr std::string_view suffix = ".jsonl";

std::string file_name(unsigned number) { return fmt::format("{}{:06}{}", prefix, number, suffix); }

std::optional<unsigned> number_of(std::string_view name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  unsigned number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

Result<std::vector<unsigned>> numbers_in(io::Files& files, const std::string& folder) {
  const auto names = files.list(folder);
  if (!names) return fail(names.error());
  std::vector<unsigned> numbers;
  for (const std::string& name : *names)
    if (const auto number = number_of(name)) numbers.push_back(*number);
  std::ranges::sort(numbers);
  return numbers;
}

// A file as far as it is well.
struct Judged {
  AuditChain chain;            // behind its last good record
  std::size_t whole = 0;       // bytes of good records
  std::size_t lines = 0;       // good ones
  std::optional<Error> error;  // of the line behind them; none when that is not finished
};

// `until`: the record with this hash is the last; what stands behind it does not count.
Judged judge(std::string_view text, AuditChain chain, std::string_view until = {},
             const std::function<void(const AuditRecord&)>& see = {}) {
  Judged judged{.chain = std::move(chain), .error = {}};
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', judged.whole)) {
    const auto record = judged.chain.take(text.substr(judged.whole, end - judged.whole));
    if (!record) {
      judged.error = record.error();
      break;
    }
    if (see) see(*record);
    judged.whole = end + 1;
    ++judged.lines;
    if (record->hash == until) break;
  }
  return judged;
}

// In what stands behind the good records: a line that is none, and behind it a record that says that it was
// on the disk. No end of the power leaves that: somebody has changed the line.
std::optional<AuditFault> change_in(std::string_view text, const Judged& judged, const std::string& file) {
  std::optional<AuditFault> changed;
  std::uint64_t number = judged.chain.head().sequence;  // of the line, if it is a record
  std::size_t line = judged.lines;
  std::size_t begin = judged.whole;
  for (auto end = text.find('\n', begin); end != std::string_view::npos; end = text.find('\n', begin)) {
    ++line;
    if (!changed) ++number;
    const auto record = parse_audit_record(text.substr(begin, end - begin));
    begin = end + 1;
    if (record && changed && record->confirmed >= number) return changed;
    if (!record && !changed) changed = {.file = file, .line = line, .what = record.error().message};
  }
  return std::nullopt;
}

// Behind which record a file goes on.
std::optional<AuditHead> begins_behind(std::string_view text) {
  const auto first = parse_audit_record(text.substr(0, text.find('\n')));
  if (!first) return std::nullopt;
  return AuditHead{.sequence = first->sequence - 1, .hash = first->previous};
}

struct AuditFile {
  std::string name;
  std::string text;
};

// Files in their order, the first of which goes on where the chain stands.
AuditVerdict verify(const std::deque<AuditFile>& files, AuditChain chain,
                    const std::function<void(const AuditRecord&)>& see) {
  AuditVerdict verdict;
  std::optional<AuditFault> changed;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [name, text] = files[i];
    const auto next = i + 1 < files.size() ? begins_behind(files[i + 1].text) : std::nullopt;
    Judged judged = judge(text, chain, next ? next->hash : "", see);
    // Lines at the end of the file before were never confirmed, if this file goes on where that was good.
    if (judged.lines == 0 && verdict.fault) break;
    verdict.fault.reset();
    verdict.records += judged.lines;
    if (judged.whole < text.size()) verdict.unfinished.push_back(name);
    if (judged.error) verdict.fault = {.file = name, .line = judged.lines + 1, .what = judged.error->message};
    if (!changed) changed = change_in(text, judged, name);
    chain = std::move(judged.chain);
  }
  // Whatever goes on behind it.
  if (changed) verdict.fault = std::move(changed);
  verdict.head = chain.head();
  return verdict;
}

}  // namespace

std::string audit_folder(const std::string& data_folder) { return data_folder + "/audit"; }
std::string access_audit_folder(const std::string& data_folder) { return data_folder + "/audit-access"; }

Result<AuditLog> AuditLog::open(io::Files& files, std::string folder, WallTime now, std::size_t file_size) {
  if (auto made = files.make_folder(folder); !made) return fail(std::move(made).error());
  AuditLog log(files, std::move(folder), file_size);
  if (auto begun = log.begin(now); !begun) return fail(std::move(begun).error().in("audit"));
  return log;
}

// Where the chain stands on the disk, from the newest file that has a record; what is to be said about it.
// What we know to be confirmed is not doubted: a record that was written, and whose sync failed, can be read
// now and be gone after a power cut. What somebody before us left behind has its sync now.
Result<std::string> AuditLog::find_head() {
  const auto numbers = numbers_in(*files_, folder_);
  if (!numbers) return fail(numbers.error());
  std::string remark;
  number_ = numbers->empty() ? 0 : numbers->back();
  for (auto number = numbers->rbegin(); number != numbers->rend(); ++number) {
    const auto text = files_->read(folder_ + "/" + file_name(*number));
    if (!text) return fail(text.error());
    const Judged judged = judge(*text, AuditChain(begins_behind(*text).value_or(AuditHead())), head_.hash);
    if (judged.whole < text->size()) {
      remark += fmt::format("{} ends with {} bytes that were never confirmed. ", file_name(*number),
                            text->size() - judged.whole);
      if (const auto changed = change_in(*text, judged, file_name(*number)))
        changed_ +=
            fmt::format("{}, line {}, was changed: {}. ", changed->file, changed->line, changed->what);
    }
    if (judged.whole == 0) continue;
    if (head_.sequence > 0) break;
    if (auto synced = files_->sync(folder_ + "/" + file_name(*number)); !synced) return fail(synced.error());
    head_ = judged.chain.head();
    break;
  }
  return remark;
}

Result<void> AuditLog::begin(WallTime now) {
  auto remark = find_head();
  if (!remark) return fail(std::move(remark).error());
  return begin_file(now, changed_ + *remark);
}

Result<void> AuditLog::begin_file(WallTime now, std::string remark) {
  auto file = files_->create(folder_ + "/" + file_name(number_ + 1), 0600);
  if (!file) return fail(std::move(file).error());
  ++number_;
  file_ = std::move(*file);
  written_ = 0;
  const AuditEntry opened{
      .time = now, .actor = "gateway", .action = "audit opened", .detail = std::move(remark)};
  return write(std::span(&opened, 1));
}

Result<void> AuditLog::append(std::span<const AuditEntry> entries) {
  if (entries.empty()) return {};
  const WallTime now = entries.front().time;
  if (!file_) {
    if (auto begun = begin(now); !begun) return begun;
  } else if (written_ >= file_size_) {
    if (auto begun = begin_file(now, {}); !begun) return begun;
  }
  auto done = write(entries);
  if (!done) static_cast<void>(begin(now));
  return done;
}

Result<void> AuditLog::write(std::span<const AuditEntry> entries) {
  AuditHead head = head_;
  std::string lines;
  for (const AuditEntry& entry : entries)
    lines += chain(entry, head, head_.sequence) + "\n";
  auto done = file_->append(std::as_bytes(std::span(lines)));
  if (done) done = file_->sync();
  if (!done) {
    file_.reset();
    return done;
  }
  head_ = head;
  written_ += lines.size();
  return {};
}

Result<AuditVerdict> verify_audit(io::Files& files, const std::string& folder,
                                  const std::function<void(const AuditRecord&)>& see) {
  const auto numbers = numbers_in(files, folder);
  if (!numbers) return fail(numbers.error());
  std::deque<AuditFile> all;
  for (const unsigned number : *numbers) {
    auto text = files.read(folder + "/" + file_name(number));
    if (!text) return fail(text.error());
    if (!text->empty()) all.push_back({.name = file_name(number), .text = std::move(*text)});
  }
  return verify(all, {}, see);
}

Result<AuditVerdict> verify_audit_behind(std::uint64_t sequence, io::Files& files, const std::string& folder,
                                         const std::function<void(const AuditRecord&)>& see) {
  const auto numbers = numbers_in(files, folder);
  if (!numbers) return fail(numbers.error());
  std::deque<AuditFile> newest;
  AuditHead begin;
  for (auto number = numbers->rbegin(); number != numbers->rend(); ++number) {
    auto text = files.read(folder + "/" + file_name(*number));
    if (!text) return fail(text.error());
    const auto behind = begins_behind(*text);
    if (!behind) continue;
    newest.push_front({.name = file_name(*number), .text = std::move(*text)});
    begin = *behind;
    if (begin.sequence <= sequence) break;
  }
  return verify(newest, AuditChain(begin), [&](const AuditRecord& record) {
    if (record.sequence > sequence) see(record);
  });
}

}  // namespace iw::security

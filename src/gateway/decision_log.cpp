#include "gateway/decision_log.hpp"

#include <algorithm>
#include <utility>

#include <fmt/chrono.h>

#include "base/json_text.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view prefix = "decisions-";
constexpr std::size_t day_length = 10;  // 2026-11-28

std::string day_of(WallTime time) {
  return fmt::format("{:%F}", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(time)));
}

// Not by way of a tree: an order moves a thousand points at once.
void append_line(std::string& out, const Decision& decision) {
  JsonObject line(out);
  line.number("time_ns", decision.time.time_since_epoch().count())
      .text("path", decision.path)
      .number("value", decision.value)
      .text("code", decision.code)
      .text("owner", decision.owner)
      .text("level", decision.level)
      .text("limiter", decision.limiter)
      .text("words", decision.words)
      .text("state", decision.state);
  if (decision.shown) line.number("shown", *decision.shown);
  if (!decision.trouble.empty()) line.text("trouble", decision.trouble);
  line.close();
  out += '\n';
}

// None of a line that was not finished.
std::optional<Decision> from_line(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  try {
    Decision decision{.time = WallTime(Duration(json.at("time_ns").get<std::int64_t>())),
                      .path = json.at("path"),
                      .value = json.at("value"),
                      .code = json.at("code"),
                      .owner = json.at("owner"),
                      .level = json.at("level"),
                      .limiter = json.at("limiter"),
                      .words = json.at("words"),
                      .state = json.at("state")};
    if (json.contains("shown")) decision.shown = json.at("shown").get<double>();
    if (json.contains("trouble")) decision.trouble = json.at("trouble");
    return decision;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

Result<std::vector<std::string>> names_in(io::Files& files, const std::string& folder) {
  auto names = files.list(folder);
  if (names) std::erase_if(*names, [](const std::string& name) { return !name.starts_with(prefix); });
  return names;
}

}  // namespace

Result<void> DecisionLog::append(std::span<const Decision> decisions) {
  std::string lines;
  for (const Decision& decision : decisions) {
    const auto day = std::chrono::floor<std::chrono::days>(decision.time);
    if (!file_ || day != day_) {
      if (auto done = write(std::exchange(lines, {})); !done) return done;
      if (auto begun = begin_file(day); !begun) return begun;
    }
    append_line(lines, decision);
    standing_[decision.path] = decision;
  }
  return write(lines);
}

Result<void> DecisionLog::write(std::string_view lines) {
  if (lines.empty()) return {};
  auto done = file_->append(std::as_bytes(std::span(lines)));
  if (!done) file_.reset();
  return done;
}

// Each start and each day begins a file; what holds stands at its head.
Result<void> DecisionLog::begin_file(std::chrono::sys_days day) {
  file_.reset();
  const std::string text = day_of(day);
  const auto names = names_in(*files_, folder_);
  if (!names) return fail(names.error());
  const auto of_day = std::ranges::count_if(
      *names, [&](const std::string& name) { return name.substr(prefix.size(), day_length) == text; });
  auto file = files_->create(fmt::format("{}/{}{}-{:06}.jsonl", folder_, prefix, text, of_day + 1), 0600);
  if (!file) return fail(std::move(file).error());
  std::string lines;
  for (const auto& [path, decision] : standing_)
    append_line(lines, decision);
  if (auto done = (*file)->append(std::as_bytes(std::span(lines))); !done) return done;
  file_ = std::move(*file);
  day_ = day;
  remove_old(day);
  return {};
}

void DecisionLog::remove_old(std::chrono::sys_days today) {
  const std::string oldest = day_of(today - std::chrono::days(days_));
  const auto names = names_in(*files_, folder_);
  if (!names) return;
  for (const std::string& name : *names)
    if (name.substr(prefix.size(), day_length) < oldest) (void)files_->remove(folder_ + "/" + name);
}

Result<std::vector<Decision>> read_decisions(io::Files& files, const std::string& folder,
                                             std::string_view path, WallTime from, WallTime to) {
  const auto names = names_in(files, folder);
  if (!names) return fail(names.error());
  std::map<std::string, Decision, std::less<>> before;  // what held at `from`
  std::vector<Decision> found;
  // From the newest file of an earlier day on, which says what held when the day began.
  const auto day_of_file = [](const std::string& name) { return name.substr(prefix.size(), day_length); };
  std::string first;
  for (const std::string& name : *names)
    if (day_of_file(name) < day_of(from)) first = name;
  for (const std::string& name : *names) {
    if (name < first || day_of_file(name) > day_of(to)) continue;
    const auto text = files.read(folder + "/" + name);
    if (!text) return fail(text.error());
    for (std::size_t begin = 0; begin < text->size();) {
      const std::size_t end = std::min(text->find('\n', begin), text->size());
      const auto decision = from_line(std::string_view(*text).substr(begin, end - begin));
      begin = end + 1;
      if (!decision || (!path.empty() && decision->path != path) || decision->time >= to) continue;
      if (decision->time <= from) {
        before[decision->path] = *decision;
      } else if (std::ranges::find(found, *decision) == found.end()) {  // not the head of a later file
        found.push_back(*decision);
      }
    }
  }
  std::vector<Decision> all;
  for (auto& [name, decision] : before)
    all.push_back(std::move(decision));
  all.insert(all.end(), found.begin(), found.end());
  return all;
}

}  // namespace iw::gateway

#include "historian/head_log.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace iw::historian {
namespace {

constexpr std::string_view magic = "IWHEAD1\n";
constexpr std::string_view prefix = "head-";
constexpr std::string_view suffix = ".log";

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

// The number in head-00000012.log; none for other names.
std::optional<std::uint32_t> segment_number(std::string_view name) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

// ---- At the start

Result<HeadLog> HeadLog::open(io::Files& files, HeadLogSettings settings, std::uint64_t sealed,
                              const Take& take, Recovery& recovery) {
  HeadLog log(files, std::move(settings));
  log.last_ = sealed;
  if (auto done = log.recover(take, recovery); !done) return fail(std::move(done).error());
  return log;
}

Result<void> HeadLog::recover(const Take& take, Recovery& recovery) {
  if (auto made = files_->make_folder(settings_.folder); !made) return made;
  const auto names = files_->list(settings_.folder);
  if (!names) return fail(names.error());
  for (const std::string& name : *names) {
    const auto number = segment_number(name);
    if (!number) continue;
    next_segment_ = std::max(next_segment_, *number + 1);
    if (auto done = read_segment(name, take, recovery); !done) return done;
  }
  // A process that ended without a sync left it to the operating system.
  for (const Segment& segment : segments_) {
    if (auto synced = files_->sync(segment.path); !synced) return synced;
  }
  durable_ = last_;
  return {};
}

Result<void> HeadLog::read_segment(const std::string& name, const Take& take, Recovery& recovery) {
  const std::string path = settings_.folder + "/" + name;
  const auto content = files_->read(path);
  if (!content) return fail(content.error());
  const auto damaged = [&](std::size_t at, std::string_view why) {
    recovery.damages.push_back(
        fmt::format("{}: {} bytes from byte {} on are left out: {}", path, content->size() - at, at, why));
  };
  segments_.push_back({.path = path, .last = last_});
  if (!content->starts_with(magic)) {
    if (!content->empty()) damaged(0, "it does not begin as a head log of this version does");
    return {};
  }
  Bytes rest = bytes_of(*content).subspan(magic.size());
  while (!rest.empty()) {
    const auto frame = decode_frame(rest);
    if (!frame) {
      damaged(content->size() - rest.size(), frame.error().message);
      return {};
    }
    rest = rest.subspan(frame->size);
    if (frame->sequence <= last_) continue;  // sealed, or written again after an error
    last_ = frame->sequence;
    segments_.back().last = last_;
    ++recovery.recordings;
    recovery.samples += frame->recording.size();
    take(last_, frame->recording);
  }
  return {};
}

// ---- Writing

std::uint64_t HeadLog::append(const Recording& recording, Instant now) {
  Waiting& waiting = waiting_.emplace_back(++last_, std::vector<std::byte>{});
  encode_frame(last_, recording, waiting.frame);
  waiting_bytes_ += waiting.frame.size();
  give_up_oldest();
  // After trouble the next try is the tick's: a full disk is not asked for each recording.
  if (!trouble_) settle(write_waiting());
  if (settings_.sync == SyncPolicy::every && !trouble_) sync();
  if (settings_.sync == SyncPolicy::interval) tick(now);
  return last_;
}

void HeadLog::tick(Instant now) {
  if (now < sync_at_) return;
  sync_at_ = now + settings_.interval;
  if (trouble_) settle(write_waiting());
  if (settings_.sync != SyncPolicy::none && !trouble_) sync();
}

void HeadLog::sync() {
  if (waiting_.empty()) return;
  auto done = write_waiting();
  if (done) done = file_->sync();
  if (done) confirm();
  settle(std::move(done));
}

// Everything that waits is in the file afterwards, in the order of its numbers.
Result<void> HeadLog::write_waiting() {
  while (written_ < waiting_.size()) {
    if (!file_ || file_size_ >= settings_.segment_size) {
      if (auto started = start_segment(); !started) return started;
    }
    const Waiting& next = waiting_[written_];
    if (auto appended = file_->append(next.frame); !appended) return appended;
    file_size_ += next.frame.size();
    segments_.back().last = next.sequence;
    ++written_;
  }
  return {};
}

// The file was synced: what was written to it waits no longer.
void HeadLog::confirm() {
  if (written_ == 0) return;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(written_);
  durable_ = std::prev(end)->sequence;
  std::for_each(waiting_.begin(), end, [this](const Waiting& w) { waiting_bytes_ -= w.frame.size(); });
  waiting_.erase(waiting_.begin(), end);
  written_ = 0;
}

Result<void> HeadLog::start_segment() {
  if (file_) {
    if (auto synced = file_->sync(); !synced) return synced;
    confirm();
  }
  const std::string path = fmt::format("{}/{}{:08}{}", settings_.folder, prefix, next_segment_++, suffix);
  auto file = files_->create(path);
  if (!file) return fail(std::move(file).error());
  file_ = std::move(*file);
  file_size_ = magic.size();
  segments_.push_back({.path = path, .last = segments_.empty() ? 0 : segments_.back().last});
  return file_->append(bytes_of(magic));
}

// After an error the file is left as it is: its end may be torn, and the kernel may have forgotten what it
// could not write. All that waits goes to a new one.
void HeadLog::settle(Result<void> done) {
  if (done) {
    trouble_.reset();
    return;
  }
  trouble_ = std::move(done).error();
  file_.reset();
  written_ = 0;
}

void HeadLog::give_up_oldest() {
  while (waiting_bytes_ > settings_.most_waiting && written_ == 0 && waiting_.size() > 1) {
    waiting_bytes_ -= waiting_.front().frame.size();
    waiting_.erase(waiting_.begin());
    ++lost_;
  }
}

Result<void> HeadLog::forget(std::uint64_t up_to) {
  const std::size_t kept = file_ ? 1 : 0;
  while (segments_.size() > kept && segments_.front().last <= up_to) {
    if (auto removed = files_->remove(segments_.front().path); !removed) return removed;
    segments_.erase(segments_.begin());
  }
  return {};
}

}  // namespace iw::historian

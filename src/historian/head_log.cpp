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

// Reads segment by segment, the oldest first, each recording once. Where a segment is cut, it looks whether
// what stands there begins a frame of a later one: so a log that went on elsewhere after an error is told
// from one that lost something.
class Scan {
 public:
  // Recordings up to `last` are known.
  explicit Scan(std::uint64_t last) : last_(last) {}

  void read(const std::string& path, std::string_view content, const HeadLog::Take& take) {
    if (content.empty()) return;
    if (!content.starts_with(magic)) {
      cut(path, content, 0, "it does not begin as a head log of this version does");
      cuts_.back().damage.written_again = magic.starts_with(content);  // and nothing else was written yet
      return;
    }
    Bytes rest = bytes_of(content).subspan(magic.size());
    while (!rest.empty()) {
      auto frame = decode_frame(rest);
      if (!frame) return cut(path, content, content.size() - rest.size(), std::move(frame).error().message);
      compare_cuts(rest);
      rest = rest.subspan(frame->size);
      if (frame->sequence <= last_) continue;
      last_ = frame->sequence;
      take(last_, frame->recording);
    }
  }

  [[nodiscard]] std::uint64_t last() const { return last_; }
  [[nodiscard]] std::vector<SegmentDamage> damages() && {
    std::vector<SegmentDamage> all;
    for (Cut& cut : cuts_)
      all.push_back(std::move(cut.damage));
    return all;
  }

 private:
  struct Cut {
    SegmentDamage damage;
    std::vector<std::byte> tail;
  };

  void cut(const std::string& path, std::string_view content, std::size_t at, std::string why) {
    const Bytes tail = bytes_of(content).subspan(at);
    cuts_.push_back(
        {.damage = {.path = path, .at = at, .size = tail.size(), .why = std::move(why), .in_last = true},
         .tail = {tail.begin(), tail.end()}});
  }

  void compare_cuts(Bytes from_frame) {
    for (Cut& cut : cuts_) {
      cut.damage.in_last = false;
      if (from_frame.size() >= cut.tail.size() &&
          std::ranges::equal(from_frame.first(cut.tail.size()), cut.tail))
        cut.damage.written_again = true;
    }
  }

  std::uint64_t last_;
  std::vector<Cut> cuts_;
};

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
  Scan scan(last_);
  const auto count = [&](std::uint64_t sequence, const Recording& recording) {
    ++recovery.recordings;
    recovery.samples += recording.size();
    take(sequence, recording);
  };
  for (const std::string& name : *names) {
    const auto number = segment_number(name);
    if (!number) continue;
    next_segment_ = std::max(next_segment_, *number + 1);
    const std::string path = settings_.folder + "/" + name;
    const auto content = files_->read(path);
    if (!content) return fail(content.error());
    scan.read(path, *content, count);
    segments_.push_back({.path = path, .last = scan.last(), .size = content->size()});
  }
  last_ = scan.last();
  for (const SegmentDamage& damage : std::move(scan).damages()) {
    if (damage.written_again) continue;
    recovery.damages.push_back(fmt::format("{}: {} bytes from byte {} on are left out: {}", damage.path,
                                           damage.size, damage.at, damage.why));
  }
  // A process that ended without a sync left it to the operating system.
  for (const Segment& segment : segments_) {
    if (auto synced = files_->sync(segment.path); !synced) return synced;
  }
  durable_ = last_;
  return {};
}

Result<std::vector<SegmentDamage>> HeadLog::read(io::Files& files, const std::string& folder,
                                                 const Take& take) {
  const auto names = files.list(folder);
  if (!names && names.error().kind == ErrorKind::not_found) return std::vector<SegmentDamage>{};
  if (!names) return fail(names.error());
  Scan scan(0);
  for (const std::string& name : *names) {
    if (!segment_number(name)) continue;
    const auto content = files.read(folder + "/" + name);
    if (!content && content.error().kind == ErrorKind::not_found) continue;  // sealed meanwhile
    if (!content) return fail(content.error());
    scan.read(folder + "/" + name, *content, take);
  }
  return std::move(scan).damages();
}

// ---- Writing

std::uint64_t HeadLog::append(const Recording& recording, Instant now) {
  Waiting& waiting = waiting_.emplace_back(++last_, std::vector<std::byte>{});
  encoder_.encode(last_, recording, waiting.frame);
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
    if (!file_ || segments_.back().size >= settings_.segment_size) {
      if (auto started = start_segment(); !started) return started;
    }
    const Waiting& next = waiting_[written_];
    if (auto appended = file_->append(next.frame); !appended) return appended;
    segments_.back().size += next.frame.size();
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
  auto file = files_->create(path, 0640);
  if (!file) return fail(std::move(file).error());
  file_ = std::move(*file);
  segments_.push_back(
      {.path = path, .last = segments_.empty() ? 0 : segments_.back().last, .size = magic.size()});
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

std::uint64_t HeadLog::bytes() const {
  std::uint64_t sum = 0;
  for (const Segment& segment : segments_)
    sum += segment.size;
  return sum;
}

Result<void> HeadLog::forget(std::uint64_t up_to) {
  if (up_to >= last_ && waiting_.empty()) file_.reset();  // so that this segment goes as the others do
  const std::size_t kept = file_ ? 1 : 0;
  while (segments_.size() > kept && segments_.front().last <= up_to) {
    if (auto removed = files_->remove(segments_.front().path); !removed) return removed;
    segments_.erase(segments_.begin());
  }
  return {};
}

}  // namespace iw::historian

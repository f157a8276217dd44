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

struct Damage {
  std::size_t at;  // byte of the segment
  std::string why;
};

// The frames of a segment, up to the first that is none.
template <class Each>
std::optional<Damage> read_frames(std::string_view content, Each each) {
  if (content.empty()) return std::nullopt;
  if (!content.starts_with(magic)) return Damage{0, "it does not begin as a head log of this version does"};
  Bytes rest = bytes_of(content).subspan(magic.size());
  while (!rest.empty()) {
    auto frame = decode_frame(rest);
    if (!frame) return Damage{content.size() - rest.size(), std::move(frame).error().message};
    rest = rest.subspan(frame->size);
    each(std::move(*frame));
  }
  return std::nullopt;
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
  segments_.push_back({.path = path, .last = last_, .size = content->size()});
  const auto damaged = read_frames(*content, [&](Frame frame) {
    if (frame.sequence <= last_) return;  // sealed, or written again after an error
    last_ = frame.sequence;
    segments_.back().last = last_;
    ++recovery.recordings;
    recovery.samples += frame.recording.size();
    take(last_, frame.recording);
  });
  if (damaged) {
    recovery.damages.push_back(fmt::format("{}: {} bytes from byte {} on are left out: {}", path,
                                           content->size() - damaged->at, damaged->at, damaged->why));
  }
  return {};
}

Result<std::vector<SegmentDamage>> HeadLog::read(io::Files& files, const std::string& folder,
                                                 const Take& take) {
  std::vector<SegmentDamage> damages;
  const auto names = files.list(folder);
  if (!names && names.error().kind == ErrorKind::not_found) return damages;
  if (!names) return fail(names.error());
  std::uint64_t last = 0;
  for (const std::string& name : *names) {
    if (!segment_number(name)) continue;
    const auto content = files.read(folder + "/" + name);
    if (!content && content.error().kind == ErrorKind::not_found) continue;  // sealed meanwhile
    if (!content) return fail(content.error());
    for (SegmentDamage& damage : damages)
      damage.in_last = false;
    auto damaged = read_frames(*content, [&](const Frame& frame) {
      if (frame.sequence <= last) return;
      last = frame.sequence;
      take(last, frame.recording);
    });
    if (!damaged) continue;
    damages.push_back({.path = folder + "/" + name,
                       .at = damaged->at,
                       .size = content->size() - damaged->at,
                       .why = std::move(damaged->why),
                       .in_last = true});
  }
  return damages;
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

#include "api/jobs.hpp"

#include <algorithm>

#include "json/json.hpp"

namespace iw::api {
namespace {

constexpr std::size_t most_running = 8;
constexpr std::size_t most_kept = 50;
constexpr Duration kept_for = 10min;

}  // namespace

Job::Job(std::uint64_t number, std::string kind, std::string by)
    : number_(number),
      kind_(std::move(kind)),
      by_(std::move(by)),
      result_(std::make_unique<Json>(Json::object())) {}

Job::~Job() = default;

Json Job::to_json() const {
  const std::string_view state = running_   ? (stopped_ ? "stopping" : "running")
                                 : stopped_ ? "stopped"
                                            : "done";
  return {{"job", number_}, {"kind", kind_},        {"by", by_},
          {"state", state}, {"progress", progress}, {"result", *result_}};
}

Result<std::uint64_t> Jobs::start(std::string kind, std::string by, Work work) {
  if (tasks_.running() >= most_running) {
    return fail(ErrorKind::busy, fmt::format("{} tests and scans run already", most_running),
                "wait for them, or stop one: DELETE /api/v1/jobs/{job}");
  }
  forget_old();
  jobs_.push_back(std::make_shared<Job>(++last_, std::move(kind), std::move(by)));
  tasks_.spawn(run(jobs_.back(), std::move(work)));
  return last_;
}

io::Task<void> Jobs::run(std::shared_ptr<Job> job, Work work) {
  co_await work(*job);
  job->running_ = false;
  job->ended_ = core_.now();
  if (ended_ && tasks_.running() == 1) core_.post(std::move(ended_));
}

void Jobs::forget_old() {
  const Instant now = core_.now();
  std::erase_if(jobs_, [&](const auto& job) { return !job->running_ && now - job->ended_ > kept_for; });
  while (jobs_.size() >= most_kept) {
    const auto oldest = std::ranges::find_if(jobs_, [](const auto& job) { return !job->running_; });
    if (oldest == jobs_.end()) return;
    jobs_.erase(oldest);
  }
}

const Job* Jobs::find(std::uint64_t number) const {
  const auto found = std::ranges::find_if(jobs_, [&](const auto& job) { return job->number() == number; });
  return found != jobs_.end() ? found->get() : nullptr;
}

bool Jobs::stop(std::uint64_t number) {
  const auto found = std::ranges::find_if(jobs_, [&](const auto& job) { return job->number() == number; });
  if (found == jobs_.end()) return false;
  if ((*found)->running_) (*found)->stopped_ = true;
  return true;
}

Json Jobs::to_json() const {
  Json items = Json::array();
  for (const auto& job : jobs_) {
    Json shown = job->to_json();
    shown.erase("result");
    items.push_back(std::move(shown));
  }
  return {{"items", std::move(items)}};
}

void Jobs::end(std::move_only_function<void()> ended) {
  if (tasks_.running() == 0) return ended();
  for (const auto& job : jobs_)
    job->stopped_ = job->stopped_ || job->running_;
  ended_ = std::move(ended);
}

}  // namespace iw::api

// Jobs: work of seconds or minutes that a request begins and others look at while it goes on, as tests and
// scans are. Each tells what it knows so far as one JSON document. On the core executor.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "api/answers.hpp"
#include "io/executor.hpp"
#include "io/task_group.hpp"

namespace iw::api {

class Job {
 public:
  Job(std::uint64_t number, std::string kind, std::string by);
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  ~Job();

  // For the work: what it is doing, in words; what it knows so far.
  std::string progress = {};
  [[nodiscard]] Json& result() { return *result_; }
  // Nobody wants to know any more: end soon.
  [[nodiscard]] bool stopped() const { return stopped_; }

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] Json to_json() const;

 private:
  friend class Jobs;

  std::uint64_t number_;
  std::string kind_;
  std::string by_;
  std::unique_ptr<Json> result_;
  bool running_ = true;
  bool stopped_ = false;
  Instant ended_{};
};

class Jobs {
 public:
  explicit Jobs(io::Executor& core) : core_(core), tasks_(core) {}

  // The job lives until the work has ended, and some minutes more for who asks. exhausted: too many run.
  using Work = std::function<io::Task<void>(Job& job)>;
  Result<std::uint64_t> start(std::string kind, std::string by, Work work);
  [[nodiscard]] const Job* find(std::uint64_t number) const;
  // False: there is none.
  bool stop(std::uint64_t number);
  [[nodiscard]] Json to_json() const;

  // Stops all, and calls `ended` when none runs any more.
  void end(std::move_only_function<void()> ended);

 private:
  io::Task<void> run(std::shared_ptr<Job> job, Work work);
  void forget_old();

  io::Executor& core_;
  std::list<std::shared_ptr<Job>> jobs_;
  std::uint64_t last_ = 0;
  std::move_only_function<void()> ended_;
  io::TaskGroup tasks_;
};

}  // namespace iw::api

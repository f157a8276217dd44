#include "gateway/field.hpp"

#include <algorithm>

namespace iw::gateway {

struct Field::Running {
  driver::LinePlanPtr plan;
  std::unique_ptr<driver::Line> line;
  bool ending = false;
};

Field::Field(const driver::Surroundings& surroundings)
    : network_(surroundings.network),
      surroundings_{.network = network_,
                    .random = surroundings.random,
                    .files = surroundings.files,
                    .feed = surroundings.feed,
                    .log = surroundings.log,
                    .memory = surroundings.memory},
      tasks_(surroundings.network.executor()) {}

Field::~Field() = default;

// A device that moves to another line leaves the old one first: who hears both takes the last word for true.
void Field::apply(const std::vector<driver::LinePlanPtr>& plans) {
  const std::vector<std::shared_ptr<Running>> before = lines_;
  for (const auto& running : before) {
    if (!running->ending) let_go(*running, plans);
  }
  for (const auto& running : before) {
    if (!running->ending) running->line->follow(*running->plan);
  }
  for (const driver::LinePlanPtr& plan : plans) {
    const auto runs = [&](const auto& running) {
      return !running->ending && running->plan->url() == plan->url();
    };
    if (std::ranges::none_of(lines_, runs)) start(plan);
  }
}

// A line that no plan is about, or that can not become what its plan says, ends.
void Field::let_go(Running& line, const std::vector<driver::LinePlanPtr>& plans) {
  const auto plan =
      std::ranges::find_if(plans, [&](const driver::LinePlanPtr& p) { return p->url() == line.plan->url(); });
  if (plan != plans.end() && line.line->let_go(**plan)) {
    line.plan = *plan;
    return;
  }
  line.ending = true;
  line.line->end();
}

void Field::start(const driver::LinePlanPtr& plan) {
  auto line = std::make_shared<Running>(Running{.plan = plan, .line = plan->start(surroundings_)});
  lines_.push_back(line);
  tasks_.spawn(run(line));
}

io::Task<void> Field::run(std::shared_ptr<Running> line) {
  co_await line->line->run();
  std::erase(lines_, line);
}

io::Task<void> Field::stop() {
  const std::vector<std::shared_ptr<Running>> all = lines_;
  for (const auto& running : all)
    running->line->stop();
  network_.stop();
  co_await tasks_.join();
}

std::shared_ptr<driver::Line> Field::line_of(model::DeviceId device) {
  const auto has = [&](const auto& running) { return !running->ending && running->line->has(device); };
  std::weak_ptr<Running>& found = found_[device];
  std::shared_ptr<Running> running = found.lock();
  if (!running || !has(running)) {
    const auto first = std::ranges::find_if(lines_, has);
    if (first == lines_.end()) return nullptr;
    found = running = *first;
  }
  return {running, running->line.get()};
}

io::Task<Result<std::vector<std::byte>>> Field::ask(Guest guest) {
  const auto found = std::ranges::find_if(
      lines_, [&](const auto& running) { return !running->ending && running->plan->url() == guest.line; });
  if (found == lines_.end())
    co_return fail(ErrorKind::not_found, fmt::format("{} is not polled any more", guest.line),
                   "begin anew: it is asked directly then");
  const std::shared_ptr<Running> line = *found;  // lives as long as the question
  co_return co_await line->line->ask_station(guest.station, std::move(guest.question), guest.patience);
}

void Field::acknowledge(model::DeviceId device, const std::string& what, const std::string& by) {
  for (const auto& running : lines_)
    if (!running->ending && running->line->has(device)) running->line->acknowledge(device, what, by);
}

std::vector<driver::LineStatus> Field::status() const {
  std::vector<driver::LineStatus> all;
  all.reserve(lines_.size());
  for (const auto& running : lines_)
    all.push_back(running->line->status());
  return all;
}

std::vector<driver::RequestRecord> Field::recent_requests(std::string_view url) const {
  const auto line = std::ranges::find_if(
      lines_, [&](const auto& running) { return !running->ending && running->plan->url() == url; });
  return line != lines_.end() ? (*line)->line->recent_requests() : std::vector<driver::RequestRecord>();
}

std::vector<driver::RequestRecord> Field::recent_requests(model::DeviceId device) {
  const auto line = line_of(device);
  if (line == nullptr) return {};
  std::vector<driver::RequestRecord> all = line->recent_requests();
  std::erase_if(all, [&](const driver::RequestRecord& record) { return record.device != device; });
  return all;
}

std::vector<driver::RawPoint> Field::raw_points(model::DeviceId device) {
  const auto line = line_of(device);
  return line != nullptr ? line->raw_points(device) : std::vector<driver::RawPoint>();
}

}  // namespace iw::gateway

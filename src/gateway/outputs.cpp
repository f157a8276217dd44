#include "gateway/outputs.hpp"

#include <algorithm>
#include <utility>

#include "gateway/point_patterns.hpp"

namespace iw::gateway {
namespace {

constexpr Duration ask_every = 1s;

std::size_t samples_of(const formats::Batch& batch) { return batch.size() + batch.texts.size(); }

}  // namespace

// The connectors' side. Its last owner is always there.
struct Outputs::Sender {
  Sender(const connectors::Forwarder::Surroundings& surroundings,
         std::unique_ptr<connectors::Connector> connector, connectors::ForwarderSettings settings)
      : forwarder(surroundings, std::move(connector), std::move(settings)) {}

  connectors::Forwarder forwarder;
  std::atomic<std::size_t> coming{0};  // samples handed over and not yet put
};

// The core's side.
struct Outputs::Output {
  std::string site_name;
  OutputPlan plan;
  std::unique_ptr<Telemetry> telemetry = {};
  std::shared_ptr<Sender> sender = {};
  connectors::ForwarderStatus status = {};
  std::uint64_t dropped = 0;                // before they got to the sender
  std::uint64_t said = 0;                   // of those that were lost
  std::optional<bool> away = std::nullopt;  // as told last; none: nobody knows yet
};

Outputs::Outputs(Surroundings surroundings, const model::SiteModel& site, bus::Bus& all, bus::Bus& changes)
    : surroundings_(std::move(surroundings)),
      executor_(surroundings_.network.executor()),
      site_(site),
      tasks_(executor_) {
  all.watch([this](const model::SampleBatch& batch) { publish(OutputValues::all, batch); });
  changes.watch([this](const model::SampleBatch& batch) { publish(OutputValues::changes, batch); });
  surroundings_.core.arm(*this, surroundings_.core.now() + ask_every);
}

Outputs::~Outputs() = default;

void Outputs::publish(OutputValues values, const model::SampleBatch& batch) {
  for (const auto& output : outputs_)
    if (output->plan.values == values) output->telemetry->take(batch);
}

void Outputs::apply(const std::string& site_name, const std::vector<OutputPlan>& plans) {
  std::vector<std::unique_ptr<Output>> before = std::exchange(outputs_, {});
  for (const OutputPlan& plan : plans) {
    const auto same = std::ranges::find_if(before, [&](const auto& output) {
      return output && output->plan.identity == plan.identity && output->site_name == site_name;
    });
    outputs_.push_back(same != before.end() ? std::move(*same) : start(site_name, plan));
  }
  for (const auto& output : before)
    if (output) end(*output);
}

std::unique_ptr<Outputs::Output> Outputs::start(const std::string& site_name, const OutputPlan& plan) {
  auto output = std::make_unique<Output>(Output{.site_name = site_name, .plan = plan});
  const connectors::Forwarder::Surroundings there{
      .executor = executor_, .random = surroundings_.random, .log = surroundings_.log};
  auto connector = plan.make(surroundings_.network);
  if (surroundings_.complete) connector = surroundings_.complete(plan, std::move(connector));
  output->sender = std::make_shared<Sender>(there, std::move(connector), plan.forwarder);
  output->telemetry = std::make_unique<Telemetry>(
      surroundings_.core, site_,
      Telemetry::Settings{
          .site_name = site_name,
          .wanted = [points = plan.points](std::string_view path) { return wanted(points, path); },
          .every = plan.every},
      Telemetry::Receiver{
          .on_catalog =
              [this, sender = output->sender](const auto& catalog) {
                executor_.post([sender, catalog] { sender->forwarder.put(catalog); });
              },
          .on_batch = [this, to = output.get()](formats::Batch batch) { hand_over(*to, std::move(batch)); }});
  executor_.post([this, sender = output->sender] {
    auto run = [](std::shared_ptr<Sender> self) -> io::Task<void> { co_await self->forwarder.run(); };
    tasks_.spawn(run(sender));
  });
  return output;
}

void Outputs::hand_over(Output& output, formats::Batch batch) {
  const std::size_t samples = samples_of(batch);
  if (output.sender->coming.load(std::memory_order_relaxed) + samples > output.plan.forwarder.capacity) {
    output.dropped += samples;
    return;
  }
  output.sender->coming.fetch_add(samples, std::memory_order_relaxed);
  executor_.post([sender = output.sender, samples, batch = std::move(batch)]() mutable {
    sender->coming.fetch_sub(samples, std::memory_order_relaxed);
    sender->forwarder.put(std::move(batch));
  });
}

void Outputs::end(Output& output) {
  output.telemetry->flush();
  output.telemetry.reset();
  executor_.post([sender = std::exchange(output.sender, {})] { sender->forwarder.stop(); });
}

void Outputs::on_timer() {
  for (const auto& output : outputs_)
    ask_status(*output);
  surroundings_.core.arm(*this, surroundings_.core.now() + ask_every);
}

void Outputs::ask_status(Output& output) {
  executor_.post([this, sender = output.sender, identity = output.plan.identity]() mutable {
    surroundings_.core.post([this, identity = std::move(identity), status = sender->forwarder.status()] {
      take_status(identity, status);
    });
  });
}

void Outputs::take_status(const std::string& identity, const connectors::ForwarderStatus& status) {
  const auto found =
      std::ranges::find_if(outputs_, [&](const auto& output) { return output->plan.identity == identity; });
  if (found == outputs_.end()) return;
  Output& output = **found;
  output.status = status;
  output.status.dropped += output.dropped;
  tell_trouble(output);
  const std::uint64_t lost = output.status.dropped + output.status.rejected;
  if (lost == output.said) return;
  surroundings_.on_lost(output.plan.forwarder.name, lost - output.said);
  output.said = lost;
}

// What it does not want is another matter: it is there.
void Outputs::tell_trouble(Output& output) {
  const std::optional<Error>& trouble = output.status.trouble;
  const bool away = trouble && trouble->kind != ErrorKind::rejected;
  if (!away && output.status.batches == 0 && output.status.rejected == 0) return;
  if (output.away == away) return;
  output.away = away;
  surroundings_.on_trouble(output.plan.forwarder.name, away ? trouble : std::nullopt);
}

std::vector<OutputStatus> Outputs::status() const {
  std::vector<OutputStatus> all;
  all.reserve(outputs_.size());
  for (const auto& output : outputs_)
    all.push_back({.name = output->plan.forwarder.name, .forwarder = output->status});
  return all;
}

void Outputs::stop(std::move_only_function<void()> stopped) {
  disarm();
  for (const auto& output : outputs_)
    end(*output);
  outputs_.clear();
  executor_.post([this, stopped = std::move(stopped)]() mutable {
    auto main = [](Outputs& self, std::move_only_function<void()> then) -> io::Task<void> {
      co_await self.tasks_.join();
      self.surroundings_.core.post(std::move(then));
    };
    // Joined from a group of its own: a task can not await the group that it is in.
    ending_.emplace(executor_);
    ending_->spawn(main(*this, std::move(stopped)));
  });
}

}  // namespace iw::gateway

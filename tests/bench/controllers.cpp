// What a step of each controller costs, with everything fresh and its inputs moving, beside a walk over the
// same inputs that only adds them up. Prints one JSON object: ns and allocations of a step, by kind.
//
//   --seconds 2   of CPU for all together

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "config/document.hpp"
#include "control/controllers/registry.hpp"
#include "report.hpp"

namespace {

std::uint64_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace iw;

// A site of some size: four batteries, four inverters, ten loads.
constexpr std::string_view site = R"(
- name: export_limit
  export_limit:
    grid: grid/ActivePower
    limit_w: 5000
    moves: &inverters
      - {point: a/ActivePowerLimit, max_w: 8000}
      - {point: b/ActivePowerLimit, max_w: 8000}
      - {point: c/ActivePowerLimit, max_w: 8000}
      - {point: d/ActivePowerLimit, max_w: 8000}
- name: peak_shaving
  peak_shaving:
    grid: grid/ActivePower
    peak_w: 100
    batteries: &batteries
      - {asset: w, max_charge_w: 8000, max_discharge_w: 8000}
      - {asset: x, max_charge_w: 8000, max_discharge_w: 8000}
      - {asset: y, max_charge_w: 8000, max_discharge_w: 8000}
      - {asset: z, max_charge_w: 8000, max_discharge_w: 8000}
- name: self_consumption
  self_consumption: {grid: grid/ActivePower, batteries: *batteries}
- name: schedule
  schedule:
    windows:
      - {days: [mon, tue, wed, thu, fri], from: "22:00", to: "06:00", point: w/ActivePowerSetpoint, set: 3000}
      - {from: "12:00", to: "14:00", point: w/ActivePowerSetpoint, at_most: 0}
- name: soc_reserve
  soc_reserve: {batteries: [{battery: w, reserve_percent: 70}, {battery: x}, {battery: y}, {battery: z}]}
- name: demand_response
  demand_response:
    level: utility/LoadShedLevel
    levels: [{level: 1, percent: 70}, {level: 2, percent: 40}]
    moves: [{point: l0/ActivePowerLimit, normal_w: 3000}, {point: l1/ActivePowerLimit, normal_w: 3000}]
- name: dispatch
  dispatch: {setpoint: utility/ActivePowerSetpoint, batteries: *batteries}
- name: frequency_response
  frequency_response: {frequency: grid/Frequency, nominal_hz: 60, deadband_hz: 0, batteries: *batteries}
- name: reactive_power
  reactive_power: {asset: a, rated_va: 8000, voltage: grid/Voltage.LN}
- name: load_shedding
  load_shedding:
    measured: grid/ActivePower
    above_w: 60
    loads:
      - {point: l0/ConnectCommand, power_w: 3000}
      - {point: l1/ConnectCommand, power_w: 3000}
      - {point: l2/ConnectCommand, power_w: 3000}
      - {point: l3/ConnectCommand, power_w: 3000}
- name: rule
  rule:
    all: [{point: w/StateOfCharge, below: 90}, {point: grid/ActivePower, above: 10}]
    then: [{point: l0/ConnectCommand, off: true}]
)";

using Inputs = std::vector<Result<model::FreshValue>>;

struct Measured {
  double ns = 0;
  double allocations = 0;
};

// Values around 60, so that most controllers have something to do; another one at each step.
Inputs inputs_of(std::size_t count, std::size_t round) {
  Inputs inputs;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = 60 + 0.1 * static_cast<double>((round * 7 + i * 13) % 10);
    inputs.push_back(model::FreshValue::from({.value = value, .received = Instant(1s)}, Instant(1s), 1s));
  }
  return inputs;
}

template <class Step>
Measured measure(std::size_t inputs, double seconds, Step step) {
  std::vector<Inputs> rounds;
  for (std::size_t round = 0; round < 16; ++round)
    rounds.push_back(inputs_of(inputs, round));
  const auto run = [&](std::uint64_t steps, std::uint64_t from) {
    for (std::uint64_t i = from; i < from + steps; ++i)
      step(rounds[i % rounds.size()], i);
  };
  run(1000, 0);
  std::uint64_t steps = 1000;
  const std::uint64_t before = allocations;
  const double begin = bench::cpu_seconds();
  double elapsed = 0;
  std::uint64_t measured = 0;
  for (; elapsed < seconds; elapsed = bench::cpu_seconds() - begin) {
    run(1000, steps);
    steps += 1000;
    measured += 1000;
  }
  return {.ns = elapsed / static_cast<double>(measured) * 1e9,
          .allocations = static_cast<double>(allocations - before) / static_cast<double>(measured)};
}

Measured stepped(control::Controller& controller, double seconds) {
  const Utc zone;
  control::Decision decision;
  return measure(controller.declaration().inputs.size(), seconds, [&](const Inputs& inputs, std::uint64_t i) {
    const Duration at = 1s * static_cast<std::int64_t>(i);
    decision.clear();
    controller.step(inputs, {.instant = Instant(at), .wall = WallTime(at), .zone = zone}, decision);
  });
}

Measured summed(double seconds) {
  double sum = 0;
  return measure(9, seconds, [&](const Inputs& inputs, std::uint64_t) {
    for (const auto& input : inputs)
      sum += input ? input->value() : 0;
    asm volatile("" : : "g"(&sum) : "memory");
  });
}

}  // namespace

int main(int argc, char** argv) {
  config::Findings findings;
  const auto document = config::Document::parse("bench", site, findings);
  std::vector<control::ControllerSection> sections;
  const config::Rule<std::vector<control::ControllerSection>> rule =
      config::list_of<control::ControllerSection>(control::controller_record());
  if (document) rule.read(document->root(), sections, findings);
  control::check(sections, findings);
  if (!findings.ok()) {
    std::fputs(config::to_string(findings).c_str(), stderr);
    return 1;
  }
  const double seconds = bench::parse(argc, argv).seconds / static_cast<double>(sections.size() + 1);
  nlohmann::ordered_json result = {{"sum", {{"ns", summed(seconds).ns}, {"allocations", 0}}}};
  for (const control::ControllerSection& section : sections) {
    const auto made = control::make_controller(section);
    const Measured measured = stepped(*made.controller, seconds);
    result[made.name] = {{"ns", measured.ns}, {"allocations", measured.allocations}};
  }
  std::puts(result.dump(2).c_str());
}

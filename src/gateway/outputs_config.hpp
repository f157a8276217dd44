// What a configuration may say about outputs, and the plan that it makes: all that an output needs, secrets
// and certificates included, so that nothing can be missing when it starts.
//
//   outputs:
//     - prometheus: {url: http://victoria-metrics:8428/api/v1/write}
//     - influx: {url: http://influx:8086, database: site}
//       points: ['*/ActivePower*']
//       values: changes
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/record.hpp"
#include "connectors/forwarder.hpp"
#include "connectors/influx/config.hpp"
#include "connectors/prometheus/config.hpp"
#include "io/files.hpp"
#include "io/network.hpp"

namespace iw::gateway {

enum class OutputValues : std::uint8_t {
  all,      // every normalised value
  changes,  // report by exception
};

struct OutputSection {
  std::string name;  // empty: that of the kind
  std::vector<std::string> points;
  OutputValues values = OutputValues::all;
  Duration every = 1s;
  std::size_t queue = 100'000;
  connectors::WhenFull when_full = connectors::WhenFull::drop_oldest;
  std::size_t fill_rate = 5'000;  // samples a second
  std::string ca;                 // file
  // One of them:
  std::optional<connectors::prometheus::Section> prometheus;
  std::optional<connectors::influx::Section> influx;
  const config::Value* place = nullptr;
};

const config::Record<OutputSection>& output_record();

struct OutputPlan {
  std::vector<std::string> points;
  OutputValues values = OutputValues::all;
  Duration every = 1s;
  connectors::ForwarderSettings forwarder;  // with the name
  std::size_t fill_rate = 0;                // samples a second that go out later; 0: what is missed is lost
  std::function<std::unique_ptr<connectors::Connector>(io::Network&)> make;
  std::string identity;  // plans of the same identity do the same
};

// `beside` makes a path of the configuration one of the file system. Sections with mistakes, which become
// findings, have no plan.
std::vector<OutputPlan> plan_outputs(const std::vector<OutputSection>& sections,
                                     const std::function<std::string(const std::string&)>& beside,
                                     io::Files& files, config::Findings& findings);

}  // namespace iw::gateway

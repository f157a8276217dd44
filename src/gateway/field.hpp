// Field: all lines of the site, on the field executor. apply() makes them what the configuration says, and
// leaves alone what has not changed: a device is added, changed or removed without its neighbours noticing.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "driver/line.hpp"
#include "io/paced_network.hpp"
#include "io/task_group.hpp"

namespace iw::gateway {

class Field {
 public:
  explicit Field(const driver::Surroundings& surroundings);
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;
  ~Field();

  void apply(const std::vector<driver::LinePlanPtr>& plans);

  // Ends all lines; the field is of no use afterwards.
  io::Task<void> stop();

  // The line that has the device; none: no line has it. It lives as long as somebody holds it.
  [[nodiscard]] std::shared_ptr<driver::Line> line_of(model::DeviceId device);

  // Of any station on a line that runs, between its polls; see driver::Line. not_found: none has this
  // address.
  struct Guest {
    std::string line;
    std::uint8_t station = 0;
    std::vector<std::byte> question = {};
    Duration patience{};
  };
  io::Task<Result<std::vector<std::byte>>> ask(Guest guest);

  void acknowledge(model::DeviceId device, const std::string& what, const std::string& by);

  [[nodiscard]] std::vector<driver::LineStatus> status() const;

  // The newest first: of a line, or of the line that has the device and of that only.
  [[nodiscard]] std::vector<driver::RequestRecord> recent_requests(std::string_view line) const;
  [[nodiscard]] std::vector<driver::RequestRecord> recent_requests(model::DeviceId device);
  [[nodiscard]] std::vector<driver::RawPoint> raw_points(model::DeviceId device);

 private:
  struct Running;

  void start(const driver::LinePlanPtr& plan);
  void let_go(Running& line, const std::vector<driver::LinePlanPtr>& plans);
  io::Task<void> run(std::shared_ptr<Running> line);

  io::PacedNetwork network_;  // of all lines together
  driver::Surroundings surroundings_;
  io::TaskGroup tasks_;
  std::vector<std::shared_ptr<Running>> lines_;
  std::unordered_map<model::DeviceId, std::weak_ptr<Running>> found_;  // where the device was last time
};

}  // namespace iw::gateway

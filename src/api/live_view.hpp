// LiveView: what one client of the live stream has been told and what is news for it: values, states of
// devices, counts of alarms, and for who asks control. No IO and no queue: of each point only the newest
// value is ever waiting, so that a client that is slow gets fewer values, never old ones, and costs no
// memory.
//
//   LiveView view(gateway, core, control_news);
//   view.subscribe(patterns);          // all of these are news
//   view.take(batch);                  // from the bus
//   for (const std::string& message : view.news()) send(message)
//
// The messages are described in docs/api.md. On the core executor.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "api/control_news.hpp"
#include "api/patterns.hpp"
#include "gateway/gateway.hpp"

namespace iw::api {

class LiveView {
 public:
  // All outlive it; the news of control are those of all views.
  LiveView(gateway::Gateway& gateway, const io::Executor& core, ControlNews& control_news)
      : gateway_(gateway), core_(core), control_news_(control_news) {}

  // control: tell what control decides and what controllers want, too.
  void subscribe(Patterns patterns, bool control = false);
  void take(const model::SampleBatch& batch);

  // Each a JSON object; none when nothing is new.
  [[nodiscard]] std::vector<std::string> news();

 private:
  struct Points {
    std::vector<bool> wanted;   // by index
    std::vector<bool> waiting;  // has a value that was not told
  };

  void look_around(std::vector<std::string>& out);
  void follow_site(std::vector<std::string>& out);
  void tell_values(std::vector<std::string>& out);
  void tell_devices(std::vector<std::string>& out);
  void tell_alarms(std::vector<std::string>& out);
  void tell_control(std::vector<std::string>& out);
  void mark(Points& points, model::PointId id);

  gateway::Gateway& gateway_;
  const io::Executor& core_;
  ControlNews& control_news_;
  Patterns patterns_;
  bool subscribed_ = false;
  bool control_ = false;
  Instant look_at_ = Instant::min();  // at the site and the states of devices
  std::size_t told_site_ = 0;         // fingerprints of what was told
  std::size_t told_states_ = 0;
  std::map<model::DeviceId, Points> points_;
  std::vector<model::PointId> waiting_;
  std::map<std::string, std::string> told_devices_;  // name -> what was told of it
  std::string told_alarms_;
  std::uint64_t told_control_ = 0;  // revisions
  std::uint64_t told_controllers_ = 0;
};

}  // namespace iw::api

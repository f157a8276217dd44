// WriteProperty (15.9) and WritePropertyMultiple (15.10) of a device's objects.
//
// What is written is judged here: object, property, index, type, range and priority. A command that is right
// goes to the plant; its slot changes when the plant has taken it. So an answer may come later.
#pragma once

#include <functional>

#include "protocols/bacnet/server/device.hpp"
#include "protocols/bacnet/server/plant.hpp"
#include "protocols/bacnet/server/reply.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet::server {

class Writing {
 public:
  // `changed` is called for every object that has another value afterwards. All outlive this.
  Writing(Device& device, Plant& plant, std::function<void(const Object&)> changed)
      : device_(device), plant_(plant), changed_(std::move(changed)) {}

  // Calls `answer` once, at once or later.
  using Answer = std::move_only_function<void(const Reply&)>;
  void write_property(const Address& by, bool allowed, Bytes request, Answer answer);
  void write_property_multiple(const Address& by, bool allowed, Bytes request, Answer answer);

 private:
  struct Sequence;

  void write(const Address& by, bool allowed, const WriteProperty& write, Plant::Done done);
  void command(Object& object, const Address& by, const WriteProperty& write, Plant::Done done);
  void go_on(std::shared_ptr<Sequence> sequence);

  Device& device_;
  Plant& plant_;
  std::function<void(const Object&)> changed_;
};

}  // namespace iw::bacnet::server

// WriteProperty (15.9) and WritePropertyMultiple (15.10) of a device's objects.
//
// What is written is judged here: object, property, index, type, range and priority. A command that is right
// goes to the plant; its slot changes when the plant has taken it. So an answer may come later.
#pragma once

#include <functional>

#include "protocols/bacnet/server/device.hpp"
#include "protocols/bacnet/server/plant.hpp"
#include "protocols/bacnet/server/reply.hpp"
#include "protocols/bacnet/server/reporting.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::bacnet::server {

class Writing {
 public:
  // `changed` is called for every object that has another value afterwards. `reporting`: none where nothing
  // is reported. All outlive this.
  Writing(Device& device, Plant& plant, Reporting* reporting, std::function<void(const Object&)> changed)
      : device_(device), plant_(plant), reporting_(reporting), changed_(std::move(changed)) {}

  // Calls `answer` once, at once or later.
  using Answer = std::move_only_function<void(const Reply&)>;
  void write_property(const Address& by, bool allowed, Bytes request, Answer answer);
  void write_property_multiple(const Address& by, bool allowed, Bytes request, Answer answer);
  // AddListElement (15.1), or RemoveListElement (15.2), of the Recipient_List.
  void change_list(const Address& by, bool allowed, Bytes request, bool add, Answer answer);

 private:
  struct Sequence;
  struct Refusal {
    BacnetError error;
    std::uint32_t element = 0;  // of a list, from 1
  };

  void write(const Address& by, bool allowed, const WriteProperty& write, Plant::Done done);
  void carry_out(const Address& by, bool allowed, const WriteProperty& write, Plant::Done done);
  tl::expected<void, Refusal> change_list(const ChangeList& change, bool allowed, bool add);
  Refusable<void> set_recipients(Object& object, Bytes value);
  void command(Object& object, const Address& by, const WriteProperty& write, Plant::Done done);
  void go_on(std::shared_ptr<Sequence> sequence);

  Device& device_;
  Plant& plant_;
  Reporting* reporting_;
  std::function<void(const Object&)> changed_;
};

}  // namespace iw::bacnet::server

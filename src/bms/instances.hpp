// Instances: which object a point is, for good: the number that a point once got stays its own over restarts,
// also while the point is gone, for building management systems name objects by them. Kept like mRIDs; a text
// file, one line an object: "<mRID> <type> <instance>".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/mrid.hpp"
#include "protocols/bacnet/object.hpp"

namespace iw::bms {

class Instances {
 public:
  // What save() wrote. Refused: a line that is none, an object that is there twice.
  static Result<Instances> parse(std::string_view text);
  [[nodiscard]] std::string save() const;

  // The object of this type that shows the point; the next free number of the type for a new one.
  bacnet::ObjectId of(const model::Mrid& point, bacnet::ObjectType type);

  // Grows with each new number: then it is time to save.
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

 private:
  std::map<std::pair<model::Mrid, bacnet::ObjectType>, std::uint32_t> numbers_;
  std::map<bacnet::ObjectType, std::uint32_t> last_;
};

}  // namespace iw::bms

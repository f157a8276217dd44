#include "bms/instances.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::bms;
using bacnet::ObjectId;
using bacnet::ObjectType;

namespace {

model::Mrid mrid(std::string_view name) { return model::derive({}, name); }

}  // namespace

TEST_CASE("a point keeps its object for good, also when others come and go") {
  Instances first;
  CHECK(first.of(mrid("a"), ObjectType::analog_input) == ObjectId{ObjectType::analog_input, 1});
  CHECK(first.of(mrid("b"), ObjectType::analog_input) == ObjectId{ObjectType::analog_input, 2});
  CHECK(first.of(mrid("c"), ObjectType::binary_input) == ObjectId{ObjectType::binary_input, 1});
  CHECK(first.of(mrid("a"), ObjectType::analog_input).instance == 1);

  auto again = Instances::parse(first.save()).value();
  CHECK(again.of(mrid("d"), ObjectType::analog_input).instance == 3);
  CHECK(again.of(mrid("b"), ObjectType::analog_input).instance == 2);
  CHECK(again.size() == 4);
}

TEST_CASE("a point that becomes another type of object is another object") {
  Instances instances;
  instances.of(mrid("a"), ObjectType::analog_value);
  CHECK(instances.of(mrid("a"), ObjectType::analog_output) == ObjectId{ObjectType::analog_output, 1});
  CHECK(instances.of(mrid("a"), ObjectType::analog_value) == ObjectId{ObjectType::analog_value, 1});
}

TEST_CASE("a file that is damaged is refused with the line") {
  Instances instances;
  instances.of(mrid("a"), ObjectType::analog_input);
  const std::string good = instances.save();
  for (const std::string& wrong : {good + good, good + "nonsense\n", good + "x 0 1\n", good.substr(5),
                                   good.substr(0, good.size() - 2) + "99999999\n"}) {
    CAPTURE(wrong);
    CHECK_FALSE(Instances::parse(wrong).has_value());
  }
  CHECK(Instances::parse("")->size() == 0);
}

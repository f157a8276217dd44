// Reply: what a service answers; the words in which a device says yes or no (clause 20.1).
#pragma once

#include <variant>

#include "base/bytes.hpp"
#include "protocols/bacnet/error.hpp"

namespace iw::bacnet::server {

struct Done {};   // SimpleACK
struct Results {  // ComplexACK
  Bytes data;
};
// Of services whose error says more than class and code.
struct ErrorData {
  Bytes data;
};

// Views are good until the next request.
using Reply = std::variant<Done, Results, BacnetError, ErrorData, RejectReason, AbortReason>;

}  // namespace iw::bacnet::server

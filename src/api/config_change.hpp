// A change of the configuration that a request asks for: on the disk, kept as a version, on record, and in
// force when it is answered.
#pragma once

#include <functional>
#include <string>

#include "api/answers.hpp"
#include "api/gatekeeper.hpp"
#include "api/surroundings.hpp"

namespace iw::api {

struct ConfigRequest {
  std::string why;
  // Whose tag If-Match has; empty: that of the whole file.
  std::string device = {};
  // Whose tag the answer has: the device under its new name; empty: the same.
  std::string device_now = {};
  // False: it does not say what it was made on, as it does not replace anything.
  bool needs_match = true;
  std::function<Result<std::string>(std::string_view text)> edit;  // on the blocking executor
  Status done = Status::ok;
};

// 200 or 201 with the version, and ETag of what was changed; 412 with both when it was made on something that
// is no longer there; 422 with findings by line, column and key.
io::Task<Response> change_config(Surroundings on, Gatekeeper& gate, const Call& call, ConfigRequest request);

Response config_not_editable();
// Findings as problem details.
Response findings_problem(const config::Findings& findings);
std::string etag(std::string_view tag);

}  // namespace iw::api

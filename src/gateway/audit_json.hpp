// Audit records as JSON, for `interwatt audit --json` and the API.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "security/audit_log.hpp"

namespace iw::gateway {

nlohmann::ordered_json to_json(const security::AuditRecord& record);
// "good": no fault was found; "fault": the first, if there is one.
nlohmann::ordered_json to_json(const security::AuditVerdict& verdict);

}  // namespace iw::gateway

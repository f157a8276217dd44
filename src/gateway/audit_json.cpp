#include "gateway/audit_json.hpp"

#include "gateway/event_json.hpp"
#include "json/json.hpp"

namespace iw::gateway {

using Json = nlohmann::ordered_json;

Json to_json(const security::AuditRecord& record) {
  return {{"sequence", record.sequence},     {"time", exact_time(record.entry.time)},
          {"actor", record.entry.actor},     {"action", record.entry.action},
          {"subject", record.entry.subject}, {"outcome", record.entry.outcome},
          {"detail", record.entry.detail},   {"hash", record.hash}};
}

Json to_json(const security::AuditVerdict& verdict) {
  Json json{{"good", !verdict.fault},
            {"records", verdict.records},
            {"head", {{"sequence", verdict.head.sequence}, {"hash", verdict.head.hash}}},
            {"unfinished", verdict.unfinished}};
  if (verdict.fault) {
    json["fault"] = {
        {"file", verdict.fault->file}, {"line", verdict.fault->line}, {"what", verdict.fault->what}};
  }
  return json;
}

}  // namespace iw::gateway

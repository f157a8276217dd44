#include "gateway/config_json.hpp"

#include "gateway/event_json.hpp"
#include "json/json.hpp"

namespace iw::gateway {

using Json = nlohmann::ordered_json;

Json config_json(const ConfigVersion& version) {
  Json changes = Json::array();
  for (const ConfigChange& change : version.changes) {
    changes.push_back({{"subject", change.subject},
                       {"key", change.key},
                       {"before", change.before},
                       {"after", change.after},
                       {"words", in_words(change)}});
  }
  return {{"version", version.number}, {"time", exact_time(version.time)},
          {"by", version.author.by},   {"why", version.author.why},
          {"tag", version.tag},        {"changes", std::move(changes)}};
}

Json config_json(const config::Findings& findings) {
  Json items = Json::array();
  for (const config::Finding& finding : findings) {
    items.push_back({{"severity", finding.severity == config::Severity::error ? "error" : "warning"},
                     {"line", finding.line},
                     {"column", finding.column},
                     {"key", finding.key},
                     {"message", finding.message},
                     {"remedy", finding.remedy}});
  }
  return items;
}

}  // namespace iw::gateway

#include "gateway/control_store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/append.hpp"
#include "base/json_text.hpp"
#include "json/json.hpp"
#include "security/audit_log.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using control::Claim;
using control::ClaimId;

std::int64_t count(Instant at) { return at.time_since_epoch().count(); }
std::int64_t count(WallTime at) { return at.time_since_epoch().count(); }

// When something was written, by the clock of one boot that nobody can set, and by that of the wall.
struct Written {
  std::string boot;
  Instant instant;
  WallTime wall;

  // How long ago; less than nothing: nobody knows.
  [[nodiscard]] Duration ago(events::Moment now, std::string_view boot_now) const {
    const bool same_boot = !boot_now.empty() && boot == boot_now && now.instant >= instant;
    return same_boot ? now.instant - instant : now.wall - wall;
  }
};

// Not by way of a tree: an order makes a thousand claims, none of which counts before all are written.
void append_claim(JsonObject& object, const Claim& claim, Instant now) {
  object.number("id", claim.id.value())
      .text("level", to_string(claim.level))
      .text("demand", to_string(claim.demand))
      .number("value", claim.value)
      .text("reason", claim.reason)
      .number("starts_in_ns", (claim.start - now).count())
      .number("ends_in_ns", (claim.expiry - now).count());
}

// As it was said `ago`.
Result<Claim> claim_from(const Json& json, Instant now, Duration ago) {
  Claim claim;
  claim.id = ClaimId(json.at("id").get<std::uint64_t>());
  claim.value = json.at("value").get<double>();
  claim.reason = json.at("reason").get<std::string>();
  auto level = control::parse_level(json.at("level").get<std::string>());
  if (!level) return fail(std::move(level).error());
  claim.level = *level;
  auto demand = control::parse_demand(json.at("demand").get<std::string>());
  if (!demand) return fail(std::move(demand).error());
  claim.demand = *demand;
  claim.start = now + Duration(json.at("starts_in_ns").get<std::int64_t>()) - ago;
  claim.expiry = now + Duration(json.at("ends_in_ns").get<std::int64_t>()) - ago;
  return claim;
}

void restore(RestoredClaims& into, StandingClaim standing, Instant now, Duration ago) {
  if (ago < 0ns) {
    into.ended.emplace_back(std::move(standing),
                            "the clock is behind: nobody knows how long the gateway was off");
  } else if (standing.claim.expiry <= now) {
    into.ended.emplace_back(std::move(standing), "it ended while the gateway was off");
  } else {
    into.standing.claims.push_back(std::move(standing));
  }
}

Unexpected unreadable(const Json::exception& error) {
  return fail(ErrorKind::malformed, fmt::format("the claims can not be read: {}", error.what()));
}

// What the records of the audit log make of the claims of the file.
class Follower {
 public:
  Follower(RestoredClaims& claims, events::Moment now, std::string_view boot)
      : claims_(claims), in_file_(claims.standing.last), now_(now), boot_(boot) {}

  Result<void> take(const security::AuditRecord& record) try {
    if (record.entry.data.empty()) return {};
    const Json json = Json::parse(record.entry.data);
    if (json.contains("ended")) {
      end(ClaimId(json.at("ended").get<std::uint64_t>()));
      return {};
    }
    if (json.contains("writing")) {
      writing(ClaimId(json.at("writing").get<std::uint64_t>()));
      return {};
    }
    return made(record.entry, json);
  } catch (const Json::exception& error) {
    return unreadable(error);
  }

 private:
  void end(ClaimId id) {
    std::erase_if(claims_.standing.claims, [id](const StandingClaim& one) { return one.claim.id == id; });
    std::erase_if(claims_.ended, [id](const auto& one) { return one.first.claim.id == id; });
  }

  void writing(ClaimId id) {
    for (StandingClaim& one : claims_.standing.claims)
      if (one.claim.id == id) one.written = true;
  }

  // What became of those with a number of the file, the file knows.
  Result<void> made(const security::AuditEntry& entry, const Json& json) {
    const Written written{.boot = json.at("boot").get<std::string>(),
                          .instant = Instant(Duration(json.at("instant_ns").get<std::int64_t>())),
                          .wall = entry.time};
    const Duration ago = written.ago(now_, boot_);
    auto claim = claim_from(json, now_.instant, ago);
    if (!claim) return fail(std::move(claim).error());
    if (claim->id <= in_file_) return {};
    claims_.standing.last = std::max(claims_.standing.last, claim->id);
    claim->owner = entry.actor;
    const ClaimId last(json.at("last").get<std::uint64_t>());
    if (std::exchange(last_, last) != last) order_.clear();  // whose end is missing
    const bool complete = claim->id == last;
    order_.push_back({.path = entry.subject, .claim = std::move(*claim)});
    if (!complete) return {};
    for (StandingClaim& one : std::exchange(order_, {}))
      restore(claims_, std::move(one), now_.instant, ago);
    return {};
  }

  RestoredClaims& claims_;
  ClaimId in_file_;
  events::Moment now_;
  std::string_view boot_;
  ClaimId last_;                      // of the order
  std::vector<StandingClaim> order_;  // as far as it is read
};

}  // namespace

std::string control_folder(const std::string& data_folder) { return data_folder + "/control"; }

std::string claims_path(const std::string& data_folder) {
  return control_folder(data_folder) + "/claims.json";
}

std::string boot_id(io::Files& files) {
  const auto text = files.read("/proc/sys/kernel/random/boot_id");
  return text ? text->substr(0, text->find('\n')) : "";
}

std::string write_claims(const StandingClaims& standing, std::string_view boot, std::uint64_t audited) {
  std::string text;
  append(
      text,
      R"({{"version":1,"boot":{},"written_instant_ns":{},"written_wall_ns":{},"audited":{},"last_id":{},"claims":[)",
      json_text(boot), count(standing.at.instant), count(standing.at.wall), audited, standing.last.value());
  for (std::string_view between = "\n"; const StandingClaim& one : standing.claims) {
    text += std::exchange(between, ",\n");
    JsonObject object(text);
    append_claim(object, one.claim, standing.at.instant);
    object.text("path", one.path).text("owner", one.claim.owner).flag("written", one.written).close();
  }
  text += "]}\n";
  return text;
}

std::string data_of_claim(const Claim& claim, ClaimId last, Instant now, std::string_view boot) {
  std::string text;
  JsonObject object(text);
  append_claim(object, claim, now);
  object.number("last", last.value()).text("boot", boot).number("instant_ns", count(now)).close();
  return text;
}

std::string data_of_writing(ClaimId claim) { return fmt::format(R"({{"writing":{}}})", claim.value()); }
std::string data_of_end(ClaimId claim) { return fmt::format(R"({{"ended":{}}})", claim.value()); }

Result<RestoredClaims> read_claims(std::string_view text, events::Moment now, std::string_view boot) {
  RestoredClaims restored;
  if (text.empty()) return restored;
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != 1)
      return fail(ErrorKind::unsupported, "the claims are of another version of the program");
    restored.standing.last = ClaimId(json.at("last_id").get<std::uint64_t>());
    // A file without it is older than such records.
    restored.audited = json.value("audited", std::numeric_limits<std::uint64_t>::max());
    const Written written{.boot = json.at("boot").get<std::string>(),
                          .instant = Instant(Duration(json.at("written_instant_ns").get<std::int64_t>())),
                          .wall = WallTime(Duration(json.at("written_wall_ns").get<std::int64_t>()))};
    const Duration ago = written.ago(now, boot);
    for (const Json& one : json.at("claims")) {
      auto claim = claim_from(one, now.instant, ago);
      if (!claim) return fail(std::move(claim).error());
      claim->owner = one.at("owner").get<std::string>();
      restore(restored,
              {.path = one.at("path").get<std::string>(),
               .claim = std::move(*claim),
               .written = one.at("written").get<bool>()},
              now.instant, ago);
    }
  } catch (const Json::exception& error) {
    return unreadable(error);
  }
  return restored;
}

Result<RestoredClaims> restore_claims(io::Files& files, const std::string& data_folder, events::Moment now,
                                      Log& log) {
  const auto text = files.read(claims_path(data_folder));
  if (!text && text.error().kind != ErrorKind::not_found) return fail(text.error());
  const std::string boot = boot_id(files);
  auto claims = read_claims(text.value_or(""), now, boot);
  if (!claims) {
    log.error("control: {}; the audit log is read instead", claims.error().message);
    claims = RestoredClaims{};
  }
  Follower follower(*claims, now, boot);
  const auto go_on = [&](const security::AuditRecord& record) {
    if (auto done = follower.take(record); !done)
      log.error("control: record {} of the audit log: {}", record.sequence, done.error().message);
  };
  const auto verdict =
      security::verify_audit_behind(claims->audited, files, security::audit_folder(data_folder), go_on);
  if (!verdict) return fail(verdict.error());
  if (const auto& fault = verdict->fault) {
    log.error("control: {}:{} of the audit log: {}; the claims behind it are not taken up", fault->file,
              fault->line, fault->what);
  }
  return claims;
}

}  // namespace iw::gateway

#include "gateway/control_store.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/append.hpp"
#include "base/json_text.hpp"
#include "json/json.hpp"

namespace iw::gateway {
namespace {

using Json = nlohmann::ordered_json;
using control::Claim;

std::int64_t count(Instant at) { return at.time_since_epoch().count(); }
std::int64_t count(WallTime at) { return at.time_since_epoch().count(); }

// What was left of it when the file was written, and when that was to be over.
struct Left {
  Duration start;  // from then on; negative: it had begun
  Duration expiry;
};

// Not by way of a tree: thousands of claims may stand, and each new one has them all written before it
// counts.
void append_claim(std::string& text, const StandingClaim& standing, Instant now) {
  const Claim& claim = standing.claim;
  JsonObject(text)
      .number("id", claim.id.value())
      .text("path", standing.path)
      .text("owner", claim.owner)
      .text("level", to_string(claim.level))
      .text("demand", to_string(claim.demand))
      .number("value", claim.value)
      .text("reason", claim.reason)
      .number("starts_in_ns", (claim.start - now).count())
      .number("ends_in_ns", (claim.expiry - now).count())
      .flag("written", standing.written)
      .close();
}

Result<StandingClaim> from_json(const Json& json, Left& left) {
  StandingClaim standing;
  Claim& claim = standing.claim;
  claim.id = control::ClaimId(json.at("id").get<std::uint64_t>());
  standing.path = json.at("path").get<std::string>();
  claim.owner = json.at("owner").get<std::string>();
  claim.value = json.at("value").get<double>();
  claim.reason = json.at("reason").get<std::string>();
  standing.written = json.at("written").get<bool>();
  auto level = control::parse_level(json.at("level").get<std::string>());
  if (!level) return fail(std::move(level).error());
  claim.level = *level;
  auto demand = control::parse_demand(json.at("demand").get<std::string>());
  if (!demand) return fail(std::move(demand).error());
  claim.demand = *demand;
  left = {.start = Duration(json.at("starts_in_ns").get<std::int64_t>()),
          .expiry = Duration(json.at("ends_in_ns").get<std::int64_t>())};
  return standing;
}

}  // namespace

std::string control_folder(const std::string& data_folder) { return data_folder + "/control"; }

std::string boot_id(io::Files& files) {
  const auto text = files.read("/proc/sys/kernel/random/boot_id");
  return text ? text->substr(0, text->find('\n')) : "";
}

std::string write_claims(const StandingClaims& standing, std::string_view boot) {
  std::string text;
  append(text,
         R"({{"version":1,"boot":{},"written_instant_ns":{},"written_wall_ns":{},"last_id":{},"claims":[)",
         json_text(boot), count(standing.at.instant), count(standing.at.wall), standing.last.value());
  for (std::string_view between = "\n"; const StandingClaim& one : standing.claims) {
    text += std::exchange(between, ",\n");
    append_claim(text, one, standing.at.instant);
  }
  text += "]}\n";
  return text;
}

Result<RestoredClaims> read_claims(std::string_view text, events::Moment now, std::string_view boot) {
  RestoredClaims restored;
  if (text.empty()) return restored;
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != 1)
      return fail(ErrorKind::unsupported, "the claims are of another version of the program");
    restored.standing.last = control::ClaimId(json.at("last_id").get<std::uint64_t>());
    const Instant written(Duration(json.at("written_instant_ns").get<std::int64_t>()));
    const WallTime written_wall(Duration(json.at("written_wall_ns").get<std::int64_t>()));
    const bool same_boot = !boot.empty() && json.at("boot") == boot && now.instant >= written;
    const Duration off = same_boot ? now.instant - written : now.wall - written_wall;
    for (const Json& one : json.at("claims")) {
      Left left{};
      auto standing = from_json(one, left);
      if (!standing) return fail(std::move(standing).error());
      standing->claim.start = now.instant + left.start - off;
      standing->claim.expiry = now.instant + left.expiry - off;
      if (off < 0ns) {
        restored.ended.emplace_back(std::move(*standing),
                                    "the clock is behind: nobody knows how long the gateway was off");
      } else if (left.expiry <= off) {
        restored.ended.emplace_back(std::move(*standing), "it ended while the gateway was off");
      } else {
        restored.standing.claims.push_back(std::move(*standing));
      }
    }
  } catch (const Json::exception& error) {
    return fail(ErrorKind::malformed, fmt::format("the claims can not be read: {}", error.what()),
                "move the file away; then there are no claims");
  }
  return restored;
}

}  // namespace iw::gateway

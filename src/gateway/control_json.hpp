// Control as JSON: what the door (control_door.hpp) takes and gives, and `interwatt control --json` prints.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "gateway/control_desk.hpp"
#include "gateway/controller_desk.hpp"

namespace iw::gateway {

nlohmann::ordered_json to_json(const control::Claim& claim, Instant now);
// {"enabled": true, "points": [...]}
nlohmann::ordered_json control_to_json(const ControlDesk& desk, Instant now);
// [{"name": "peak", "kind": "peak_shaving", "mode": "act", "code": ..., "words": ..., "inputs": [...], ...}]
nlohmann::ordered_json controllers_to_json(const ControllerDesk& desk, Instant now);
// [{"path": ..., "claim": {...}}, {"path": ..., "error": {...}}]
nlohmann::ordered_json claimed_to_json(std::span<const std::string> paths,
                                       const ControlDesk::Claimed& claimed, Instant now);
nlohmann::ordered_json to_json(const Decision& decision);

// {"path": "...", "level": "operator", "demand": "set", "value": 3000, "for_s": 3600, "in_s": 0,
//   "reason": "..."}, without the owner, who is set by who takes it.
Result<control::ClaimRequest> parse_claim_request(const nlohmann::ordered_json& json);
// {"claims": [{"owner": "...", and what a claim has}]}
Result<std::vector<control::ClaimRequest>> parse_claim_requests(std::string_view text);
// "for_s" of a claim, or of a stop.
Result<Duration> parse_life(const nlohmann::ordered_json& json);
// {"controller": "peak", "mode": "act", "by": "anna", "reason": "..."}
Result<ControllerDesk::ModeRequest> parse_mode_request(std::string_view text);

}  // namespace iw::gateway

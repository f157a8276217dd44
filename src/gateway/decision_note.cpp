#include "gateway/decision_note.hpp"

namespace iw::gateway {
namespace {

using control::Claim;
using control::ClaimId;

constexpr Duration same_note_every = 60s;  // decisions that differ by their value only

}  // namespace

std::optional<Decision> DecisionNote::note(const control::ClaimBook::Point& point,
                                           const control::Actuator::Status& status,
                                           const std::string& trouble, WallTime now) {
  const control::Ruling& ruling = point.ruling;
  const Claim* claim = ruling.winner ? &point.claims[*ruling.winner] : nullptr;
  const ClaimId id = claim != nullptr ? claim->id : ClaimId();
  const std::string_view state = trouble.empty() ? model::to_string(status.state) : "unreachable";
  const std::string_view limiter =
      ruling.limiter ? std::string_view(point.claims[*ruling.limiter].owner) : "";
  const bool same = noted_.code == to_string(ruling.code) && claim_ == id && noted_.limiter == limiter &&
                    noted_.state == state;
  const bool known = !noted_.path.empty();
  if (known && same && noted_.value == ruling.value) return std::nullopt;
  // A command under way is noted when its fate is known.
  if (known && claim_ == id && !model::is_final(status.state) && trouble.empty()) return std::nullopt;
  if (known && same && now >= noted_.time && now < noted_.time + same_note_every) return std::nullopt;
  noted_ = {.time = now,
            .path = point.path,
            .value = ruling.value,
            .code = std::string(to_string(ruling.code)),
            .owner = claim != nullptr ? claim->owner : "",
            .level = claim != nullptr ? std::string(to_string(claim->level)) : "",
            .limiter = std::string(limiter),
            .words = explain(ruling, point.claims),
            .state = std::string(state),
            .shown = status.shown,
            .trouble = !trouble.empty() ? trouble
                       : status.error   ? status.error->message
                                        : ""};
  claim_ = id;
  return noted_;
}

}  // namespace iw::gateway

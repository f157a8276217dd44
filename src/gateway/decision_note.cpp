#include "gateway/decision_note.hpp"

namespace iw::gateway {
namespace {

using control::Claim;
using control::ClaimId;

constexpr Duration same_note_every = 60s;  // decisions that differ by their value only

std::string_view state_of(const control::Actuator::Status& status, const std::string& trouble) {
  return trouble.empty() ? model::to_string(status.state) : "unreachable";
}

std::string_view limiter_of(const control::ClaimBook::Point& point) {
  const auto& limiter = point.ruling.limiter;
  return limiter ? std::string_view(point.claims[*limiter].owner) : "";
}

}  // namespace

Decision decision_now(const control::ClaimBook::Point& point, const control::Actuator::Status& status,
                      const std::string& trouble, WallTime now) {
  const control::Ruling& ruling = point.ruling;
  const Claim* claim = ruling.winner ? &point.claims[*ruling.winner] : nullptr;
  return {.time = now,
          .path = point.path,
          .value = ruling.value,
          .code = std::string(to_string(ruling.code)),
          .owner = claim != nullptr ? claim->owner : "",
          .level = claim != nullptr ? std::string(to_string(claim->level)) : "",
          .limiter = std::string(limiter_of(point)),
          .words = explain(ruling, point.claims),
          .state = std::string(state_of(status, trouble)),
          .shown = status.shown,
          .trouble = !trouble.empty() ? trouble
                     : status.error   ? status.error->message
                                      : ""};
}

std::optional<Decision> DecisionNote::note(const control::ClaimBook::Point& point,
                                           const control::Actuator::Status& status,
                                           const std::string& trouble, WallTime now) {
  const control::Ruling& ruling = point.ruling;
  const ClaimId id = ruling.winner ? point.claims[*ruling.winner].id : ClaimId();
  const bool same = noted_.code == to_string(ruling.code) && claim_ == id &&
                    noted_.limiter == limiter_of(point) && noted_.state == state_of(status, trouble);
  const bool known = !noted_.path.empty();
  if (known && same && noted_.value == ruling.value) return std::nullopt;
  // A command under way is noted when its fate is known.
  if (known && claim_ == id && !model::is_final(status.state) && trouble.empty()) return std::nullopt;
  if (known && same && now >= noted_.time && now < noted_.time + same_note_every) return std::nullopt;
  noted_ = decision_now(point, status, trouble, now);
  claim_ = id;
  return noted_;
}

}  // namespace iw::gateway

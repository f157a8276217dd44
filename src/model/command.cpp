#include "model/command.hpp"

namespace iw::model {

std::string_view to_string(WriteState state) {
  switch (state) {
    case WriteState::requested: return "requested";
    case WriteState::sent: return "sent";
    case WriteState::confirmed: return "confirmed";
    case WriteState::not_followed: return "not followed";
    case WriteState::limited: return "limited";
    case WriteState::unknown: return "unknown";
    case WriteState::refused: return "refused";
    case WriteState::expired: return "expired";
  }
  return "unknown";
}

}  // namespace iw::model

#include "bms/priorities.hpp"

#include <array>

namespace iw::bms {
namespace {

using control::Level;

constexpr std::array<std::optional<Level>, 16> levels{
    Level::protection,    // 1 manual life safety
    Level::protection,    // 2 automatic life safety
    Level::protection,    // 3
    Level::protection,    // 4
    Level::protection,    // 5 critical equipment control
    std::nullopt,         // 6 minimum on and off
    Level::people,        // 7
    Level::people,        // 8 manual operator
    Level::grid,          // 9
    Level::grid,          // 10
    Level::grid,          // 11
    Level::grid,          // 12
    Level::contract,      // 13
    Level::contract,      // 14
    Level::optimisation,  // 15
    Level::optimisation,  // 16, also of who names none
};

}  // namespace

std::optional<Level> level_of(std::uint8_t priority) { return levels.at(priority - 1U); }

}  // namespace iw::bms

#include "model/quality.hpp"

#include <array>
#include <string_view>

namespace iw::model {
namespace {

struct Name {
  Detail detail;
  std::string_view text;
};

constexpr std::array names{
    Name{Detail::bad_reference, "bad reference"},
    Name{Detail::clock_failure, "clock failure"},
    Name{Detail::clock_not_synchronized, "clock not synchronized"},
    Name{Detail::derived, "derived"},
    Name{Detail::estimator_replaced, "estimator replaced"},
    Name{Detail::failure, "failure"},
    Name{Detail::filtered, "filtered"},
    Name{Detail::forecast, "forecast"},
    Name{Detail::historical, "historical"},
    Name{Detail::inaccurate, "inaccurate"},
    Name{Detail::inconsistent, "inconsistent"},
    Name{Detail::interpolated, "interpolated"},
    Name{Detail::no_connection, "no connection"},
    Name{Detail::old_data, "old data"},
    Name{Detail::operator_blocked, "operator blocked"},
    Name{Detail::oscillatory, "oscillatory"},
    Name{Detail::out_of_range, "out of range"},
    Name{Detail::overflow, "overflow"},
    Name{Detail::substituted, "substituted"},
    Name{Detail::suspect, "suspect"},
    Name{Detail::test, "test"},
};

}  // namespace

std::string_view to_string(Validity validity) {
  switch (validity) {
    case Validity::good: return "good";
    case Validity::questionable: return "questionable";
    case Validity::invalid: return "invalid";
  }
  return "invalid";
}

std::string to_string(Quality quality) {
  std::string text(to_string(quality.validity()));
  std::string_view separator = ": ";
  for (const Name& name : names) {
    if (!quality.has(name.detail)) continue;
    text.append(separator).append(name.text);
    separator = ", ";
  }
  return text;
}

}  // namespace iw::model

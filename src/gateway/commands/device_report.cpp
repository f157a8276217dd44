#include "gateway/commands/device_report.hpp"

#include <cmath>

#include "commissioning/arguments.hpp"

namespace iw::gateway {

using namespace commissioning;

namespace {

Style style_of(model::Quality quality) {
  switch (quality.validity()) {
    using enum model::Validity;
    case good: return Style::good;
    case questionable: return Style::warn;
    case invalid: return Style::bad;
  }
  return Style::plain;
}

std::string value_text(const Reading& reading) {
  if (std::isnan(reading.value)) return reading.text;
  if (reading.text.empty()) return format_number(reading.value);
  return fmt::format("{} ({})", format_number(reading.value), reading.text);
}

}  // namespace

void show(const Stage& stage, Console& console) {
  const auto [mark, style] = [&]() -> std::pair<std::string_view, Style> {
    switch (stage.state) {
      case StageState::passed: return {"✓", Style::good};
      case StageState::nothing: return {"–", Style::warn};
      case StageState::failed: break;
    }
    return {"✗", Style::bad};
  }();
  console.out(fmt::format("{} {:<9}{:>8}  {}", console.styled(style, mark), stage.name,
                          fmt::format("{:.0f} ms", milliseconds(stage.took)), stage.detail));
  if (!stage.remedy.empty())
    console.out(fmt::format("{:>21}{}", "", console.styled(Style::bold, stage.remedy)));
}

std::string to_table(const Readings& readings, const Console& console) {
  TextTable table({{"point"}, {"value", TextTable::Align::right}, {"unit"}, {"quality"}, {"from"}});
  for (const Reading& reading : readings.points) {
    const model::QuantityInfo& quantity = model::info(reading.point.name.quantity);
    table.add({reading.name(), value_text(reading), std::string(model::to_string(quantity.unit)),
               console.styled(style_of(reading.quality), model::to_string(reading.quality)),
               console.styled(Style::dim, reading.point.source)});
  }
  return table.to_string(console);
}

}  // namespace iw::gateway

#include "driver/budget.hpp"

#include <algorithm>
#include <functional>

#include "config/rule.hpp"

namespace iw::driver {
namespace {

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void LineBudget::add(BudgetItem item) {
  item.share = seconds(item.takes) / seconds(item.period);
  load += item.share;
  items.push_back(std::move(item));
}

void LineBudget::sort() { std::ranges::sort(items, std::greater{}, &BudgetItem::share); }

std::string complaint(const LineBudget& budget) {
  if (budget.possible() || budget.items.empty()) return {};
  const BudgetItem& worst = budget.items.front();
  const std::string assumption =
      budget.assumed ? fmt::format(" if each answer takes {} ms", *budget.assumed / 1ms) : "";
  std::string text = fmt::format(
      "{}: interval {} impossible, {:.1f} s needed (the line would be busy {:.0f} % of the time{}); these "
      "reads cost most:",
      budget.url, config::to_string(worst.period), seconds(worst.period) * budget.load, budget.load * 100,
      assumption);
  for (std::size_t i = 0; i < std::min<std::size_t>(3, budget.items.size()); ++i) {
    const BudgetItem& item = budget.items[i];
    text += fmt::format("{} {} ({:.0f} ms each {})", i == 0 ? "" : ";", item.what, seconds(item.takes) * 1000,
                        config::to_string(item.period));
  }
  return text;
}

}  // namespace iw::driver

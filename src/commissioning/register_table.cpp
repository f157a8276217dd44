#include "commissioning/register_table.hpp"

#include <cmath>

#include "json/json.hpp"

namespace iw::commissioning {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Guess& guess) {
  Json report{{"type", to_string(guess.type)}, {"registers", guess.registers}};
  if (guess.registers == 2) report["order"] = to_string(guess.order);
  if (guess.scale != 1) report["scale"] = guess.scale;
  if (guess.value) report["value"] = *guess.value;
  if (!guess.text.empty()) report["text"] = guess.text;
  if (!guess.meaning.empty()) report["meaning"] = guess.meaning;
  return report;
}

void add_pair(Json& row, std::uint16_t first, std::uint16_t second) {
  for (const modbus::ByteOrder order : all_byte_orders) {
    const std::string name(to_string(order));
    const std::uint32_t number = as_u32(first, second, order);
    const float real = as_f32(first, second, order);
    row["u32"][name] = number;
    row["i32"][name] = static_cast<std::int32_t>(number);
    if (std::isfinite(real)) row["f32"][name] = real;
  }
}

}  // namespace

void RegisterTable::take(const RegisterRange& read) {
  if (readings_ == 0) movements_.resize(read.registers.size());
  if (readings_ > 0 && read.error) return;
  for (std::size_t i = 0; readings_ > 0 && i < read.registers.size(); ++i) {
    const auto& before = last_.registers[i];
    const auto& after = read.registers[i];
    if (!before || !after || *before == *after) continue;
    ++movements_[i].changes;
    movements_[i].by = static_cast<std::int16_t>(*after - *before);
  }
  last_ = read;
  ++readings_;
}

std::vector<RegisterRow> RegisterTable::rows() const {
  std::vector<RegisterRow> rows;
  const auto& registers = last_.registers;
  const std::vector<Guess> guesses = guess(registers);
  auto next_guess = guesses.begin();
  for (std::size_t i = 0; i < registers.size(); ++i) {
    while (next_guess != guesses.end() && next_guess->first < i)
      ++next_guess;
    if (!registers[i]) continue;
    RegisterRow row{.address = static_cast<std::uint16_t>(last_.range.first + i),
                    .word = *registers[i],
                    .next = i + 1 < registers.size() ? registers[i + 1] : std::nullopt,
                    .changes = movements_[i].changes,
                    .by = movements_[i].by,
                    .guess = {}};
    if (next_guess != guesses.end() && next_guess->first == i) row.guess = *next_guess;
    rows.push_back(std::move(row));
  }
  return rows;
}

Json to_json(const RegisterTable& table) {
  Json list = Json::array();
  for (const RegisterRow& row : table.rows()) {
    Json entry{{"address", row.address},
               {"value", row.word},
               {"i16", static_cast<std::int16_t>(row.word)},
               {"text", as_text(row.word)}};
    if (row.next) add_pair(entry, row.word, *row.next);
    if (table.readings() > 1) {
      entry["moved"] = row.by;
      entry["changes"] = row.changes;
    }
    if (row.guess) entry["guess"] = to_json(*row.guess);
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace iw::commissioning

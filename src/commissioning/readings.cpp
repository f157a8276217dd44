#include "commissioning/readings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/nearest.hpp"
#include "commissioning/arguments.hpp"
#include "json/json.hpp"
#include "protocols/modbus/block_reader.hpp"
#include "protocols/modbus/plan.hpp"

namespace iw::commissioning {
namespace {

using modbus::Block;
using modbus::ExceptionCode;
using model::Detail;
using model::Quality;
using model::Validity;

constexpr Quality missing_quality = Quality(Validity::invalid).with(Detail::bad_reference);
constexpr Quality failed_quality = Quality(Validity::invalid).with(Detail::failure);
constexpr Quality silent_quality = failed_quality.with(Detail::no_connection);

modbus::Request request_of(const Block& block) {
  if (is_bit_table(block.table)) {
    return modbus::ReadBits{.table = block.table, .address = block.address, .count = block.count};
  }
  return modbus::ReadRegisters{.table = block.table, .address = block.address, .count = block.count};
}

bool refuses_addresses(ExceptionCode code) {
  return code == ExceptionCode::illegal_function || code == ExceptionCode::illegal_data_address ||
         code == ExceptionCode::illegal_data_value;
}

class PointsReader {
 public:
  explicit PointsReader(const modbus::RegisterMap& map)
      : map_(map), plan_(map, std::vector<Duration>(map.points.size())), done_(map.points.size()) {
    for (const modbus::RegisterPoint& source : map.points) {
      readings_.points.push_back({.point = source.point,
                                  .value = std::numeric_limits<double>::quiet_NaN(),
                                  .text = {},
                                  .quality = missing_quality});
    }
    for (const std::uint16_t point : plan_.unreadable())
      done_[point] = true;
  }

  io::Task<Readings> read(modbus::UnitAccess& unit) {
    for (auto next = next_block(); next; next = next_block()) {
      const Block block = plan_.blocks()[*next];
      const modbus::Request request = request_of(block);
      const auto reply = co_await unit.ask(request);
      if (!reply) {
        fail_block(block, reply.error(), silent_quality);
        if (++silences_ == most_silences) break;
        continue;
      }
      silences_ = 0;
      take(*next, block, modbus::decode_response(request, reply->bytes()));
    }
    for (std::size_t i = 0; i < done_.size(); ++i) {
      if (!done_[i]) readings_.points[i].quality = silent_quality;
    }
    co_return std::move(readings_);
  }

 private:
  static constexpr int most_silences = 2;  // in a row

  [[nodiscard]] std::optional<std::size_t> next_block() const {
    const auto open = [&](const Block& block) {
      return std::ranges::any_of(block.points, [&](std::uint16_t point) { return !done_[point]; });
    };
    const auto found = std::ranges::find_if(plan_.blocks(), open);
    if (found == plan_.blocks().end()) return std::nullopt;
    return static_cast<std::size_t>(found - plan_.blocks().begin());
  }

  void take(std::size_t index, const Block& block, const Result<modbus::Response>& response) {
    if (!response) return fail_block(block, response.error(), failed_quality);
    if (const auto* exception = std::get_if<modbus::ExceptionResponse>(&*response)) {
      if (!refuses_addresses(exception->code)) {
        return fail_block(block, modbus::to_error(exception->code), failed_quality);
      }
      if (block.points.size() == 1) done_[block.points.front()] = true;  // is not there
      plan_.refused(index);
      return;
    }
    model::SampleBatch batch;
    const modbus::BlockReader reader(map_, block);
    if (const auto* registers = std::get_if<modbus::ReadRegistersResponse>(&*response))
      reader.read(*registers, batch);
    if (const auto* bits = std::get_if<modbus::ReadBitsResponse>(&*response)) reader.read(*bits, batch);
    keep(batch);
    for (const std::uint16_t point : block.points)
      done_[point] = true;
    plan_.accepted(index);
  }

  void keep(const model::SampleBatch& batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Reading& reading = readings_.points[batch.index[i]];
      reading.value = batch.value[i];
      reading.quality = batch.quality[i];
      const auto word = std::ranges::find_if(reading.point.texts, [&](const auto& text) {
        return static_cast<double>(text.first) == reading.value;
      });
      if (word != reading.point.texts.end()) reading.text = word->second;
    }
    for (const model::TextSample& sample : batch.texts) {
      readings_.points[sample.index].text = sample.text;
      readings_.points[sample.index].quality = sample.quality;
    }
  }

  void fail_block(const Block& block, const Error& error, Quality quality) {
    if (!readings_.error) readings_.error = error;
    for (const std::uint16_t point : block.points) {
      done_[point] = true;
      readings_.points[point].quality = quality;
    }
  }

  const modbus::RegisterMap& map_;
  modbus::Plan plan_;
  std::vector<bool> done_;
  Readings readings_;
  int silences_ = 0;
};

}  // namespace

std::string Reading::name() const {
  const std::string name = model::to_string(point.name);
  return point.role.empty() ? name : fmt::format("{}: {}", point.role, name);
}

std::size_t Readings::good() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(points, [](const Reading& reading) { return reading.quality.good(); }));
}

io::Task<Readings> read_points(modbus::UnitAccess& unit, modbus::RegisterMap map) {
  PointsReader reader(map);
  co_return co_await reader.read(unit);
}

Result<modbus::RegisterMap> select_points(const modbus::RegisterMap& map,
                                          const std::vector<std::string>& names) {
  if (names.empty()) return map;
  modbus::RegisterMap selected{.points = {}, .limits = map.limits, .identity = map.identity};
  std::vector<std::string> known;
  for (const modbus::RegisterPoint& source : map.points) {
    const std::string name = model::to_string(source.point.name);
    known.push_back(source.point.role.empty() ? name : fmt::format("{}/{}", source.point.role, name));
  }
  for (const std::string& name : names) {
    std::string wanted = name;
    if (const auto colon = wanted.find(": "); colon != std::string::npos) wanted.replace(colon, 2, "/");
    const auto found = std::ranges::find(known, wanted);
    if (found == known.end()) {
      const std::vector<std::string_view> words(known.begin(), known.end());
      return fail(ErrorKind::not_found,
                  fmt::format("there is no point '{}'{}", name, suggestion(wanted, words)));
    }
    selected.points.push_back(map.points[static_cast<std::size_t>(found - known.begin())]);
  }
  return selected;
}

nlohmann::ordered_json to_json(const Readings& readings) {
  auto list = nlohmann::ordered_json::array();
  for (const Reading& reading : readings.points) {
    const model::QuantityInfo& quantity = model::info(reading.point.name.quantity);
    nlohmann::ordered_json entry{{"point", model::to_string(reading.point.name)},
                                 {"role", reading.point.role},
                                 {"value", nullptr},
                                 {"unit", model::to_string(quantity.unit)},
                                 {"quality", model::to_string(reading.quality)},
                                 {"source", reading.point.source}};
    if (!std::isnan(reading.value)) entry["value"] = reading.value;
    if (!reading.text.empty()) entry["text"] = reading.text;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace iw::commissioning

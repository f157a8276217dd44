// sunspec_decode: images of SunSpec models on stdin, one line of JSON each ({"model", "case", "registers"});
// what we read in them on stdout: {"model", "case", "points": {path: {"raw", "value", "implemented"}}}.
#include <iostream>
#include <string>
#include <vector>

#include "json/json.hpp"
#include "protocols/sunspec/decode.hpp"
#include "protocols/sunspec/models.hpp"

namespace {

nlohmann::ordered_json decode(const nlohmann::ordered_json& image) {
  using namespace iw;
  std::vector<std::byte> bytes;
  for (const std::uint16_t value : image["registers"].get<std::vector<std::uint16_t>>()) {
    bytes.push_back(static_cast<std::byte>(value >> 8U));
    bytes.push_back(static_cast<std::byte>(value & 0xFFU));
  }
  nlohmann::ordered_json points = nlohmann::ordered_json::object();
  if (const sunspec::ModelDefinition* model = sunspec::find_model(image["model"].get<std::uint16_t>())) {
    for (const sunspec::DecodedPoint& point : sunspec::decode_model(*model, bytes)) {
      points[point.name] = {
          {"raw", point.raw},
          {"value", point.value ? nlohmann::ordered_json(*point.value) : nlohmann::ordered_json()},
          {"implemented", point.implemented}};
    }
  }
  return {{"model", image["model"]}, {"case", image["case"]}, {"points", std::move(points)}};
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << decode(nlohmann::ordered_json::parse(line)).dump() << '\n';
}

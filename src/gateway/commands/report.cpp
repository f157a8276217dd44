#include "gateway/commands/report.hpp"

#include "json/json.hpp"

namespace iw::gateway {

using Json = nlohmann::ordered_json;

void print(Console& console, const Json& json) {
  console.out(json.dump(2, ' ', false, Json::error_handler_t::replace));
}

Json to_json(const Error& error) {
  return {{"kind", to_string(error.kind)}, {"message", error.message}, {"remedy", error.remedy}};
}

int give_up(Console& console, bool json, const Error& error, int status) {
  if (json) {
    print(console, {{"error", to_json(error)}});
  } else {
    console.error(error);
  }
  return status;
}

}  // namespace iw::gateway

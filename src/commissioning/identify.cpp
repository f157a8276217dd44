#include "commissioning/identify.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "commissioning/arguments.hpp"
#include "commissioning/link.hpp"
#include "protocols/modbus/value.hpp"
#include "protocols/sunspec/driver.hpp"
#include "protocols/sunspec/models.hpp"

namespace iw::commissioning {
namespace {

using modbus::Detection;
using modbus::DeviceIdLevel;
using modbus::DeviceObject;
using modbus::Profile;
using modbus::RegisterPoint;

constexpr std::uint8_t vendor_name = 0;
constexpr std::uint8_t product_code = 1;
constexpr std::uint8_t revision = 2;
constexpr std::uint8_t product_name = 4;
constexpr std::uint8_t model_name = 5;
constexpr std::uint8_t level_mask = 0x7F;

std::string_view object(const std::vector<DeviceObject>& objects, std::uint8_t id) {
  const auto found = std::ranges::find(objects, id, &DeviceObject::id);
  return found == objects.end() ? std::string_view{} : std::string_view(found->text);
}

// What the probes of the profiles read; profiles of one maker often ask for the same.
class Probes {
 public:
  explicit Probes(modbus::UnitAccess& unit) : unit_(unit) {}

  // The registers of the point as a reply holds them; none when the device does not give them.
  io::Task<const std::vector<std::byte>*> read(RegisterPoint point) {
    const modbus::ReadRegisters request{
        .table = point.table, .address = point.address, .count = modbus::register_count(point)};
    const auto [entry, is_new] = read_.try_emplace({request.table, request.address, request.count});
    if (is_new && silences_ < most_silences) {
      const auto reply = co_await unit_.ask(request);
      if (!reply && reply.error().kind == ErrorKind::timeout) ++silences_;
      const auto response = reply ? modbus::decode_response(request, reply->bytes()) : fail(reply.error());
      const auto* registers = response ? std::get_if<modbus::ReadRegistersResponse>(&*response) : nullptr;
      if (registers != nullptr)
        entry->second.assign(registers->registers.begin(), registers->registers.end());
    }
    co_return entry->second.empty() ? nullptr : &entry->second;
  }

 private:
  // A device that does not even refuse would cost a time-out for each profile.
  static constexpr int most_silences = 3;

  modbus::UnitAccess& unit_;
  std::map<std::tuple<modbus::Table, std::uint16_t, std::uint16_t>, std::vector<std::byte>> read_;
  int silences_ = 0;
};

bool shows(const Detection& detection, const RegisterPoint& probe, const std::vector<std::byte>& registers) {
  if (detection.equals) {
    const modbus::Decoded decoded = modbus::compile(probe).decode(registers, probe.address);
    return decoded.good() && decoded.value == *detection.equals;
  }
  const auto text = modbus::decode_text(probe, registers, probe.address);
  return text && text->starts_with(detection.text);
}

io::Task<bool> holds(Detection detection, Probes& probes, const std::vector<DeviceObject>& objects) {
  if (!contains_any_case(object(objects, vendor_name), detection.vendor)) co_return false;
  if (!contains_any_case(object(objects, product_code), detection.product) &&
      !contains_any_case(object(objects, product_name), detection.product)) {
    co_return false;
  }
  if (!detection.probe) co_return true;
  const auto* registers = co_await probes.read(*detection.probe);
  co_return registers != nullptr&& shows(detection, *detection.probe, *registers);
}

// A profile without a hint that holds may still have the name that the device gives itself.
bool has_name(const Profile& profile, const std::vector<DeviceObject>& objects) {
  constexpr std::size_t shortest = 3;  // a name of two letters is in everything
  if (!contains_any_case(object(objects, vendor_name), profile.manufacturer)) return false;
  return std::ranges::any_of(std::array{product_code, product_name, model_name}, [&](std::uint8_t id) {
    const std::string_view name = object(objects, id);
    return std::ranges::any_of(profile.models, [&](std::string_view model) {
      return (model.size() >= shortest && contains_any_case(name, model)) ||
             (name.size() >= shortest && contains_any_case(model, name));
    });
  });
}
constexpr int sureness_of_name = 3;

// How much a detection says: a number is met by chance sooner than a name.
int sureness(const Detection& detection) {
  return (detection.product.empty() ? 0 : 4) + (detection.text.empty() ? 0 : 4) +
         (detection.vendor.empty() ? 0 : 2) + (detection.equals ? 1 : 0);
}

}  // namespace

io::Task<std::vector<DeviceObject>> read_objects(modbus::UnitAccess& unit) {
  constexpr int most_requests = 20;  // of a device that never comes to an end
  std::vector<DeviceObject> objects;
  modbus::ReadDeviceIdentification request{.level = DeviceIdLevel::basic};
  for (int i = 0; i < most_requests; ++i) {
    const auto reply = co_await unit.ask(request);
    if (!reply) break;
    auto response = modbus::decode_response(request, reply->bytes());
    auto* part = response ? std::get_if<modbus::DeviceIdentificationResponse>(&*response) : nullptr;
    if (part == nullptr) break;
    for (DeviceObject& one : part->objects) {
      if (std::ranges::find(objects, one.id, &DeviceObject::id) == objects.end())
        objects.push_back(std::move(one));
    }
    if (part->more_follows && part->next_object > request.object) {
      request.object = part->next_object;
    } else if (request.level == DeviceIdLevel::basic && (part->conformity & level_mask) >= 2) {
      request = {.level = DeviceIdLevel::regular};
    } else {
      break;
    }
  }
  co_return objects;
}

io::Task<std::vector<const Profile*>> recognise(modbus::UnitAccess& unit, const modbus::Catalogue& catalogue,
                                                std::vector<DeviceObject> objects) {
  Probes probes(unit);
  std::vector<std::pair<int, const Profile*>> found;
  for (const auto& [id, profile] : catalogue) {
    int sure = has_name(profile, objects) ? sureness_of_name : 0;
    for (const Detection& detection : profile.detect) {
      const bool recognised = co_await holds(detection, probes, objects);
      if (recognised) sure = std::max(sure, sureness(detection));
    }
    if (sure > 0) found.emplace_back(sure, &profile);
  }
  std::ranges::sort(found, {}, [](const auto& entry) { return std::tuple(-entry.first, entry.second->id); });
  std::vector<const Profile*> profiles;
  profiles.reserve(found.size());
  for (const auto& [sure, profile] : found)
    profiles.push_back(profile);
  co_return profiles;
}

io::Task<Identification> identify(modbus::UnitAccess& unit, const modbus::Catalogue& catalogue) {
  Identification found;
  found.objects = co_await read_objects(unit);
  auto chain = co_await sunspec::read_chain(unit);
  if (chain) {
    found.chain = std::move(*chain);
  } else {
    found.why_no_chain = chain.error().message;
  }
  found.profiles = co_await recognise(unit, catalogue, found.objects);
  co_return found;
}

model::DeviceIdentity Identification::identity() const {
  if (chain && !chain->sub_devices.empty()) return chain->sub_devices.front();
  std::string_view product = object(objects, model_name);
  if (product.empty()) product = object(objects, product_name);
  if (product.empty()) product = object(objects, product_code);
  return {.manufacturer = std::string(object(objects, vendor_name)),
          .model = std::string(product),
          .version = std::string(object(objects, revision))};
}

std::string describe(const model::DeviceIdentity& identity) {
  std::string text = identity.manufacturer;
  if (!identity.model.empty()) text += (text.empty() ? "" : " ") + identity.model;
  const auto add = [&](std::string_view what, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", what, value);
  };
  add("version", identity.version);
  add("serial number", identity.serial_number);
  return text;
}

std::string list_models(const sunspec::Chain& chain) {
  std::string text;
  for (const sunspec::ModelBlock& block : chain.models) {
    const sunspec::ModelDefinition* model = sunspec::find_model(block.id);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", block.id,
                        model != nullptr ? model->name : "(not public)");
  }
  return text;
}

}  // namespace iw::commissioning

// interwatt write bacnet://...: a property, or values of several objects, and what the device makes of it.

#include "commissioning/arguments.hpp"
#include "gateway/commands/bacnet_target.hpp"
#include "gateway/commands/bacnet_tools.hpp"
#include "gateway/commands/confirm.hpp"
#include "gateway/commands/report.hpp"
#include "json/json.hpp"
#include "protocols/bacnet/write_services.hpp"

namespace iw::gateway {
namespace {

using namespace commissioning;

using Json = nlohmann::ordered_json;
using bacnet::PropertyId;
using bacnet::ReadValue;

struct Wish {
  bacnet::ObjectPropertyReference property;
  std::string value;
  std::optional<std::uint8_t> priority;
  bool yes = false;
};

// The text in the type of what is there; "null" relinquishes.
Result<std::vector<std::byte>> encode_as(bacnet::DataType type, const std::string& text) {
  if (text == "null") return bacnet::encoded(bacnet::Null{});
  if (type == bacnet::DataType::character_string) return bacnet::encoded(bacnet::CharacterString::utf8(text));
  const auto number = text == "on" || text == "true"     ? std::optional(1.0)
                      : text == "off" || text == "false" ? std::optional(0.0)
                                                         : parse_number(text);
  if (!number) return fail(ErrorKind::invalid_argument, fmt::format("'{}' is no number", text));
  const auto value = bacnet::value_of(type, *number);
  if (!value) return fail(value.error());
  return bacnet::encoded(*value);
}

io::Task<int> write_property(BacnetLink& link, BacnetTarget wanted, Wish wish, Console& console) {
  const auto binding = co_await link.find(wanted.url);
  if (!binding) co_return give_up(console, wanted.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  auto before = co_await device.read(wish.property);
  if (!before) co_return give_up(console, wanted.json, before.error());
  const ReadValue was{.property = wish.property, .value = std::move(*before)};
  const auto first = was.first();
  const auto encoded = encode_as(first ? bacnet::type_of(*first) : bacnet::DataType::real, wish.value);
  if (!encoded) co_return give_up(console, wanted.json, encoded.error(), 2);
  const std::string what = fmt::format("{} := {}{}", bacnet::to_string(wish.property), wish.value,
                                       wish.priority ? fmt::format(" at priority {}", *wish.priority) : "");
  if (!wanted.json)
    console.out(
        fmt::format("{}: {} now, {} wished", bacnet::to_string(wish.property), shown(was), wish.value));
  if (!wish.yes && !confirm(console, what + "?"))
    co_return give_up(console, wanted.json, {ErrorKind::cancelled, "nothing was written"});

  std::vector<std::byte> buffer(encoded->size() + 32);
  bacnet::ParameterWriter out(buffer);
  bacnet::WriteProperty{.object = wish.property.object,
                        .property = wish.property.property,
                        .value = *encoded,
                        .priority = wish.priority}
      .encode(out);
  buffer.resize(out.size());
  const auto written =
      co_await link.client().ask(*binding, bacnet::ConfirmedService::write_property, std::move(buffer), true);
  if (!written) co_return give_up(console, wanted.json, written.error());
  auto after = co_await device.read(wish.property);
  const ReadValue is{.property = wish.property,
                     .value = after ? std::move(*after) : std::vector<std::byte>()};
  const bool held = is.value == *encoded;
  std::string slot;
  if (wish.priority) {
    const auto read = co_await device.read(
        {.object = wish.property.object,
         .property = {.property = PropertyId::priority_array, .index = std::uint32_t{*wish.priority}}});
    if (read) slot = shown({.property = wish.property, .value = *read});
  }
  const bool released = wish.value == "null" && (slot.empty() || slot == "null");
  if (wanted.json) {
    print(console, {{"what", what},
                    {"before", shown(was)},
                    {"after", shown(is)},
                    {"priority_array_slot", slot},
                    {"confirmed", held || released}});
  } else {
    const std::string holds = slot.empty() ? "" : fmt::format(", priority {} holds {}", *wish.priority, slot);
    console.out(fmt::format("{}: {}{}",
                            held || released ? console.styled(Style::good, "confirmed")
                                             : console.styled(Style::bad, "not followed"),
                            shown(is), holds));
    if (!held && !released)
      console.note("the device took the write and shows another value: a higher priority may command it");
  }
  co_return held || released ? 0 : 1;
}

// Values of several objects by one WritePropertyMultiple; they are applied in order, up to the first that
// fails.
io::Task<int> write_many(BacnetLink& link, BacnetTarget target, std::vector<Wish> wishes, Console& console) {
  const auto binding = co_await link.find(target.url);
  if (!binding) co_return give_up(console, target.json, binding.error());
  bacnet::PropertyClient device(link.client(), *binding);
  device.set_limits(binding->limits);
  std::vector<bacnet::ObjectPropertyReference> properties;
  for (const Wish& wish : wishes)
    properties.push_back(wish.property);
  const auto before = co_await device.read(properties);
  if (!before) co_return give_up(console, target.json, before.error());
  std::vector<std::vector<std::byte>> encoded;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const auto first = (*before)[i].first();
    auto value = encode_as(first ? bacnet::type_of(*first) : bacnet::DataType::real, wishes[i].value);
    if (!value) co_return give_up(console, target.json, value.error(), 2);
    encoded.push_back(std::move(*value));
    if (!target.json)
      console.out(fmt::format("{}: {} now, {} wished", bacnet::to_string(wishes[i].property),
                              shown((*before)[i]), wishes[i].value));
  }
  if (!wishes.front().yes && !confirm(console, fmt::format("write {} values?", wishes.size())))
    co_return give_up(console, target.json, {ErrorKind::cancelled, "nothing was written"});

  std::vector<bacnet::WriteProperty> writes;
  std::size_t size = 16;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    writes.push_back({.object = wishes[i].property.object,
                      .property = wishes[i].property.property,
                      .value = encoded[i],
                      .priority = wishes[i].priority});
    size += encoded[i].size() + 32;
  }
  std::vector<std::byte> buffer(size);
  bacnet::ParameterWriter out(buffer);
  bacnet::write_write_property_multiple(out, writes);
  buffer.resize(out.size());
  const auto written = co_await link.client().ask(*binding, bacnet::ConfirmedService::write_property_multiple,
                                                  std::move(buffer), true);
  const auto after = co_await device.read(std::move(properties));
  if (!after) co_return give_up(console, target.json, after.error());
  bool all = true;
  Json report = Json::array();
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const bool held = (*after)[i].value == encoded[i] || wishes[i].value == "null";
    all = all && held;
    report.push_back({{"what", bacnet::to_string(wishes[i].property)},
                      {"before", shown((*before)[i])},
                      {"after", shown((*after)[i])},
                      {"confirmed", held && written.has_value()}});
    if (!target.json) {
      console.out(
          fmt::format("{}: {} {}", bacnet::to_string(wishes[i].property),
                      held ? console.styled(Style::good, "holds") : console.styled(Style::bad, "shows"),
                      shown((*after)[i])));
    }
  }
  if (!written) {
    Error error = written.error();
    error.remedy = "what stands before the one that failed is written, what stands behind it is not";
    if (!target.json) console.error(error);
  }
  if (target.json) print(console, report);
  co_return all&& written ? 0 : 1;
}

Result<std::optional<std::uint8_t>> parse_priority(const std::optional<int>& priority) {
  if (!priority) return std::nullopt;
  if (*priority < 3 || *priority > 16 || *priority == bacnet::minimum_on_off_priority) {
    return fail(ErrorKind::invalid_argument, fmt::format("nothing is written at priority {}", *priority),
                "1 and 2 belong to life safety, 6 to minimum on and off times: take another from 3 to 16");
  }
  return static_cast<std::uint8_t>(*priority);
}

// OBJECT VALUE OBJECT VALUE ...
Result<std::vector<Wish>> parse_wishes(const BacnetWrite& write) {
  const auto priority = parse_priority(write.priority);
  if (!priority) return fail(priority.error());
  std::vector<Wish> wishes;
  for (std::size_t i = 0; i + 1 < write.arguments.size(); i += 2) {
    const auto object = bacnet::parse_object_id(write.arguments[i]);
    if (!object) return fail(object.error());
    wishes.push_back({.property = {.object = *object},
                      .value = write.arguments[i + 1],
                      .priority = *priority,
                      .yes = write.yes});
  }
  return wishes;
}

Result<Wish> parse_wish(const BacnetWrite& write) {
  if (write.arguments.size() != 2 && write.arguments.size() != 3) {
    return fail(ErrorKind::invalid_argument, "an object and a value are wanted",
                "interwatt write 'bacnet://192.0.2.20?device=1234' ao1 55 --priority 10");
  }
  const auto object = bacnet::parse_object_id(write.arguments[0]);
  if (!object) return fail(object.error());
  Wish wish{.property = {.object = *object}, .value = write.arguments.back(), .yes = write.yes};
  if (write.arguments.size() == 3) {
    const auto property = bacnet::parse_property(write.arguments[1]);
    if (!property) return fail(property.error());
    wish.property.property = *property;
  }
  const auto priority = parse_priority(write.priority);
  if (!priority) return fail(priority.error());
  wish.priority = *priority;
  return wish;
}

}  // namespace

int write_bacnet(const TargetOptions& options, const BacnetWrite& write, Console& console) {
  const auto wanted = parse_bacnet_device(options);
  if (!wanted) return give_up(console, options.json, wanted.error(), 2);
  const bool many = write.arguments.size() >= 4 && write.arguments.size() % 2 == 0;
  const auto wishes = many ? parse_wishes(write) : std::vector<Wish>();
  if (!wishes) return give_up(console, options.json, wishes.error(), 2);
  const auto wish = many ? wishes->front() : parse_wish(write);
  if (!wish) return give_up(console, options.json, wish.error(), 2);
  if (!write.yes && (options.json || !can_ask())) {
    return give_up(console, options.json,
                   {ErrorKind::invalid_argument, "a write must be confirmed, and there is no terminal to ask",
                    "add --yes when you are sure"},
                   2);
  }
  return run_with_bacnet_link(
      *wanted,
      [&](BacnetLink& link) {
        return many ? write_many(link, *wanted, *wishes, console)
                    : write_property(link, *wanted, *wish, console);
      },
      console);
}

}  // namespace iw::gateway

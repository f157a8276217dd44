#include "gateway/device_edits.hpp"

#include <algorithm>

#include "config/text_edit.hpp"
#include "protocols/modbus/address.hpp"

namespace iw::gateway {
namespace {

using config::Document;
using config::Kind;
using config::Value;

constexpr std::string_view list = "devices";

Result<Document> parse(std::string_view text) {
  config::Findings findings;
  auto document = Document::parse("", text, findings);
  if (!document) return fail(config::to_error(findings));
  return std::move(*document);
}

std::string name_of(const Value& device) {
  const Value* name = device.find("name");
  return name != nullptr ? name->text : "";
}

// What its address means: the same line may be written with another case of its host, or without its port.
std::string line_of(const Value& section) {
  const Value* connect = section.find("connect");
  if (connect == nullptr) return "";
  const auto address = modbus::parse_address(connect->text);
  return address ? modbus::line_url(*address) : connect->text;
}

const Value* section_of(const Document& document, std::string_view name) {
  const Value* devices = document.root().find(list);
  if (devices == nullptr) return nullptr;
  const auto found = std::ranges::find(devices->children, name, name_of);
  return found != devices->children.end() ? &*found : nullptr;
}

std::size_t index_of(const Document& document, const Value& section) {
  return static_cast<std::size_t>(&section - document.root().find(list)->children.data());
}

struct Found {
  Document document;
  std::size_t index = 0;
};

Result<Found> find(std::string_view text, std::string_view name) {
  auto document = parse(text);
  if (!document) return fail(std::move(document).error());
  const Value* section = section_of(*document, name);
  if (section == nullptr) {
    return fail(ErrorKind::not_found, fmt::format("there is no device '{}'", name),
                "GET /api/v1/devices lists them");
  }
  const std::size_t index = index_of(*document, *section);
  return Found{.document = std::move(*document), .index = index};
}

}  // namespace

Result<std::string> add_device(std::string_view text, std::string_view device) {
  const auto parsed = parse(device);
  if (!parsed) return fail(parsed.error());
  const auto document = parse(text);
  if (!document) return fail(document.error());
  const std::string name = name_of(parsed->root());
  if (section_of(*document, name) != nullptr)
    return fail(ErrorKind::rejected, fmt::format("there is a device '{}' already", name),
                "give it another name");
  return config::add_item(text, list, device);
}

Result<std::string> add_line(std::string_view text, std::string_view line) {
  const auto parsed = parse(line);
  if (!parsed) return fail(parsed.error());
  const auto document = parse(text);
  if (!document) return fail(document.error());
  const Value* lines = document->root().find("lines");
  if (lines != nullptr &&
      std::ranges::find(lines->children, line_of(parsed->root()), line_of) != lines->children.end())
    return std::string(text);
  return config::add_item(text, "lines", line);
}

Result<std::string> change_device(std::string_view text, std::string_view name, const Value& device) {
  const auto found = find(text, name);
  if (!found) return fail(found.error());
  return config::change_item(text, list, found->index, device);
}

Result<std::string> replace_device(std::string_view text, std::string_view name, std::string_view device) {
  const auto found = find(text, name);
  if (!found) return fail(found.error());
  return config::replace_item(text, list, found->index, device);
}

Result<std::string> remove_device(std::string_view text, std::string_view name) {
  const auto found = find(text, name);
  if (!found) return fail(found.error());
  return config::remove_item(text, list, found->index);
}

Result<std::string> enable_device(std::string_view text, std::string_view name, bool enabled) {
  auto found = find(text, name);
  if (!found) return fail(std::move(found).error());
  Value wanted = *section_of(found->document, name);
  std::erase_if(wanted.children, [](const Value& entry) { return entry.key == "enabled"; });
  if (!enabled) wanted.children.push_back({.kind = Kind::scalar, .text = "false", .key = "enabled"});
  return config::change_item(text, list, found->index, wanted);
}

Result<DeviceInText> find_device(std::string_view text, std::string_view name) {
  auto found = find(text, name);
  if (!found) return fail(std::move(found).error());
  auto section = config::item_text(text, list, found->index);
  if (!section) return fail(std::move(section).error());
  DeviceInText device{.document = std::move(found->document), .text = std::move(*section)};
  device.section = section_of(device.document, name);
  return device;
}

}  // namespace iw::gateway

// Edits of the devices in a configuration's text, by name; what else stands there stays as it is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/document.hpp"

namespace iw::gateway {

// As YAML: a map. rejected: there is one of this name.
Result<std::string> add_device(std::string_view text, std::string_view device);
Result<std::string> change_device(std::string_view text, std::string_view name, const config::Value& device);
Result<std::string> replace_device(std::string_view text, std::string_view name, std::string_view device);
Result<std::string> remove_device(std::string_view text, std::string_view name);
// A section under lines:, as YAML. One with the same `connect` stays as it is.
Result<std::string> add_line(std::string_view text, std::string_view line);
// enabled: false, or nothing about it.
Result<std::string> enable_device(std::string_view text, std::string_view name, bool enabled);

struct DeviceInText {
  config::Document document;  // of the whole text
  const config::Value* section = nullptr;
  std::string text;  // of the section alone, its indentation taken off
};
Result<DeviceInText> find_device(std::string_view text, std::string_view name);

}  // namespace iw::gateway

// The schema's promise: numbers are never changed and never used again.

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "interwatt/v1/telemetry.pb.h"

namespace iw::formats {

std::string_view frozen_fields();  // proto/interwatt/v1/telemetry.fields.txt

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string type_of(const FieldDescriptor& field) {
  return field.message_type() != nullptr ? field.message_type()->name() : field.type_name();
}

std::string_view label_of(const FieldDescriptor& field) {
  if (field.is_repeated()) return field.is_packed() ? "packed " : "repeated ";
  if (field.real_containing_oneof() != nullptr) return "oneof ";
  return field.has_optional_keyword() ? "optional " : "";
}

std::string summary() {
  const auto& file = *interwatt::v1::Envelope::descriptor()->file();
  std::string text = fmt::format("package {}\n", file.package());
  for (int m = 0; m < file.message_type_count(); ++m) {
    const Descriptor& message = *file.message_type(m);
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      text += fmt::format("{} {} {}{} {}\n", message.name(), field.number(), label_of(field), type_of(field),
                          field.name());
    }
  }
  return text;
}

TEST_CASE("the numbers of the schema are those that were promised") { CHECK(summary() == frozen_fields()); }

}  // namespace
}  // namespace iw::formats

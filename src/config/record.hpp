// Record<T>: the table of the fields that a map of the file may have, each tied to a member of T. One table
// reads, checks, and describes: findings, JSON Schema and documentation all come from it.
//
//   const auto& connection_record() {
//     static const auto record = Record<Connection>()
//         .required("host", &Connection::host, text(), "name or address of the device")
//         .optional("port", &Connection::port, integer(1, 65535), "TCP port")
//         .optional("timeout", &Connection::timeout, duration(10ms, 60s), "how long to wait for an answer");
//     return record;
//   }
//
// A member may be one of a base of T. The default of an optional field is what its member has in a fresh T. A
// record is itself a rule: a field may be a record or a list of them.
#pragma once

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/rule.hpp"

namespace iw::config {

namespace detail {

// False when there are unknown keys, or required ones are missing.
bool check_keys(const Value& map, const Shape& record, Findings& findings);
bool has_required(const Value& map, const Shape& record, Findings& findings);
bool has_value(const Value& field, const Shape& shape, Findings& findings);

template <class M>
Rule<std::optional<M>> in_optional(Rule<M> rule) {
  return {.shape = rule.shape,
          .read =
              [read = std::move(rule.read)](const Value& value, std::optional<M>& out, Findings& findings) {
                M inner{};
                if (!read(value, inner, findings)) return false;
                out = std::move(inner);
                return true;
              },
          .show = {}};
}

}  // namespace detail

template <class T>
class Record {
 public:
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& required(std::string name, M U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string help) && {
    add(std::move(name), member, std::move(rule), std::move(help), true);
    return std::move(*this);
  }
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& optional(std::string name, M U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string help) && {
    add(std::move(name), member, std::move(rule), std::move(help), false);
    return std::move(*this);
  }
  // An optional member is empty when the field is not there.
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& required(std::string name, std::optional<M> U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string help) && {
    add(std::move(name), member, detail::in_optional(std::move(rule)), std::move(help), true);
    return std::move(*this);
  }
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& optional(std::string name, std::optional<M> U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string help) && {
    add(std::move(name), member, detail::in_optional(std::move(rule)), std::move(help), false);
    return std::move(*this);
  }
  // Keys of another record that has the same map: allowed and described here, read there by read_own(). A key
  // that both have is described once, in the words of both.
  Record&& also(const Shape& others) && {
    for (Shape field : others.parts) {
      field.required = false;
      const auto known = std::ranges::find(shape_.parts, field.name, &Shape::name);
      if (known == shape_.parts.end()) {
        shape_.parts.push_back(std::move(field));
        continue;
      }
      known->help += "; " + field.help;
      if (known->default_value != field.default_value) known->default_value.clear();
    }
    return std::move(*this);
  }
  // Remembers where the map stands, for what can only be checked later.
  Record&& place(const Value* T::* member) && {
    place_ = member;
    return std::move(*this);
  }

  // Reads all that can be read; false when something is wrong.
  bool read(const Value& value, T& out, Findings& findings) const {
    if (!detail::expect_map(value, shape_, findings)) return false;
    const bool known = detail::check_keys(value, shape_, findings);
    return read_own(value, out, findings) && known;
  }
  // The same of a map that has keys of others too, which are not looked at.
  bool read_own(const Value& value, T& out, Findings& findings) const {
    bool good = detail::has_required(value, shape_, findings);
    if (place_ != nullptr) out.*place_ = &value;
    for (const auto& [field, reader] : readers_) {
      const Shape& shape = shape_.parts[field];
      const Value* found = value.find(shape.name);
      if (found == nullptr) continue;
      good = detail::has_value(*found, shape, findings) && reader(*found, out, findings) && good;
    }
    return good;
  }

  [[nodiscard]] const Shape& shape() const { return shape_; }

  operator Rule<T>() const {
    return {.shape = shape_,
            .read = [record = *this](const Value& value, T& out,
                                     Findings& findings) { return record.read(value, out, findings); },
            .show = {}};
  }

 private:
  template <class M, class U>
  void add(std::string name, M U::* member, Rule<M> rule, std::string help, bool required) {
    Shape field = rule.shape;
    field.name = std::move(name);
    field.required = required;
    field.help = std::move(help);
    if (!required && rule.show) field.default_value = rule.show(T{}.*member);
    readers_.emplace_back(shape_.parts.size(), [member, read = std::move(rule.read)](
                                                   const Value& value, T& out, Findings& findings) {
      return read(value, out.*member, findings);
    });
    shape_.parts.push_back(std::move(field));
  }

  Shape shape_{.kind = Shape::Kind::record, .what = "a map"};
  using Reader = std::function<bool(const Value&, T&, Findings&)>;
  std::vector<std::pair<std::size_t, Reader>> readers_;  // with the part that each reads
  const Value* T::* place_ = nullptr;
};

}  // namespace iw::config

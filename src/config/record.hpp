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

#include <concepts>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/rule.hpp"

namespace iw::config {

namespace detail {

// A record but for the type of what it fills.
class Fields {
 public:
  // Reads the value of one field into the object.
  using Reader = std::function<bool(const Value& value, void* object, Findings& findings)>;

  // The shape is that of the field's rule.
  void add(std::string_view name, Shape shape, std::string_view help, bool required, Reader reader);
  void also(const Shape& others);
  // False when there are unknown keys.
  bool check_keys(const Value& map, Findings& findings) const;
  bool read(const Value& map, void* object, Findings& findings) const;

  [[nodiscard]] const Shape& shape() const { return shape_; }

 private:
  Shape shape_{.kind = Shape::Kind::record, .what = "a map"};
  std::vector<std::pair<std::size_t, Reader>> readers_;  // with the part that each reads
};

}  // namespace detail

template <class T>
class Record {
 public:
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& required(std::string_view name, M U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string_view help) && {
    add(name, member, std::move(rule), help, true);
    return std::move(*this);
  }
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& optional(std::string_view name, M U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string_view help) && {
    if (rule.show) rule.shape.default_value = rule.show(T{}.*member);
    add(name, member, std::move(rule), help, false);
    return std::move(*this);
  }
  // An optional member is empty when the field is not there.
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& required(std::string_view name, std::optional<M> U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string_view help) && {
    add(name, member, std::move(rule), help, true);
    return std::move(*this);
  }
  template <class M, class U>
    requires std::derived_from<T, U>
  Record&& optional(std::string_view name, std::optional<M> U::* member, std::type_identity_t<Rule<M>> rule,
                    std::string_view help) && {
    add(name, member, std::move(rule), help, false);
    return std::move(*this);
  }
  // Keys of another record that has the same map: allowed and described here, read there by read_own(). A key
  // that both have is described once, in the words of both.
  Record&& also(const Shape& others) && {
    fields_.also(others);
    return std::move(*this);
  }
  // Remembers where the map stands, for what can only be checked later.
  Record&& place(const Value* T::* member) && {
    place_ = member;
    return std::move(*this);
  }

  // Reads all that can be read; false when something is wrong.
  bool read(const Value& value, T& out, Findings& findings) const {
    if (!detail::expect_map(value, shape(), findings)) return false;
    const bool known = fields_.check_keys(value, findings);
    return read_own(value, out, findings) && known;
  }
  // The same of a map that has keys of others too, which are not looked at.
  bool read_own(const Value& value, T& out, Findings& findings) const {
    if (place_ != nullptr) out.*place_ = &value;
    return fields_.read(value, &out, findings);
  }

  [[nodiscard]] const Shape& shape() const { return fields_.shape(); }

  operator Rule<T>() const {
    return {.shape = shape(),
            .read = [record = *this](const Value& value, T& out,
                                     Findings& findings) { return record.read(value, out, findings); },
            .show = {}};
  }

 private:
  // The member is an M or an optional one.
  template <class Member, class U, class M>
  void add(std::string_view name, Member U::* member, Rule<M> rule, std::string_view help, bool required) {
    fields_.add(name, std::move(rule.shape), help, required,
                [member, read = std::move(rule.read)](const Value& value, void* object, Findings& findings) {
                  Member& out = static_cast<T*>(object)->*member;
                  if constexpr (std::same_as<Member, M>) {
                    return read(value, out, findings);
                  } else {
                    M inner{};
                    if (!read(value, inner, findings)) return false;
                    out = std::move(inner);
                    return true;
                  }
                });
  }

  detail::Fields fields_;
  const Value* T::* place_ = nullptr;
};

}  // namespace iw::config

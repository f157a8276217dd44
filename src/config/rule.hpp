// Rule<M>: how one value of a file becomes an M: what is allowed (as a Shape, for people and editors), how it
// is read and checked, and how an M is written (to show defaults). Rules are values; the functions below make
// them:
//
//   integer(1, 247)   number(0, 1)   boolean()   text()   duration(1ms, 1h)   one_of(words)
//   parsed<M>("an address", parse)   list_of<M>(rule)
//   map_of<K, M>("quantity", parse, rule)
//
// A record (record.hpp) names the rule of each of its fields.
#pragma once

#include <array>
#include <concepts>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/document.hpp"
#include "config/shape.hpp"

namespace iw::config {

template <class M>
struct Rule {
  Shape shape;
  std::function<bool(const Value&, M&, Findings&)>
      read;  // false: there is a finding; of a list or a record M has what is good
  std::function<std::string(const M&)> show;  // empty: nothing worth showing
};

// "500ms", "1s", "5min", "1h", "1.5h", "2d".
Result<Duration> parse_duration(std::string_view text);
std::string to_string(Duration duration);

// Of a file or a disk, in bytes: "0", "256MB", "1.5GB". A MB is a million bytes.
Result<std::uint64_t> parse_size(std::string_view text);
std::string size_to_string(const std::uint64_t& bytes);

namespace detail {

bool read_integer(const Value& value, const Shape& shape, std::int64_t& out, Findings& findings);
bool read_number(const Value& value, const Shape& shape, double& out, Findings& findings);
bool read_boolean(const Value& value, const Shape& shape, bool& out, Findings& findings);
bool read_duration(const Value& value, const Shape& shape, Duration lo, Duration hi, Duration& out,
                   Findings& findings);
bool read_text(const Value& value, const Shape& shape, std::string& out, Findings& findings);
bool read_word(const Value& value, const Shape& shape, std::size_t& out, Findings& findings);
bool expect_map(const Value& value, const Shape& shape, Findings& findings);
void key_failed(const Value& value, const Error& error, Findings& findings);
bool expect_list(const Value& value, const Shape& shape, Findings& findings);
void parse_failed(const Value& value, const Error& error, Findings& findings);
Shape integer_shape(std::int64_t lo, std::int64_t hi);
Shape number_shape(double lo, double hi);
Shape duration_shape(Duration lo, Duration hi);
Shape word_shape(std::vector<std::string> words);

}  // namespace detail

// Becomes the rule of whatever integer the field is. Also takes 0x1F.
struct IntegerRange {
  std::int64_t lo = 0;
  std::int64_t hi = 0;

  template <std::integral M>
  operator Rule<M>() const {
    return {.shape = detail::integer_shape(lo, hi),
            .read =
                [shape = detail::integer_shape(lo, hi)](const Value& value, M& out, Findings& findings) {
                  std::int64_t wide = 0;
                  if (!detail::read_integer(value, shape, wide, findings)) return false;
                  out = static_cast<M>(wide);
                  return true;
                },
            .show = [](const M& m) { return fmt::format("{}", m); }};
  }
};

constexpr IntegerRange integer(std::int64_t lo, std::int64_t hi) { return {lo, hi}; }
Rule<double> number(double lo = -std::numeric_limits<double>::max(),
                    double hi = std::numeric_limits<double>::max());
Rule<bool> boolean();
Rule<Duration> duration(Duration lo, Duration hi);
Rule<std::string> text();
Rule<const Value*> anything();  // left to somebody else to read

template <class E>
using Word = std::pair<std::string_view, E>;

template <class E, std::size_t N>
Rule<E> one_of(const std::array<Word<E>, N>& words) {
  std::vector<std::string> names;
  names.reserve(N);
  for (const auto& [name, meaning] : words)
    names.emplace_back(name);
  const Shape shape = detail::word_shape(std::move(names));
  return {.shape = shape,
          .read =
              [shape, words](const Value& value, E& out, Findings& findings) {
                std::size_t i = 0;
                if (!detail::read_word(value, shape, i, findings)) return false;
                out = words[i].second;
                return true;
              },
          .show =
              [words](const E& e) {
                for (const auto& [name, meaning] : words) {
                  if (meaning == e) return std::string(name);
                }
                return std::string();
              }};
}

// A scalar that somebody else can parse; the message of the error becomes the finding.
template <class M>
Rule<M> parsed(std::string what, Result<M> (*parse)(std::string_view),
               std::string (*show)(const M&) = nullptr) {
  const Shape shape{.kind = Shape::Kind::text, .what = std::move(what)};
  return {.shape = shape,
          .read =
              [shape, parse](const Value& value, M& out, Findings& findings) {
                std::string text;
                if (!detail::read_text(value, shape, text, findings)) return false;
                Result<M> result = parse(text);
                if (!result) {
                  detail::parse_failed(value, result.error(), findings);
                  return false;
                }
                out = std::move(*result);
                return true;
              },
          .show = show};
}

template <class M>
Rule<std::vector<M>> list_of(Rule<M> item) {
  const Shape shape{
      .kind = Shape::Kind::list, .what = "a list, each " + item.shape.what, .parts = {item.shape}};
  return {.shape = shape,
          .read =
              [shape, item = std::move(item)](const Value& value, std::vector<M>& out, Findings& findings) {
                if (!detail::expect_list(value, shape, findings)) return false;
                std::vector<M> items;
                for (const Value& child : value.children) {
                  M one{};
                  if (item.read(child, one, findings)) items.push_back(std::move(one));
                }
                out = std::move(items);
                return out.size() == value.children.size();
              },
          .show = {}};
}

// A map with keys that somebody else can parse; what its keys are is said in one word.
template <class K, class M>
Rule<std::map<K, M>> map_of(const std::string& key, Result<K> (*parse)(std::string_view), Rule<M> item) {
  const Shape shape{.kind = Shape::Kind::map,
                    .what = fmt::format("a map, each {}", item.shape.what),
                    .parts = {item.shape},
                    .key = key};
  return {.shape = shape,
          .read =
              [shape, parse, item = std::move(item)](const Value& value, std::map<K, M>& out,
                                                     Findings& findings) {
                if (!detail::expect_map(value, shape, findings)) return false;
                for (const Value& child : value.children) {
                  M one{};
                  const bool good = item.read(child, one, findings);
                  Result<K> k = parse(child.key);
                  if (!k) detail::key_failed(child, k.error(), findings);
                  if (good && k) out.insert_or_assign(std::move(*k), std::move(one));
                }
                return out.size() == value.children.size();
              },
          .show = {}};
}

}  // namespace iw::config

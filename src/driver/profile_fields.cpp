#include "driver/profile_fields.hpp"

#include <fmt/ranges.h>

namespace iw::driver {
namespace {

using namespace config;  // the tables below read better without it at every word

// One or more parts of small letters, digits, '-', '_' and '.', with '/' between them.
Result<std::string> parse_id(std::string_view text) {
  const bool letters = !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_./") ==
                                            std::string_view::npos;
  const bool parts =
      !text.starts_with('/') && !text.ends_with('/') && text.find("//") == std::string_view::npos;
  if (letters && parts) return std::string(text);
  return fail(ErrorKind::invalid_argument, fmt::format("'{}' can not be the id of a profile", text),
              "write maker/model in small letters, as in huawei/sun2000");
}

Rule<model::AssetKind> asset_kind() {
  auto rule = parsed<model::AssetKind>("a kind of asset", model::parse_asset_kind);
  rule.shape.kind = Shape::Kind::word;
  for (unsigned i = 0; i <= static_cast<unsigned>(model::AssetKind::other); ++i) {
    rule.shape.words.emplace_back(model::to_string(static_cast<model::AssetKind>(i)));
  }
  rule.shape.what = fmt::format("one of {}", fmt::join(rule.shape.words, ", "));
  return rule;
}

}  // namespace

Rule<std::string> profile_id() { return parsed<std::string>("maker/model", parse_id); }

const Record<ServedAsset>& asset_record() {
  static const auto record =
      Record<ServedAsset>()
          .required("kind", &ServedAsset::kind, asset_kind(), "what it is")
          .optional("role", &ServedAsset::role, text(), "how the points name it; none for the main asset");
  return record;
}

const Record<Caveat>& caveat_record() {
  static const auto record = Record<Caveat>()
                                 .required("text", &Caveat::text, text(), "what to beware of")
                                 .optional("link", &Caveat::link, text(), "where more is said");
  return record;
}

}  // namespace iw::driver

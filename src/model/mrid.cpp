#include "model/mrid.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace iw::model {
namespace {

constexpr std::string_view pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
constexpr std::string_view digits = "0123456789abcdef";

std::optional<unsigned> nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

Unexpected malformed(std::string_view text, std::string_view why) {
  return fail(ErrorKind::malformed, fmt::format("'{}' is not an mRID: {}", text, why),
              "write a UUID as in 2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

std::array<std::byte, 20> sha1(std::span<const std::byte> head, std::string_view tail) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<std::byte, 20> digest{};
  const bool done =
      context && EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr) == 1 &&
      EVP_DigestUpdate(context.get(), head.data(), head.size()) == 1 &&
      EVP_DigestUpdate(context.get(), tail.data(), tail.size()) == 1 &&
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1;
  if (!done) throw std::runtime_error("OpenSSL has no SHA-1, without which no mRID can be derived");
  return digest;
}

}  // namespace

std::string to_string(const Mrid& mrid) {
  std::string text;
  text.reserve(pattern.size());
  for (const std::byte b : mrid.bytes()) {
    if (pattern[text.size()] == '-') text.push_back('-');
    const auto value = std::to_integer<unsigned>(b);
    text.push_back(digits[value >> 4U]);
    text.push_back(digits[value & 15U]);
  }
  return text;
}

Result<Mrid> parse_mrid(std::string_view text) {
  std::string_view uuid = text;
  if (uuid.starts_with("urn:uuid:")) uuid.remove_prefix(std::string_view("urn:uuid:").size());
  if (uuid.size() != pattern.size()) {
    return malformed(text, fmt::format("{} characters where a UUID has {}", uuid.size(), pattern.size()));
  }
  std::array<std::byte, 16> bytes{};
  std::size_t nibbles = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (pattern[i] == '-') {
      if (uuid[i] != '-') return malformed(text, fmt::format("no '-' at position {}", i + 1));
      continue;
    }
    const auto value = nibble(uuid[i]);
    if (!value)
      return malformed(text, fmt::format("'{}' at position {} is no hexadecimal digit", uuid[i], i + 1));
    auto& byte = bytes[nibbles / 2];
    byte = (byte << 4) | static_cast<std::byte>(*value);
    ++nibbles;
  }
  return Mrid(bytes);
}

Mrid derive(const Mrid& name_space, std::string_view name) {
  const auto digest = sha1(name_space.bytes(), name);
  std::array<std::byte, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x50};  // version 5
  bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};  // variant of RFC 9562
  return Mrid(bytes);
}

}  // namespace iw::model

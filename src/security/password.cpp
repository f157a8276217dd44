#include "security/password.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/hex.hpp"

namespace iw::security {
namespace {

constexpr std::size_t shortest_password = 10;
constexpr std::size_t longest_password = 200;
constexpr unsigned cost_log2 = 15;
constexpr unsigned block_size = 8;
constexpr unsigned parallel = 1;
constexpr std::size_t salt_bytes = 16;
constexpr std::size_t key_bytes = 32;

constexpr std::array common{"password",   "passwort", "1234567890", "interwatt",
                            "qwertyuiop", "changeme", "letmein",    "adminadmin"};

std::string lower(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return small;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

// Empty when the parameters are beyond what we allow.
std::string derive_key(std::string_view password, std::string_view salt) {
  std::array<unsigned char, key_bytes> key{};
  constexpr std::uint64_t most_memory = std::uint64_t{64} << 20U;
  const int done = EVP_PBE_scrypt(
      password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(),
      std::uint64_t{1} << cost_log2, block_size, parallel, most_memory, key.data(), key.size());
  return done == 1 ? hex({reinterpret_cast<const char*>(key.data()), key.size()}) : std::string();
}

std::string prefix() { return fmt::format("scrypt${}${}${}$", cost_log2, block_size, parallel); }

}  // namespace

Result<void> check_password(std::string_view password) {
  if (password.size() < shortest_password || password.size() > longest_password) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("a password has {} to {} characters", shortest_password, longest_password),
                "a few words that do not belong together are easy to keep in mind");
  }
  const std::string small = lower(password);
  const bool guessable =
      std::ranges::any_of(common, [&](const char* word) { return small.contains(word); }) ||
      std::ranges::all_of(small, [&](char c) { return c == small.front(); });
  if (guessable)
    return fail(ErrorKind::invalid_argument, "this password is one of the first that anybody tries");
  return {};
}

std::string hash_password(std::string_view password, io::Random& random) {
  const std::string salt = random_secret(salt_bytes, random);
  return prefix() + salt + "$" + derive_key(password, salt);
}

bool is_password(std::string_view password, std::string_view hash) {
  const std::string expected_prefix = prefix();
  if (!hash.starts_with(expected_prefix)) return false;
  const std::string_view rest = hash.substr(expected_prefix.size());
  const auto dollar = rest.find('$');
  if (dollar == std::string_view::npos) return false;
  const std::string key = derive_key(password, rest.substr(0, dollar));
  return !key.empty() && same_secret(key, rest.substr(dollar + 1));
}

std::string hash_of_nobody() { return prefix() + std::string(2 * salt_bytes, '0') + "$"; }

std::string random_secret(std::size_t bytes, io::Random& random) {
  std::string text;
  while (text.size() < 2 * bytes)
    text += fmt::format("{:016x}", random.next());
  text.resize(2 * bytes);
  return text;
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace iw::security

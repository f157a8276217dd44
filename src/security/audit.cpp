#include "security/audit.hpp"

#include <array>
#include <iomanip>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/append.hpp"
#include "base/json_text.hpp"
#include "json/json.hpp"

namespace iw::security {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view hash_field = R"(,"hash":")";
constexpr std::size_t hash_digits = 64;
// A line ends with: ,"hash":"<64 digits>"}
constexpr std::size_t hash_part = hash_field.size() + hash_digits + 2;

std::string sha256(std::string_view text) {
  // Found once: looking it up takes longer than the digest of a record.
  static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm(
      EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free);
  std::array<unsigned char, 32> digest{};
  if (algorithm == nullptr ||
      EVP_Digest(text.data(), text.size(), digest.data(), nullptr, algorithm.get(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256, without which nothing can be audited");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const unsigned char byte : digest) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 0xFU];
  }
  return hex;
}

std::string time_text(WallTime time) {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<WallTime> parse_time_text(const std::string& text) {
  std::istringstream stream(text);
  std::tm parts{};
  char dot = 0;
  std::int64_t nanoseconds = 0;
  stream >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S") >> dot >> nanoseconds;
  if (!stream || dot != '.' || text.size() != 30 || text.back() != 'Z')
    return fail(ErrorKind::malformed, fmt::format("'{}' is no time", text));
  const auto day = std::chrono::year(parts.tm_year + 1900) / (parts.tm_mon + 1) / parts.tm_mday;
  return WallTime(std::chrono::sys_days(day).time_since_epoch() + std::chrono::hours(parts.tm_hour) +
                  std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec) +
                  Duration(nanoseconds));
}

Unexpected malformed(std::string why) {
  return fail(ErrorKind::malformed, std::move(why), "the line was changed after it was written");
}

}  // namespace

std::string chain(const AuditEntry& entry, AuditHead& head, std::uint64_t confirmed) {
  ++head.sequence;
  std::string line;
  JsonObject record(line);
  record.number("sequence", head.sequence)
      .number("confirmed", confirmed)
      .text("time", time_text(entry.time))
      .text("actor", entry.actor)
      .text("action", entry.action)
      .text("subject", entry.subject)
      .text("outcome", entry.outcome)
      .text("detail", entry.detail);
  if (!entry.data.empty()) record.json("data", entry.data);
  record.text("previous", head.hash).close();
  head.hash = sha256(line);
  line.pop_back();
  append(line, "{}{}\"}}", hash_field, head.hash);
  return line;
}

Result<AuditRecord> parse_audit_record(std::string_view line) {
  if (line.size() < hash_part || !line.substr(line.size() - hash_part).starts_with(hash_field))
    return malformed("not an audit record: it does not end with its hash");
  const std::string hash(line.substr(line.size() - 2 - hash_digits, hash_digits));
  const std::string hashed = std::string(line.substr(0, line.size() - hash_part)) + "}";
  if (sha256(hashed) != hash || !line.ends_with("\"}")) return malformed("its hash is wrong");
  const Json json = Json::parse(hashed, nullptr, false);
  if (!json.is_object()) return malformed("not a JSON object");
  AuditRecord record{.hash = hash};
  try {
    json.at("sequence").get_to(record.sequence);
    record.confirmed = json.value("confirmed", std::uint64_t{0});
    json.at("actor").get_to(record.entry.actor);
    json.at("action").get_to(record.entry.action);
    json.at("subject").get_to(record.entry.subject);
    json.at("outcome").get_to(record.entry.outcome);
    json.at("detail").get_to(record.entry.detail);
    if (json.contains("data")) record.entry.data = json.at("data").dump();
    json.at("previous").get_to(record.previous);
    auto time = parse_time_text(json.at("time").get<std::string>());
    if (!time) return fail(std::move(time).error());
    record.entry.time = *time;
  } catch (const Json::exception& error) {
    return malformed(fmt::format("not an audit record: {}", error.what()));
  }
  return record;
}

Result<AuditRecord> AuditChain::take(std::string_view line) {
  auto record = parse_audit_record(line);
  if (!record) return record;
  if (record->sequence != head_.sequence + 1) {
    return malformed(fmt::format("number {} follows number {}: records are missing, doubled or moved",
                                 record->sequence, head_.sequence));
  }
  if (record->previous != head_.hash) {
    return malformed(
        fmt::format("number {} belongs behind another number {}", record->sequence, head_.sequence));
  }
  head_ = {.sequence = record->sequence, .hash = record->hash};
  return record;
}

}  // namespace iw::security

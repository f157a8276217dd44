#include "protocols/bacnet/line_memory.hpp"

#include <charconv>

#include <fmt/format.h>

namespace iw::bacnet {
namespace {

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

// Takes one field after the other; what is missing or wrong makes ok() false.
class Fields {
 public:
  explicit Fields(std::vector<std::string_view> fields) : fields_(std::move(fields)) {}

  [[nodiscard]] bool ok() const { return ok_ && at_ == fields_.size(); }

  std::string_view text() {
    if (at_ < fields_.size()) return fields_[at_++];
    ok_ = false;
    return {};
  }
  template <class N>
  N number() {
    const std::string_view field = text();
    N value{};
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    ok_ = ok_ && error == std::errc{} && end == field.data() + field.size();
    return value;
  }
  WallTime time() {
    // A time that a file can say and that arithmetic can stand.
    constexpr std::int64_t most = 9'000'000'000;
    const auto seconds = number<std::int64_t>();
    ok_ = ok_ && seconds >= 0 && seconds < most;
    return ok_ ? WallTime(std::chrono::seconds(seconds)) : WallTime{};
  }
  std::optional<Mac> mac() {
    const std::string_view field = text();
    if (field == "-") return std::nullopt;
    const auto mac = parse_mac(field);
    ok_ = ok_ && mac.has_value();
    return mac ? std::optional(*mac) : std::nullopt;
  }
  void failed_if(bool wrong) { ok_ = ok_ && !wrong; }

 private:
  std::vector<std::string_view> fields_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void parse_line(std::string_view line, LineMemory& memory) {
  Fields in(fields_of(line));
  const std::string_view what = in.text();
  if (what == "device") {
    RememberedDevice device{.instance = in.number<std::uint32_t>(), .address = {}, .limits = {}};
    device.address.network = in.number<std::uint16_t>();
    const auto mac = in.mac();
    in.failed_if(!mac || device.instance > max_instance);
    device.address.mac = mac.value_or(Mac());
    device.router = in.mac();
    device.limits.max_apdu = in.number<std::uint16_t>();
    device.limits.receives_segments = in.number<unsigned>() != 0;
    device.answered = in.time();
    if (in.ok()) memory.devices.push_back(std::move(device));
  } else if (what == "trend") {
    RememberedTrend trend{
        .device = in.number<std::uint32_t>(), .log = in.number<std::uint32_t>(), .cursor = {}};
    trend.cursor.sequence = in.number<std::uint32_t>();
    trend.cursor.time = in.time();
    if (in.ok()) memory.trends.push_back(trend);
  } else if (what == "claim") {
    RememberedClaim claim{.device = in.number<std::uint32_t>(),
                          .object = ObjectId::from_bits(in.number<std::uint32_t>())};
    claim.priority = in.number<std::uint8_t>();
    in.failed_if(claim.priority < 1 || claim.priority > 16);
    if (in.ok()) memory.claims.push_back(claim);
  }
}

}  // namespace

std::string to_text(const LineMemory& memory) {
  std::string out;
  for (const RememberedDevice& device : memory.devices) {
    out += fmt::format("device\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", device.instance, device.address.network,
                       to_string(device.address.mac), device.router ? to_string(*device.router) : "-",
                       device.limits.max_apdu, device.limits.receives_segments ? 1 : 0,
                       seconds_of(device.answered));
  }
  for (const RememberedTrend& trend : memory.trends) {
    out += fmt::format("trend\t{}\t{}\t{}\t{}\n", trend.device, trend.log, trend.cursor.sequence,
                       seconds_of(trend.cursor.time));
  }
  for (const RememberedClaim& claim : memory.claims)
    out += fmt::format("claim\t{}\t{}\t{}\n", claim.device, claim.object.bits(), claim.priority);
  return out;
}

LineMemory parse_memory(std::string_view text) {
  LineMemory memory;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    parse_line(line, memory);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return memory;
}

}  // namespace iw::bacnet

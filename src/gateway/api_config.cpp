#include "gateway/api_config.hpp"

namespace iw::gateway {

using namespace config;  // the table below reads better without it at every word

namespace {

constexpr std::uint16_t usual_port = 8080;

bool is_this_machine(std::string_view host) {
  const bool is_v4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (is_v4 && host.starts_with("127."));
}

Result<io::Endpoint> parse_listen(std::string_view text) {
  auto at = io::parse_endpoint(text, usual_port);
  if (at && !is_this_machine(at->host)) {
    return fail(ErrorKind::invalid_argument,
                fmt::format("{} can be reached from elsewhere, where everybody could read along", at->host),
                "listen on 127.0.0.1 or ::1, and let a reverse proxy with TLS and a login stand before it");
  }
  return at;
}

}  // namespace

const Record<ApiSection>& api_record() {
  static const auto record =
      Record<ApiSection>()
          .optional("enabled", &ApiSection::enabled, boolean(), "false: no API and no dashboard")
          .optional("listen", &ApiSection::listen,
                    parsed<io::Endpoint>("an address and port", &parse_listen, &io::to_string),
                    "where they are found");
  return record;
}

}  // namespace iw::gateway

#include "gateway/api_config.hpp"

#include "gateway/api_tls.hpp"

namespace iw::gateway {

using namespace config;  // the table below reads better without it at every word

namespace {

constexpr std::uint16_t usual_port = 8080;

Result<io::Endpoint> parse_listen(std::string_view text) { return io::parse_endpoint(text, usual_port); }

}  // namespace

const Record<ApiSection>& api_record() {
  static const auto record =
      Record<ApiSection>()
          .optional("enabled", &ApiSection::enabled, boolean(), "false: no API and no dashboard")
          .optional("listen", &ApiSection::listen,
                    parsed<io::Endpoint>("an address and port", &parse_listen, &io::to_string),
                    "where they are found; beyond this machine only with tls")
          .also(api_tls_record().shape());
  return record;
}

}  // namespace iw::gateway

// With which certificate the API is served.
//
//   api: {listen: "0.0.0.0:8443", tls: {certificate: server.pem, key: server.key}}
//
// Keys of the same section as api_config.hpp; a file of its own, because only who opens the port needs it.
#pragma once

#include <optional>
#include <string>

#include "config/record.hpp"
#include "gateway/site_config.hpp"
#include "io/files.hpp"
#include "io/tls/context.hpp"

namespace iw::gateway {

struct ApiTlsFiles {
  std::string certificate;
  std::string key;
};

struct ApiTlsSection {
  std::optional<ApiTlsFiles> tls;
};

const config::Record<ApiTlsSection>& api_tls_record();

// Beyond this machine only with TLS.
void check_api_tls(const config::Value& document, const ApiSection& api, config::Findings& findings);

// The files that the configuration names, as paths; none: it is served plain.
std::optional<ApiTlsFiles> api_tls_files(const LoadedConfig& config);

// From these files; none: it is served plain. Blocking.
Result<std::optional<io::tls::TlsContext>> api_tls(const std::optional<ApiTlsFiles>& at, io::Files& files);

}  // namespace iw::gateway

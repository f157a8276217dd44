#include "gateway/api_tls.hpp"

#include "config/beside.hpp"
#include "io/tls/credentials.hpp"

namespace iw::gateway {

using namespace config;  // the tables below read better without it at every word

namespace {

const Record<ApiTlsFiles>& files_record() {
  static const auto record =
      Record<ApiTlsFiles>()
          .required(
              "certificate", &ApiTlsFiles::certificate, text(),
              "file with the certificate (PEM), then its issuers; interwatt cert makes one to start with")
          .required("key", &ApiTlsFiles::key, text(), "file with its private key (PEM), mode 0600");
  return record;
}

bool is_this_machine(std::string_view host) {
  const bool is_v4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (is_v4 && host.starts_with("127."));
}

ApiTlsSection section_of(const Value& document) {
  ApiTlsSection section;
  Findings none;  // what is wrong in it was said when the configuration was read
  if (const Value* api = document.find("api")) api_tls_record().read_own(*api, section, none);
  return section;
}

}  // namespace

const Record<ApiTlsSection>& api_tls_record() {
  static const auto record = Record<ApiTlsSection>().optional(
      "tls", &ApiTlsSection::tls, files_record(), "HTTPS; files beside this one unless they begin with /");
  return record;
}

void check_api_tls(const Value& document, const ApiSection& api, Findings& findings) {
  const Value* section = document.find("api");
  if (section == nullptr) return;
  ApiTlsSection read;
  if (!api_tls_record().read_own(*section, read, findings) || read.tls) return;
  if (!api.enabled || is_this_machine(api.listen.host)) return;
  const Value* listen = section->find("listen");
  findings.error(
      listen != nullptr ? listen->place() : Place{},
      fmt::format("{} can be reached from elsewhere, and without TLS everybody on the way reads along",
                  api.listen.host),
      "give tls: {certificate: ..., key: ...} (interwatt cert makes both), or listen on 127.0.0.1");
}

std::optional<ApiTlsFiles> api_tls_files(const LoadedConfig& config) {
  const ApiTlsSection section = section_of(config.document.root());
  if (!section.tls) return std::nullopt;
  const std::string_view file = config.document.file();
  return ApiTlsFiles{.certificate = config::beside(file, section.tls->certificate),
                     .key = config::beside(file, section.tls->key)};
}

Result<std::optional<io::tls::TlsContext>> api_tls(const std::optional<ApiTlsFiles>& at, io::Files& files) {
  if (!at) return std::nullopt;
  auto ours = io::tls::read_credentials(files, {.certificate = at->certificate, .key = at->key});
  if (!ours) return fail(std::move(ours).error());
  auto context = io::tls::make_server_context({.certificate_chain = std::move(ours->certificate_chain),
                                               .private_key = std::move(ours->private_key),
                                               .verify_peer = false});
  if (!context) return fail(std::move(context).error().in("api: tls"));
  return std::move(*context);
}

}  // namespace iw::gateway

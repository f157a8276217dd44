#include "gateway/commands/serve_api.hpp"

#include <algorithm>

#include "gateway/api_tls.hpp"
#include "gateway/commands/serve_exports.hpp"

namespace iw::gateway {

void put_into_force(Runtime& runtime, Gateway& gateway, std::unique_ptr<LoadedConfig> config,
                    std::string_view by) {
  std::string message = change_in_words(gateway.config(), *config, by);
  runtime.reload(std::move(config));
  if (!message.empty()) gateway.note(events::Kind::configuration_changed, {.message = std::move(message)});
}

namespace {

// What can not be used is told by who watches it; what is served stays until it can.
void renew(Runtime& runtime, Gateway& gateway, api::Service& service) {
  runtime.answering().post([&runtime, &service, at = api_tls_files(gateway.config())] {
    auto context = api_tls(at, runtime.answering_files());
    if (!context || !*context) return;
    runtime.core().post([&service, context = std::move(**context)] { service.serve_with(context); });
  });
}

}  // namespace

Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const ApiSection& section, Log& log,
                            std::optional<security::Role> everybody, ConfigStore* config_store) {
  auto tls = api_tls(api_tls_files(gateway.config()), runtime.files());
  if (!tls) return fail(std::move(tls).error());
  ServedApi api{
      .service = std::make_unique<api::Service>(
          api::Surroundings{
              .gateway = gateway,
              .network = runtime.core().network(),
              .blocking = runtime.answering(),
              .files = runtime.answering_files(),
              .random = runtime.random(),
              .log = log,
              .version = IW_VERSION,
              .config_store = config_store,
              .apply_config =
                  [&runtime, &gateway](std::unique_ptr<LoadedConfig> config, std::string_view by) {
                    put_into_force(runtime, gateway, std::move(config), by);
                  },
              .certificate_replaced = [&runtime] { runtime.look_at_certificates(); }},
          api::ServiceSettings{
              .listen = section.listen, .server = {.tls = std::move(*tls)}, .everybody = everybody}),
      .started = {}};
  add_exports(*api.service, runtime, gateway);
  auto started = api.service->start();
  if (!started) return fail(std::move(started).error());
  api.started = std::move(*started);
  if (api_tls_files(gateway.config())) {
    runtime.on_certificate([&runtime, &gateway, service = api.service.get()](const CertificateFile& file) {
      const auto of_api = [](const CertificateFile::Use& use) {
        return use.user == CertificateFile::User::api;
      };
      if (std::ranges::any_of(file.used_by, of_api)) renew(runtime, gateway, *service);
    });
  }
  runtime.before_stop([service = api.service.get()](std::move_only_function<void()> stopped) {
    service->stop(std::move(stopped));
  });
  return api;
}

}  // namespace iw::gateway

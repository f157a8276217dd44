#include "gateway/commands/serve_api.hpp"

#include "gateway/api_tls.hpp"
#include "gateway/commands/serve_exports.hpp"

namespace iw::gateway {

void put_into_force(Runtime& runtime, Gateway& gateway, std::unique_ptr<LoadedConfig> config,
                    std::string_view by) {
  std::string message = change_in_words(gateway.config(), *config, by);
  runtime.reload(std::move(config));
  if (!message.empty()) gateway.note(events::Kind::configuration_changed, {.message = std::move(message)});
}

Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const ApiSection& section, Log& log,
                            std::optional<security::Role> everybody, ConfigStore* config_store) {
  auto tls = api_tls(gateway.config(), runtime.files());
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
                  }},
          api::ServiceSettings{
              .listen = section.listen, .server = {.tls = std::move(*tls)}, .everybody = everybody}),
      .started = {}};
  add_exports(*api.service, runtime, gateway);
  auto started = api.service->start();
  if (!started) return fail(std::move(started).error());
  api.started = std::move(*started);
  runtime.before_stop([service = api.service.get()](std::move_only_function<void()> stopped) {
    service->stop(std::move(stopped));
  });
  return api;
}

}  // namespace iw::gateway

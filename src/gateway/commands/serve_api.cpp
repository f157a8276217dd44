#include "gateway/commands/serve_api.hpp"

#include "gateway/commands/serve_exports.hpp"

namespace iw::gateway {

Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const ApiSection& section, Log& log,
                            std::optional<security::Role> everybody) {
  ServedApi api{.service = std::make_unique<api::Service>(
                    api::Surroundings{.gateway = gateway,
                                      .network = runtime.core().network(),
                                      .blocking = runtime.answering(),
                                      .files = runtime.answering_files(),
                                      .random = runtime.random(),
                                      .log = log,
                                      .version = IW_VERSION},
                    api::ServiceSettings{.listen = section.listen, .everybody = everybody}),
                .started = {}};
  add_exports(api.service->router(), runtime, gateway);
  auto started = api.service->start();
  if (!started) return fail(std::move(started).error());
  api.started = std::move(*started);
  runtime.before_stop([service = api.service.get()](std::move_only_function<void()> stopped) {
    service->stop(std::move(stopped));
  });
  return api;
}

}  // namespace iw::gateway

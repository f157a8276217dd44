#include "gateway/commands/serve_api.hpp"

#include "gateway/commands/serve_exports.hpp"

namespace iw::gateway {

Result<ServedApi> serve_api(Runtime& runtime, Gateway& gateway, const io::Endpoint& listen, Log& log) {
  ServedApi api{
      .service = std::make_unique<api::Service>(api::Surroundings{.gateway = gateway,
                                                                  .network = runtime.core().network(),
                                                                  .blocking = runtime.answering(),
                                                                  .files = runtime.answering_files(),
                                                                  .log = log,
                                                                  .version = IW_VERSION},
                                                api::ServiceSettings{.listen = listen}),
      .address = {}};
  add_exports(api.service->router(), runtime, gateway);
  auto at = api.service->start();
  if (!at) return fail(std::move(at).error());
  api.address = std::move(*at);
  runtime.before_stop([service = api.service.get()](std::move_only_function<void()> stopped) {
    service->stop(std::move(stopped));
  });
  return api;
}

}  // namespace iw::gateway

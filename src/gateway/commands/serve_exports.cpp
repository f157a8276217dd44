#include "gateway/commands/serve_exports.hpp"

#include "formats/jsonld.hpp"
#include "gateway/metrics_page.hpp"

namespace iw::gateway {
namespace {

using io::http::Call;
using io::http::Response;

Response answer(std::string type, std::string body) {
  return {.headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

io::Task<Response> answer_metrics(std::shared_ptr<MetricsPage> page, formats::ExpositionFormat format) {
  std::string text = co_await page->render(format);
  co_return answer(std::string(formats::content_type(format)), std::move(text));
}

}  // namespace

void add_exports(api::Service& service, Runtime& runtime, Gateway& gateway) {
  auto page = std::make_shared<MetricsPage>(
      runtime.core(), gateway,
      MetricsPage::Settings{.version = IW_VERSION,
                            .outputs = [&runtime] { return runtime.outputs(); },
                            .threads = [&runtime] { return runtime.threads(); }});
  service.beside("/metrics", [page](const Call& call) {
    const auto accept = call.request.headers.find("Accept");
    return answer_metrics(page, formats::exposition_format(accept.value_or("")));
  });
  service.beside("/context/v1.jsonld", [](const Call& /*call*/) -> io::Task<Response> {
    Response response = answer("application/ld+json", std::string(formats::jsonld_context()));
    response.headers.add("Cache-Control", "public, max-age=31536000, immutable");
    co_return response;
  });
  service.beside("/catalog.jsonld", [page](const Call& /*call*/) -> io::Task<Response> {
    formats::JsonldEncoder encoder(formats::ContextForm::named);
    co_return answer("application/ld+json", encoder.encode(page->catalog()));
  });
}

}  // namespace iw::gateway

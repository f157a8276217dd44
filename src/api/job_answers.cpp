#include "api/job_answers.hpp"

#include "api/body.hpp"
#include "json/json.hpp"

namespace iw::api {

Response started(const Jobs& jobs, const Result<std::uint64_t>& number) {
  if (!number) return problem(number.error());
  const Job& job = *jobs.find(*number);
  Response response = json_answer(job.to_json(), Status::accepted);
  response.headers.add("Location", fmt::format("/api/v1/jobs/{}", job.number()));
  return response;
}

Result<commissioning::TlsFiles> tls_field(const Json& body) {
  commissioning::TlsFiles files;
  const auto tls = body.find("tls");
  if (tls == body.end() || tls->is_null()) return files;
  if (!tls->is_object()) return fail(ErrorKind::invalid_argument, "tls: expected an object");
  std::string server_name;
  for (const auto& [name, value] : tls->items()) {
    std::string* into = name == "ca"            ? &files.ca
                        : name == "certificate" ? &files.certificate
                        : name == "key"         ? &files.key
                        : name == "server_name" ? &server_name
                                                : nullptr;
    if (into == nullptr)
      return fail(ErrorKind::invalid_argument, fmt::format("tls: there is no field '{}'", name));
    if (!value.is_string())
      return fail(ErrorKind::invalid_argument, fmt::format("tls.{}: expected a text", name));
    *into = value.get<std::string>();
  }
  if (!server_name.empty()) files.server_name = std::move(server_name);
  return files;
}

}  // namespace iw::api

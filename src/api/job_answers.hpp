// What the resources that begin jobs have in common.
#pragma once

#include "api/answers.hpp"
#include "api/jobs.hpp"
#include "commissioning/link.hpp"

namespace iw::api {

// 202 with the job and where it is looked at; or the problem why there is none.
Response started(const Jobs& jobs, const Result<std::uint64_t>& number);

// {"ca", "certificate", "key", "server_name"}: files of the gateway; empty where it is not there.
Result<commissioning::TlsFiles> tls_field(const Json& body);

}  // namespace iw::api

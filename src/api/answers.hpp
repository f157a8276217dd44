// Answers of the API: documents as JSON, failures as problem details (RFC 9457): what is wrong, and what to
// do about it ("remedy").
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/result.hpp"
#include "wire/http/message.hpp"

namespace iw::api {

using wire::http::Response;
using wire::http::Status;
using Json = nlohmann::ordered_json;

// Not to be kept by anybody: it is true now. Bytes of devices that are no UTF-8 are replaced.
Response json_answer(const Json& document, Status status = Status::ok);
// A text that is JSON already.
Response json_text(std::string text);

Response problem(Status status, const std::string& detail, const std::string& remedy = {});
// With more fields than all problems have.
Response problem(Status status, const std::string& detail, const std::string& remedy, const Json& more);
// The status is that of the error's kind.
Response problem(const Error& error);

// An answer in plain text that says no, as the router and the server give it, becomes problem details.
void make_problem(Response& response);

// JSON knows no NaN and no infinity: null.
Json number(double value);

}  // namespace iw::api

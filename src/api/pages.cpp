#include "api/pages.hpp"

#include <array>

#include <fmt/ranges.h>
#include <zlib.h>

#include "api/answers.hpp"
#include "dashboard/assets.hpp"

namespace iw::api {
namespace {

using io::http::Call;

constexpr std::string_view for_ever = "public, max-age=31536000, immutable";
constexpr std::string_view ask_again = "no-cache";  // whether it is still the same (RFC 9111 5.2.2.4)
constexpr int gzip_header = 16;                     // zlib: expect the header of gzip

// For the few who take no compressed answer.
std::string unpacked(std::string_view gzip) {
  std::string text;
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + gzip_header) != Z_OK) return text;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::array<char, 16384> piece{};
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    state = inflate(&stream, Z_NO_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return text;
}

Response file_answer(const dashboard::Asset& asset, const Call& call) {
  const wire::http::Headers& asked = call.request.headers;
  Response response{.headers = {{"Content-Type", std::string(asset.type)},
                                {"Cache-Control", std::string(asset.immutable ? for_ever : ask_again)},
                                {"ETag", std::string(asset.etag)},
                                {"Vary", "Accept-Encoding"}}};
  if (asked.has_token("If-None-Match", asset.etag)) {
    response.status = Status::not_modified;
  } else if (asked.has_token("Accept-Encoding", "br")) {
    response.headers.add("Content-Encoding", "br");
    response.body = asset.brotli;
  } else if (asked.has_token("Accept-Encoding", "gzip")) {
    response.headers.add("Content-Encoding", "gzip");
    response.body = asset.gzip;
  } else {
    response.body = unpacked(asset.gzip);
  }
  return response;
}

Response page(const Call& call) {
  const auto& path = call.target.segments;
  if (!path.empty() && path.front() == "api")
    return problem(Status::not_found, "there is nothing at this path");
  const bool is_file = !path.empty() && path.back().contains('.');
  if (const auto* file = dashboard::find(fmt::format("/{}", fmt::join(path, "/"))))
    return file_answer(*file, call);
  // A device may be called a.b, so that a page is what is asked for as one.
  const bool wants_page = !is_file || call.request.headers.find("Accept").value_or("").contains("text/html");
  if (!wants_page) return problem(Status::not_found, "there is nothing at this path");
  if (const auto* index = dashboard::find("/index.html")) return file_answer(*index, call);
  return wire::http::text_response(path.empty() ? Status::ok : Status::not_found,
                                   "This program was built without its dashboard. The API is at /api/v1/, "
                                   "described by /api/v1/openapi.json.\n");
}

}  // namespace

void add_pages(io::http::Router& router) { router.otherwise(&page); }

}  // namespace iw::api

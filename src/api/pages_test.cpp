#include "api/pages.hpp"

#include <doctest/doctest.h>

#include "dashboard/assets.hpp"

using namespace iw;
using namespace iw::api;
using io::http::Call;
using wire::http::Headers;
using wire::http::Request;
using wire::http::Response;
using wire::http::Status;

namespace {

Response ask(std::string target, Headers headers = {{"Accept-Encoding", "gzip, br"}}) {
  io::http::Router router;
  add_pages(router);
  const Request request{.target = std::move(target), .headers = std::move(headers)};
  Call call{.request = request, .target = wire::http::parse_target(request.target).value()};
  auto found = router.find(call);
  return std::get<io::http::Handler>(*std::get<const io::http::AnyHandler*>(found))(call);
}

}  // namespace

TEST_CASE("what is no file of the dashboard is a page of it; what is under /api is neither") {
  CHECK(ask("/api/v1/nothing").status == Status::not_found);
  if (dashboard::assets().empty()) {
    CHECK(ask("/").body.contains("without its dashboard"));
    return;
  }
  const Response first = ask("/");
  CHECK(first.status == Status::ok);
  CHECK(first.headers.find("Content-Type") == "text/html; charset=utf-8");
  CHECK(first.headers.find("Content-Encoding") == "br");
  const Response gzip = ask("/", {{"Accept-Encoding", "gzip, deflate"}});
  CHECK(gzip.headers.find("Content-Encoding") == "gzip");
  CHECK(gzip.body == dashboard::find("/index.html")->gzip);
  CHECK(first.headers.find("Cache-Control") == "no-cache");
  CHECK(ask("/devices/roof%20inverter").body == first.body);
  CHECK(ask("/assets/none.js").status == Status::not_found);
  CHECK(ask("/devices/a.b", {{"Accept", "text/html,*/*"}, {"Accept-Encoding", "br"}}).body == first.body);
}

TEST_CASE("files whose names change with their content are kept for ever, and none is sent twice in vain") {
  for (const dashboard::Asset& asset : dashboard::assets()) {
    CAPTURE(asset.path);
    const Response whole = ask(std::string(asset.path));
    CHECK(whole.body == asset.brotli);
    CHECK(asset.brotli.size() < asset.gzip.size());
    CHECK(whole.headers.find("Cache-Control").value().contains("immutable") == asset.immutable);
    const Response known =
        ask(std::string(asset.path), {{"If-None-Match", std::string(whole.headers.find("ETag").value())}});
    CHECK(known.status == Status::not_modified);
    CHECK(known.body.empty());
  }
}

TEST_CASE("who takes nothing compressed gets the same, unpacked") {
  if (dashboard::assets().empty()) return;
  const Response plain = ask("/", {});
  CHECK_FALSE(plain.headers.has("Content-Encoding"));
  CHECK(plain.body.starts_with("<!doctype html>"));
}

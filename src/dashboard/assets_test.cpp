#include "dashboard/assets.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace iw::dashboard;

TEST_CASE("every file of the dashboard is compressed, has a type and a mark of its content") {
  std::set<std::string_view> etags;
  for (const Asset& asset : assets()) {
    CAPTURE(asset.path);
    CHECK(asset.path.starts_with('/'));
    CHECK(asset.type.contains('/'));
    CHECK(asset.gzip.starts_with("\x1f\x8b"));
    CHECK_FALSE(asset.brotli.empty());
    CHECK(asset.etag.starts_with("W/\""));
    CHECK(etags.insert(asset.etag).second);
    CHECK(asset.immutable == asset.path.starts_with("/assets/"));
    CHECK(find(asset.path) == &asset);
  }
  CHECK(find("/nothing") == nullptr);
}

TEST_CASE("a program with the dashboard has its first page; one without has nothing of it") {
  CHECK((find("/index.html") != nullptr) == !assets().empty());
}

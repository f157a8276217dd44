#include "config/beside.hpp"

#include <doctest/doctest.h>

namespace iw::config {
namespace {

TEST_CASE("a path is relative to the folder of its file, unless it says where it is") {
  CHECK(beside("/etc/interwatt/site.yaml", "tls/ca.pem") == "/etc/interwatt/tls/ca.pem");
  CHECK(beside("sites/roof.yaml", "ca.pem") == "sites/ca.pem");
  CHECK(beside("site.yaml", "ca.pem") == "ca.pem");
  CHECK(beside("/etc/interwatt/site.yaml", "/srv/ca.pem") == "/srv/ca.pem");
  CHECK(beside("/etc/interwatt/site.yaml", "").empty());
}

}  // namespace
}  // namespace iw::config

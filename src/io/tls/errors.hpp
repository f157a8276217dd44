// Why TLS failed, in words: certificate expired, unknown authority, wrong name, no common cipher ...
#pragma once

#include <string>

#include "base/result.hpp"

struct ssl_st;  // OpenSSL's SSL

namespace iw::io::tls {

// After a call on `ssl` failed for good. Takes what is in OpenSSL's error queue of this thread.
Error tls_error(ssl_st* ssl, const std::string& peer);

}  // namespace iw::io::tls

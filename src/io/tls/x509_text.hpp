// Parts of X.509 certificates as text and time; for the .cpp files of this room only.
#pragma once

#include <span>
#include <string>

#include "base/time.hpp"
#include "io/tls/openssl.hpp"

namespace iw::io::tls {

std::string text_of(const X509_NAME* name);  // RFC 2253, UTF-8
WallTime time_of(const ASN1_TIME* time);
std::string with_colons(std::span<const unsigned char> bytes);  // "AB:CD"
std::string fingerprint_of(const X509* certificate);            // SHA-256, with colons

}  // namespace iw::io::tls

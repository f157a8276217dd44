// The dashboard (web/), as the files that a browser asks for. Compressed when the program is built; part of
// the program, so that it needs no file and no other host.
#pragma once

#include <span>
#include <string_view>

namespace iw::dashboard {

struct Asset {
  std::string_view path;    // "/index.html"
  std::string_view type;    // of the media
  std::string_view etag;    // quoted, and weak: the same for all encodings (RFC 9110 8.8.1)
  bool immutable = false;   // the name changes with the content: a browser may keep it for ever
  std::string_view gzip;    // the content (RFC 1952)
  std::string_view brotli;  // the same (RFC 7932)
};

// Empty when the program was built without the dashboard.
std::span<const Asset> assets();

// By path; null when there is no such file.
const Asset* find(std::string_view path);

}  // namespace iw::dashboard

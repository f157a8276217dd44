// The dashboard, as the files that a browser asks for, on every path that is not the API's.
#pragma once

#include "io/http/router.hpp"

namespace iw::api {

// A path that is no file is a page of the dashboard, which finds out itself what it shows: /devices/roof.
void add_pages(io::http::Router& router);

}  // namespace iw::api

#include "api/routes.hpp"

namespace iw::api {

void Routes::get(std::string_view path, io::http::Handler handler) {
  names_.push_back({"GET", std::string(path)});
  router_.get(path, std::move(handler));
}

void Routes::get_waiting(std::string_view path, io::http::WaitingHandler handler) {
  names_.push_back({"GET", std::string(path)});
  router_.on_waiting("GET", path, std::move(handler));
}

void Routes::get_stream(std::string_view path, io::http::UpgradeHandler handler) {
  names_.push_back({"GET", std::string(path)});
  router_.on_upgrade(path, std::move(handler));
}

}  // namespace iw::api

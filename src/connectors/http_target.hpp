// HttpTarget: where a connector posts its batches: one URL, with the credentials of its user.
#pragma once

#include <optional>
#include <string>

#include "io/http/client.hpp"
#include "io/network.hpp"
#include "io/task.hpp"
#include "wire/http/message.hpp"
#include "wire/http/target.hpp"

namespace iw::connectors {

struct HttpTargetSettings {
  wire::http::Url url;  // with path and query
  std::optional<io::tls::TlsContext> tls = {};
  wire::http::Headers headers = {};
};

class HttpTarget {
 public:
  HttpTarget(io::Network& network, HttpTargetSettings settings);

  // Kind rejected: the server understood, and will not take this body another time either.
  io::Task<Result<void>> post(std::string body);
  void close() { client_.close(); }

 private:
  [[nodiscard]] Result<void> judge(const wire::http::Response& response) const;

  HttpTargetSettings settings_;
  io::http::Client client_;
};

}  // namespace iw::connectors

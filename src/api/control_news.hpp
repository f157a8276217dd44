// ControlNews: what control decides and what controllers want, as messages of the live stream. One text for
// all clients, made when somebody wants it and something has changed: what a site with hundreds of points
// costs does not grow with the browsers that look at it.
//
//   if (const std::string* text = news.control(told)) send(*text)
//
// On the core executor.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "gateway/gateway.hpp"

namespace iw::api {

class ControlNews {
 public:
  // Both outlive it.
  ControlNews(gateway::Gateway& gateway, const io::Executor& core) : gateway_(gateway), core_(core) {}

  // Null when there is nothing else than what was told last; `told` is what a client was told (0: nothing),
  // and then what it is told with this.
  const std::string* control(std::uint64_t& told);
  const std::string* controllers(std::uint64_t& told);

  [[nodiscard]] std::uint64_t made() const { return made_; }  // messages so far

 private:
  struct Message {
    std::uint64_t revision = 0;
    Instant at = {};
    std::string text = {};
  };
  const std::string* news(Message& message, std::uint64_t revision, std::uint64_t& told,
                          const std::function<std::string(Instant)>& make);

  gateway::Gateway& gateway_;
  const io::Executor& core_;
  Message control_;
  Message controllers_;
  std::uint64_t made_ = 0;
};

}  // namespace iw::api

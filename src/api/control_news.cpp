#include "api/control_news.hpp"

#include "api/answers.hpp"
#include "gateway/control_json.hpp"
#include "json/json.hpp"

namespace iw::api {
namespace {

// What changes all the time is told so often.
constexpr Duration made_every = 250ms;
// The countdowns of a message may be so far behind for who comes later.
constexpr Duration countdown_error = 1s;

std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

const std::string* ControlNews::control(std::uint64_t& told) {
  const gateway::ControlDesk* desk = gateway_.control();
  return news(control_, desk != nullptr ? desk->revision() : 1, told, [desk](Instant now) {
    return dump({{"type", "control"},
                 {"control", desk != nullptr ? Json(gateway::control_to_json(*desk, now))
                                             : Json{{"enabled", false}, {"points", Json::array()}}}});
  });
}

const std::string* ControlNews::controllers(std::uint64_t& told) {
  const gateway::ControllerDesk& desk = gateway_.controllers();
  return news(controllers_, desk.revision(), told, [&desk](Instant now) {
    return dump({{"type", "controllers"}, {"items", gateway::controllers_to_json(desk, now)}});
  });
}

const std::string* ControlNews::news(Message& message, std::uint64_t revision, std::uint64_t& told,
                                     const std::function<std::string(Instant)>& make) {
  if (told == revision) return nullptr;
  const Instant now = core_.now();
  const Duration good_for = message.revision == revision ? countdown_error : made_every;
  if (message.revision == 0 || now >= message.at + good_for) {
    message = {.revision = revision, .at = now, .text = make(now)};
    ++made_;
  }
  if (told == message.revision) return nullptr;  // the next look finds what has changed since
  told = message.revision;
  return &message.text;
}

}  // namespace iw::api

#include "wire/websocket/session.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <wslay/wslay.h>

namespace iw::wire::websocket {

struct Session::State {
  struct Free {
    void operator()(wslay_event_context* freed) const { wslay_event_context_free(freed); }
  };

  std::unique_ptr<wslay_event_context, Free> context;
  Bytes input;
  std::string output;
  std::vector<std::string> messages;

  // What the library calls. It never blocks: what is not here would block.
  static ssize_t receive(wslay_event_context* caller, std::uint8_t* into, std::size_t size, int /*flags*/,
                         void* user) {
    State& self = *static_cast<State*>(user);
    if (self.input.empty()) {
      wslay_event_set_error(caller, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const std::size_t n = std::min(size, self.input.size());
    std::memcpy(into, self.input.data(), n);
    self.input = self.input.subspan(n);
    return static_cast<ssize_t>(n);
  }
  static ssize_t send(wslay_event_context* /*caller*/, const std::uint8_t* data, std::size_t size,
                      int /*flags*/, void* user) {
    static_cast<State*>(user)->output.append(reinterpret_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
  }
  static void take(wslay_event_context* caller, const wslay_event_on_msg_recv_arg* message, void* user) {
    if (message->opcode == WSLAY_TEXT_FRAME) {
      static_cast<State*>(user)->messages.emplace_back(reinterpret_cast<const char*>(message->msg),
                                                       message->msg_length);
    } else if (message->opcode == WSLAY_BINARY_FRAME) {
      wslay_event_queue_close(caller, WSLAY_CODE_UNSUPPORTED_DATA, nullptr, 0);
      wslay_event_shutdown_read(caller);  // what came with it is not looked at
    }
  }

  void flush() { wslay_event_send(context.get()); }
};

Session::Session(std::size_t most_message) : state_(std::make_unique<State>()) {
  const wslay_event_callbacks callbacks{.recv_callback = &State::receive,
                                        .send_callback = &State::send,
                                        .genmask_callback = nullptr,
                                        .on_frame_recv_start_callback = nullptr,
                                        .on_frame_recv_chunk_callback = nullptr,
                                        .on_frame_recv_end_callback = nullptr,
                                        .on_msg_recv_callback = &State::take};
  wslay_event_context* made = nullptr;
  if (wslay_event_context_server_init(&made, &callbacks, state_.get()) != 0) throw std::bad_alloc();
  state_->context.reset(made);
  wslay_event_config_set_max_recv_msg_length(made, most_message);
}

Session::~Session() = default;

std::vector<std::string> Session::put(Bytes bytes) {
  state_->input = bytes;
  if (wslay_event_recv(state_->context.get()) != 0)
    wslay_event_queue_close(state_->context.get(), WSLAY_CODE_INTERNAL_SERVER_ERROR, nullptr, 0);
  state_->input = {};
  state_->flush();
  return std::exchange(state_->messages, {});
}

void Session::send_text(std::string_view text) {
  const wslay_event_msg message{.opcode = WSLAY_TEXT_FRAME,
                                .msg = reinterpret_cast<const std::uint8_t*>(text.data()),
                                .msg_length = text.size()};
  wslay_event_queue_msg(state_->context.get(), &message);
  state_->flush();
}

void Session::close() {
  wslay_event_queue_close(state_->context.get(), WSLAY_CODE_GOING_AWAY, nullptr, 0);
  state_->flush();
}

std::string Session::take_output() { return std::exchange(state_->output, {}); }

std::size_t Session::waiting() const { return state_->output.size(); }

bool Session::ended() const { return wslay_event_get_close_sent(state_->context.get()) != 0; }

}  // namespace iw::wire::websocket

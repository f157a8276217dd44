#include "wire/http/parser.hpp"

#include <utility>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

namespace iw::wire::http {
namespace {

namespace beast = boost::beast;
using Code = boost::system::error_code;
using beast::http::error;

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

// Beast's parser wants each header and chunk head in one piece, and is made anew for each message.
template <bool is_request>
class Incoming {
 public:
  using Parser = beast::http::parser<is_request, beast::http::string_body>;

  explicit Incoming(Limits limits) : limits_(limits) { restart(); }

  void restart() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header));
    parser_->body_limit(limits_.body);
    headers_ = {};
    header_taken_ = false;
  }

  void put(Bytes bytes) {
    if (taken_ > 0) buffer_.erase(0, std::exchange(taken_, 0));
    buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  [[nodiscard]] std::size_t waiting() const { return buffer_.size() - taken_; }
  [[nodiscard]] bool idle() const { return waiting() == 0 && !parser_->got_some(); }
  [[nodiscard]] bool header_taken() const { return header_taken_; }
  [[nodiscard]] const Headers& headers() const { return headers_; }
  [[nodiscard]] Parser& parser() { return *parser_; }

  // Takes what it can of what is there; no error: the message is whole, or more bytes are needed.
  Code advance() {
    Code code;
    while (!parser_->is_done() && waiting() > 0 && !last_chunk_begins()) {
      const std::size_t n =
          parser_->put(boost::asio::buffer(buffer_.data() + taken_, buffer_.size() - taken_), code);
      taken_ += n;
      if (!header_taken_ && parser_->is_header_done()) take_header();
      if (code == error::need_more) {
        // All that fits into the limit is here, and still no end of it.
        if (waiting() > limits_.header) return error::header_limit;
        return {};
      }
      if (code) return code;
    }
    return {};
  }

  [[nodiscard]] bool done() const { return parser_->is_done(); }
  [[nodiscard]] Headers take_headers() { return std::move(headers_); }
  [[nodiscard]] std::string take_body() { return std::move(parser_->get().body()); }
  [[nodiscard]] std::string take_rest() {
    std::string rest = buffer_.substr(taken_);
    buffer_.clear();
    taken_ = 0;
    return rest;
  }

  // We know one transfer coding. Any other has a body whose end we can not see (RFC 9112 6.1).
  [[nodiscard]] bool foreign_coding() const {
    const auto coding = headers_.find("Transfer-Encoding");
    return coding && (headers_.count("Transfer-Encoding") > 1 || !same_name(*coding, "chunked"));
  }

 private:
  // Beast asserts that it is not given a part of the shortest last chunk a second time.
  [[nodiscard]] bool last_chunk_begins() const {
    constexpr std::string_view shortest = "0\r\n\r\n";
    return header_taken_ && parser_->chunked() && waiting() < shortest.size() && buffer_[taken_] == '0';
  }

  void take_header() {
    for (const auto& field : parser_->get())
      headers_.add(text_of(field.name_string()), text_of(field.value()));
    header_taken_ = true;
  }

  Limits limits_;
  std::string buffer_;
  std::size_t taken_ = 0;
  std::optional<Parser> parser_;
  Headers headers_;
  bool header_taken_ = false;
};

Error error_of(const Code& code) {
  const std::string what = code.message();
  if (code == error::header_limit || code == error::buffer_overflow)
    return {ErrorKind::exhausted, "the header is too large", "send fewer or shorter fields"};
  if (code == error::body_limit)
    return {ErrorKind::exhausted, "the body is too large", "send less in one message"};
  if (code == error::bad_version)
    return {ErrorKind::unsupported, "not HTTP/1.0 or HTTP/1.1", "speak HTTP/1.1"};
  return {ErrorKind::malformed, fmt::format("not HTTP: {}", what)};
}

Status refusal_of(const Code& code) {
  if (code == error::header_limit || code == error::buffer_overflow)
    return Status::request_header_fields_too_large;
  if (code == error::body_limit) return Status::content_too_large;
  if (code == error::bad_version) return Status::http_version_not_supported;
  return Status::bad_request;
}

}  // namespace

// ---- Requests

struct RequestParser::State {
  explicit State(Limits limits) : in(limits) {}

  // What Beast leaves to us (RFC 9112 3.2, 6.1).
  Result<void> check_header() {
    if (in.foreign_coding()) {
      refusal = Status::not_implemented;
      return fail(ErrorKind::unsupported, "a transfer coding other than chunked", "send it plain or chunked");
    }
    const std::size_t hosts = in.headers().count("Host");
    if (hosts > 1 || (hosts == 0 && in.parser().get().version() >= 11)) {
      refusal = Status::bad_request;
      return fail(ErrorKind::malformed, "a request of HTTP/1.1 has one Host");
    }
    checked = true;
    return {};
  }

  Incoming<true> in;
  Status refusal = Status::bad_request;
  bool checked = false;
  bool continue_asked = false;
};

RequestParser::RequestParser(Limits limits) : state_(std::make_unique<State>(limits)) {}
RequestParser::~RequestParser() = default;

void RequestParser::put(Bytes bytes) { state_->in.put(bytes); }

Result<std::optional<Request>> RequestParser::next() {
  State& s = *state_;
  const Code code = s.in.advance();
  if (s.in.header_taken() && !s.checked) {
    if (auto good = s.check_header(); !good) return fail(std::move(good).error());
  }
  if (code) {
    s.refusal = refusal_of(code);
    return fail(error_of(code));
  }
  if (!s.in.done()) return std::nullopt;
  const auto& head = s.in.parser().get();
  Request request{.method = text_of(head.method_string()),
                  .target = text_of(head.target()),
                  .headers = s.in.take_headers(),
                  .body = s.in.take_body(),
                  .minor_version = head.version() % 10};
  s.in.restart();
  s.checked = false;
  s.continue_asked = false;
  return request;
}

bool RequestParser::idle() const { return state_->in.idle(); }
bool RequestParser::in_body() const { return state_->in.header_taken(); }

bool RequestParser::wants_continue() {
  State& s = *state_;
  if (!s.in.header_taken() || s.continue_asked) return false;
  s.continue_asked = true;
  return s.in.parser().get().version() >= 11 && s.in.headers().has_token("Expect", "100-continue");
}

Status RequestParser::refusal() const { return state_->refusal; }
std::string RequestParser::take_rest() { return state_->in.take_rest(); }

// ---- Responses

struct ResponseParser::State {
  explicit State(Limits limits) : in(limits) {}

  void restart() {
    in.restart();
    if (no_body) in.parser().skip(true);
  }

  Incoming<false> in;
  bool no_body = false;
  bool end_seen = false;
  bool ended = false;
};

ResponseParser::ResponseParser(Limits limits) : state_(std::make_unique<State>(limits)) {}
ResponseParser::~ResponseParser() = default;

void ResponseParser::expect_no_body() {
  state_->no_body = true;
  if (!state_->in.parser().got_some()) state_->in.parser().skip(true);
}

void ResponseParser::put(Bytes bytes) { state_->in.put(bytes); }
void ResponseParser::put_end() { state_->end_seen = true; }

Result<std::optional<Response>> ResponseParser::next() {
  State& s = *state_;
  for (;;) {
    if (const Code code = s.in.advance()) return fail(error_of(code));
    if (s.in.header_taken() && !s.no_body && s.in.foreign_coding())
      return fail(ErrorKind::unsupported, "a transfer coding other than chunked");
    if (!s.in.done()) {
      if (!s.end_seen || s.in.idle()) return std::nullopt;
      Code code;
      s.in.parser().put_eof(code);
      if (code) return fail(ErrorKind::closed, "the peer ended the connection in the midst of its answer");
    }
    s.ended = s.end_seen || s.in.parser().need_eof();
    const auto& head = s.in.parser().get();
    const auto status = static_cast<Status>(head.result_int());
    if (class_of(status) == 1 && status != Status::switching_protocols) {
      s.restart();
      continue;
    }
    Response response{.status = status,
                      .headers = s.in.take_headers(),
                      .body = s.in.take_body(),
                      .minor_version = head.version() % 10};
    s.no_body = false;
    s.restart();
    return response;
  }
}

bool ResponseParser::idle() const { return state_->in.idle(); }
bool ResponseParser::ended() const { return state_->ended; }
std::string ResponseParser::take_rest() { return state_->in.take_rest(); }

}  // namespace iw::wire::http

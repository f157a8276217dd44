#include "io/http/client.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "io/tls/stream.hpp"

namespace iw::io::http {
namespace {

using wire::http::Request;
using wire::http::Response;

// RFC 9110 9.2.2.
bool idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
  return std::ranges::find(methods, method) != methods.end();
}

}  // namespace

Client::Client(Network& network, wire::http::Url url, ClientSettings settings)
    : network_(network),
      executor_(network.executor()),
      url_(std::move(url)),
      settings_(std::move(settings)) {}

void Client::close() {
  closed_ = true;
  if (stream_) stream_->close();
}

Task<Result<Response>> Client::send(Request request) {
  if (busy_) co_return fail(ErrorKind::busy, fmt::format("{} is being asked already", url_.authority()));
  busy_ = true;
  if (!request.headers.has("Host")) request.headers.add("Host", url_.authority());
  if (stream_ && executor_.now() - idle_since_ > settings_.keep) stream_.reset();
  const bool kept = stream_ != nullptr;
  auto response = co_await exchange(request);
  const bool given_up = !response && response.error().kind != ErrorKind::timeout && silent_;
  if (given_up && kept && !closed_ && idempotent(request.method)) response = co_await exchange(request);
  busy_ = false;
  co_return response;
}

Task<Result<Response>> Client::exchange(const Request& request) {
  silent_ = true;
  if (closed_) co_return fail(ErrorKind::cancelled, "the client is closed");
  if (!stream_) {
    auto connected = co_await connect();
    if (!connected) co_return fail(std::move(connected).error());
  }
  deadline_.emplace(executor_);
  deadline_->set(*stream_, settings_.answer_timeout);
  const std::string text = encode(request);
  const auto written = co_await stream_->write(std::as_bytes(std::span(text)));
  // A server that refuses a body answers before it has all of it, so an answer may be there all the same.
  auto response = co_await receive(request.method != "HEAD");
  deadline_->clear();
  if (!response) {
    stream_.reset();
    co_return fail(explain(written ? std::move(response).error() : written.error()));
  }
  idle_since_ = executor_.now();
  if (!written || !keeps_alive(*response)) stream_.reset();
  co_return response;
}

Task<Result<void>> Client::connect() {
  const Instant deadline = executor_.now() + settings_.connect_timeout;
  if (url_.tls && !settings_.tls) {
    co_return fail(ErrorKind::invalid_argument, fmt::format("{} needs TLS settings", url_.authority()));
  }
  auto stream = co_await network_.connect({url_.host, url_.port}, deadline);
  if (stream && url_.tls && !closed_) {
    auto secured =
        co_await tls::tls_connect(std::move(*stream), *settings_.tls, url_.host, executor_, deadline);
    if (!secured) co_return fail(std::move(secured).error());
    stream = std::move(*secured);
  }
  if (!stream) co_return fail(std::move(stream).error());
  if (closed_) co_return fail(ErrorKind::cancelled, "the client is closed");
  stream_ = std::move(*stream);
  co_return Result<void>{};
}

Task<Result<Response>> Client::receive(bool answer_has_body) {
  wire::http::ResponseParser parser(settings_.limits);
  if (!answer_has_body) parser.expect_no_body();
  std::array<std::byte, 4096> buffer;
  for (;;) {
    auto response = parser.next();
    if (!response) co_return fail(std::move(response).error());
    if (*response) {
      // What follows an answer that nobody asked for can not be trusted to be the next one.
      if (parser.ended() || !parser.idle()) (*response)->headers.set("Connection", "close");
      co_return std::move(**response);
    }
    const auto n = co_await stream_->read_some(buffer);
    if (n) {
      silent_ = false;
      parser.put(Bytes(buffer).first(*n));
    } else if (n.error().kind == ErrorKind::closed && !parser.idle()) {
      parser.put_end();
    } else {
      co_return fail(n.error());
    }
  }
}

Error Client::explain(Error error) const {
  if (deadline_->passed()) {
    return {ErrorKind::timeout, fmt::format("{} did not answer in time", url_.authority()),
            "is the server overloaded? allow more time"};
  }
  return std::move(error).in(url_.authority());
}

}  // namespace iw::io::http

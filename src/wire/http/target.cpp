#include "wire/http/target.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/append.hpp"

namespace iw::wire::http {
namespace {

Unexpected bad(std::string_view what, std::string_view text) {
  return fail(ErrorKind::malformed, fmt::format("{} in \"{}\"", what, text));
}

std::optional<std::string> decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      unsigned value = 0;
      const char* begin = text.data() + i + 1;
      if (i + 2 >= text.size()) return std::nullopt;
      const auto [end, error] = std::from_chars(begin, begin + 2, value, 16);
      if (error != std::errc{} || end != begin + 2) return std::nullopt;
      c = static_cast<char>(value);
      i += 2;
    } else if (c == '+' && plus_is_blank) {
      c = ' ';
    }
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) return std::nullopt;
    out += c;
  }
  return out;
}

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// Calls take(part) for each part between separators.
template <class Take>
bool each_part(std::string_view text, char separator, Take take) {
  for (;;) {
    const auto at = text.find(separator);
    if (!take(text.substr(0, at))) return false;
    if (at == std::string_view::npos) return true;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

std::optional<std::string_view> Target::parameter(std::string_view name) const {
  const auto found = std::ranges::find(query, name, &std::pair<std::string, std::string>::first);
  return found != query.end() ? std::optional<std::string_view>(found->second) : std::nullopt;
}

Result<Target> parse_target(std::string_view text) {
  std::string_view path = text;
  if (!path.starts_with('/')) {
    const auto scheme = path.find("://");
    if (scheme == std::string_view::npos) return bad("no path", text);
    path.remove_prefix(scheme + 3);
    const auto slash = path.find_first_of("/?");
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  Target target;
  const auto question = path.find('?');
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : path.substr(question + 1);
  path = path.substr(0, question);
  if (path.starts_with('/')) path.remove_prefix(1);

  const auto take_segment = [&](std::string_view part) {
    auto segment = decoded(part, false);
    if (!segment || *segment == "." || *segment == "..") return false;
    target.segments.push_back(std::move(*segment));
    return true;
  };
  if (!path.empty() && !each_part(path, '/', take_segment)) return bad("a segment that may not be", text);

  const auto take_parameter = [&](std::string_view part) {
    if (part.empty()) return true;
    const auto equals = part.find('=');
    auto name = decoded(part.substr(0, equals), true);
    auto value =
        decoded(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1), true);
    if (!name || !value) return false;
    target.query.emplace_back(std::move(*name), std::move(*value));
    return true;
  };
  if (!each_part(query, '&', take_parameter)) return bad("a bad escape", text);
  return target;
}

std::string Url::authority() const {
  const std::string name = host.contains(':') ? fmt::format("[{}]", host) : host;
  return port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

Result<Url> parse_url(std::string_view text) {
  constexpr std::string_view remedy = "write it as http://host:port/path";
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorKind::invalid_argument, fmt::format("\"{}\" is not a URL to send to: {}", text, why),
                std::string(remedy));
  };
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return refuse("it begins with neither http:// nor https://");
  }
  if (std::ranges::any_of(rest, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '#'; }))
    return refuse("it has a blank or a fragment");
  const auto path = rest.find_first_of("/?");
  std::string_view authority = rest.substr(0, path);
  if (path != std::string_view::npos) {
    url.target = rest.substr(path);
    if (url.target.starts_with('?')) url.target.insert(0, "/");
  }
  if (authority.contains('@')) return refuse("a user or password does not belong into it");
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return refuse("a '[' without ']'");
    url.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    const auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    authority = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
  }
  if (url.host.empty()) return refuse("it names no host");
  if (!authority.empty()) {
    const std::string_view port = authority.substr(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (authority.front() != ':' || error != std::errc{} || end != port.data() + port.size() || url.port == 0)
      return refuse("its port is not a number from 1 to 65535");
  }
  return url;
}

std::string to_string(const Url& url) {
  return fmt::format("{}://{}{}", url.tls ? "https" : "http", url.authority(), url.target);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
    } else {
      append(out, "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace iw::wire::http

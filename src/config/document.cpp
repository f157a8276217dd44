#include "config/document.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace iw::config {
namespace {

// Thrown through yaml-cpp by the Builder, caught in parse().
struct Refused {
  YAML::Mark mark;
  std::string message;
};

// Builds the tree from the events of yaml-cpp. The open lists and maps are a stack; a value that is complete
// moves into the one above it.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(const DocumentLimits& limits) : limits_(limits) {}

  Value take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(mark, {.kind = Kind::null}, anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    add(mark, {.kind = Kind::scalar, .text = text, .quoted = tag == "!"}, anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto anchored = anchors_.find(anchor);
    if (anchored == anchors_.end()) throw Refused{mark, "the alias stands inside its own anchor"};
    Size size = measure(anchored->second);
    size.depth += open_.size();
    check(mark, size);
    attach(mark, anchored->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Kind::list, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Kind::map, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Value value;
    YAML::Mark mark;
    YAML::anchor_t anchor = 0;
    std::optional<std::pair<YAML::Mark, std::string>> key = {};  // read, its value not yet
    std::unordered_map<std::string, int> keys = {};              // of a map, and their lines
  };
  struct Size {
    std::size_t values = 1;
    std::size_t bytes = 0;
    std::size_t depth = 1;
  };

  static Size measure(const Value& value) {
    Size size{.bytes = value.text.size()};
    for (const Value& child : value.children) {
      const Size inner = measure(child);
      size.values += inner.values;
      size.bytes += inner.bytes;
      size.depth = std::max(size.depth, inner.depth + 1);
    }
    return size;
  }

  void check(const YAML::Mark& mark, const Size& more) {
    values_ += more.values;
    bytes_ += more.bytes;
    if (values_ > limits_.values || bytes_ > limits_.bytes) {
      throw Refused{mark, fmt::format("the file has more than {} values or {} bytes, aliases included",
                                      limits_.values, limits_.bytes)};
    }
    if (more.depth > limits_.depth) {
      throw Refused{mark, fmt::format("lists and maps are nested more than {} deep", limits_.depth)};
    }
  }

  static Value placed(Value value, const YAML::Mark& mark) {
    value.line = mark.line + 1;
    value.column = mark.column + 1;
    return value;
  }

  void add(const YAML::Mark& mark, Value value, YAML::anchor_t anchor) {
    check(mark, {.bytes = value.text.size(), .depth = open_.size() + 1});
    value = placed(std::move(value), mark);
    if (anchor != 0) anchors_[anchor] = value;
    attach(mark, std::move(value));
  }

  void open(const YAML::Mark& mark, Kind kind, YAML::anchor_t anchor) {
    if (!open_.empty() && open_.back().value.kind == Kind::map && !open_.back().key) {
      throw Refused{mark, "a key has to be a word, not a list or map"};
    }
    check(mark, {.depth = open_.size() + 1});
    open_.push_back({.value = placed({.kind = kind}, mark), .mark = mark, .anchor = anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = done.value;
    attach(done.mark, std::move(done.value));
  }

  void attach(const YAML::Mark& mark, Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& above = open_.back();
    if (above.value.kind == Kind::map) {
      if (!above.key) {
        begin_key(above, mark, value);
        return;
      }
      value.key = std::move(above.key->second);
      value.key_line = above.key->first.line + 1;
      value.key_column = above.key->first.column + 1;
      above.key.reset();
    } else {
      value.key.clear();
      value.key_line = 0;
      value.key_column = 0;
    }
    above.value.children.push_back(std::move(value));
  }

  static void begin_key(Open& map, const YAML::Mark& mark, const Value& key) {
    if (key.kind != Kind::scalar) throw Refused{mark, "a key has to be a word"};
    const auto [first, is_new] = map.keys.try_emplace(key.text, mark.line + 1);
    if (!is_new) {
      throw Refused{mark,
                    fmt::format("the key '{}' stands here twice, first in line {}", key.text, first->second)};
    }
    map.key = {mark, key.text};
  }

  DocumentLimits limits_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Value> anchors_;
  Value root_;
};

void link(Value& value, const Value* parent, const std::string* file) {
  value.parent = parent;
  value.file = file;
  for (Value& child : value.children)
    link(child, &value, file);
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  if (kind != Kind::map) return nullptr;
  const auto found = std::ranges::find(children, name, &Value::key);
  return found == children.end() ? nullptr : &*found;
}

std::string Value::path() const {
  if (parent == nullptr) return {};
  std::string above = parent->path();
  if (parent->kind == Kind::list) return fmt::format("{}[{}]", above, this - parent->children.data());
  return above.empty() ? key : above + "." + key;
}

Place Value::place() const {
  return {.file = file == nullptr ? "" : *file, .line = line, .column = column, .key = path()};
}

Place Value::key_place() const {
  Place at = place();
  if (key_line > 0) {
    at.line = key_line;
    at.column = key_column;
  }
  return at;
}

std::string show(const Value& value) {
  switch (value.kind) {
    case Kind::null: return "nothing";
    case Kind::list: return "a list";
    case Kind::map: return "a map";
    case Kind::scalar: break;
  }
  constexpr std::size_t longest = 60;
  if (value.text.size() <= longest) return fmt::format("'{}'", value.text);
  return fmt::format("'{}...'", std::string_view(value.text).substr(0, longest));
}

std::optional<Document> Document::parse(std::string_view file, std::string_view text, Findings& findings,
                                        const DocumentLimits& limits) {
  Document document;
  document.file_ = std::make_unique<const std::string>(file);
  const auto refuse = [&](const YAML::Mark& mark, std::string message, std::string remedy = {}) {
    findings.error({.file = std::string(file), .line = mark.line + 1, .column = mark.column + 1, .key = {}},
                   std::move(message), std::move(remedy));
    return std::nullopt;
  };
  if (text.size() > limits.bytes) {
    return refuse(YAML::Mark::null_mark(), fmt::format("the file has more than {} bytes", limits.bytes));
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    Builder builder(limits);
    parser.HandleNextDocument(builder);
    auto root = std::make_unique<Value>(builder.take());
    Builder second(limits);
    if (parser.HandleNextDocument(second)) {
      const Value extra = second.take();
      YAML::Mark mark;
      mark.line = std::max(extra.line - 1, 0);
      mark.column = std::max(extra.column - 1, 0);
      return refuse(mark, "a second document begins here", "leave out the '---' before it or make it a file");
    }
    link(*root, nullptr, document.file_.get());
    document.root_ = std::move(root);
    return document;
  } catch (const Refused& refused) {
    return refuse(refused.mark, refused.message);
  } catch (const YAML::ParserException& e) {
    return refuse(e.mark, fmt::format("this is no YAML: {}", e.msg));
  }
}

}  // namespace iw::config

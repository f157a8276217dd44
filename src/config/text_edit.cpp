#include "config/text_edit.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "config/emit.hpp"
#include "config/same.hpp"
#include "config/source_text.hpp"

namespace iw::config {
namespace {

constexpr std::size_t dash = 2;  // "- "

// Part of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Replacement {
  Span span;
  std::string by;
};

Unexpected can_not(std::string_view what) {
  return fail(ErrorKind::unsupported, fmt::format("this file can not be edited in parts: {}", what),
              "edit its text");
}

std::string with_line_ends(std::string_view lines, std::string_view end) {
  std::string result;
  for (const char c : lines) {
    if (c == '\n' && !result.ends_with('\r')) {
      result += end;
    } else {
      result += c;
    }
  }
  return result;
}

std::string apply(std::string_view text, std::vector<Replacement> all) {
  std::ranges::sort(all, {}, [](const Replacement& one) { return one.span.begin; });
  const std::string_view line_end = text.contains("\r\n") ? "\r\n" : "\n";
  std::string result;
  std::size_t done = 0;
  for (const Replacement& one : all) {
    result += text.substr(done, one.span.begin - done);
    result += with_line_ends(one.by, line_end);
    done = one.span.end;
  }
  return result + std::string(text.substr(done));
}

std::string indented(std::string_view block, std::size_t indent) {
  std::string result;
  while (!block.empty()) {
    const auto end = std::min(block.find('\n'), block.size() - 1) + 1;
    if (block.substr(0, end).find_first_not_of(" \t\r\n") != std::string_view::npos)
      result.append(indent, ' ');
    result += block.substr(0, end);
    block.remove_prefix(end);
  }
  if (!result.ends_with('\n')) result += '\n';
  return result;
}

// "- name: pv" and what follows below the name.
std::string as_block_item(std::string_view item, std::size_t indent) {
  std::string lines = indented(item, indent + dash);
  // The dash goes before the first thing that is no comment.
  std::size_t at = 0;
  while (at < lines.size()) {
    const auto first = lines.find_first_not_of(" \n", at);
    if (first == std::string::npos || lines[first] != '#') break;
    at = std::min(lines.find('\n', first), lines.size() - 1) + 1;
  }
  while (lines.compare(at, 1, "\n") == 0)
    ++at;
  if (lines.size() > at + indent) lines[at + indent] = '-';
  return lines;
}

// A file whose root is a map of lists, and where the parts of it stand.
class Editor {
 public:
  static Result<Editor> open(std::string_view text, std::string_view list) {
    Findings findings;
    auto document = Document::parse("", text, findings);
    if (!document) return fail(to_error(findings));
    return Editor(text, std::move(*document), list);
  }

  [[nodiscard]] Result<std::string> add(std::string_view item) const {
    const auto wanted = parse_item(item);
    if (!wanted) return fail(wanted.error());
    Value expected = copy_of_root();
    list_in(expected).children.push_back(*wanted);
    if (list_ == nullptr) return checked(with_new_list(item), expected);
    if (list_->kind != Kind::list && list_->kind != Kind::null) return can_not(key_ + " is no list");
    if (list_->children.empty()) return checked(in_empty_list(item), expected);
    if (is_flow(*list_)) return checked(in_flow_list(*wanted), expected);
    return checked(in_block_list(item), expected);
  }

  [[nodiscard]] Result<std::string> change(std::size_t index, const Value& wanted) const {
    if (!has(index)) return no_item(index);
    Value expected = copy_of_root();
    list_in(expected).children[index] = wanted;
    std::vector<Replacement> edits;
    const Value& item = list_->children[index];
    if (!change_map(item, wanted, edits, item_span(index).end))
      return can_not("a part of the device stands elsewhere");
    return checked(apply(source_.text(), std::move(edits)), expected);
  }

  [[nodiscard]] Result<std::string> replace(std::size_t index, std::string_view item) const {
    if (!has(index)) return no_item(index);
    const auto wanted = parse_item(item);
    if (!wanted) return fail(wanted.error());
    Value expected = copy_of_root();
    list_in(expected).children[index] = *wanted;
    const Span span = item_span(index);
    const std::string by = is_flow(*list_) ? to_flow_yaml(*wanted) : as_block_item(item, list_indent());
    return checked(apply(source_.text(), {{span, by}}), expected);
  }

  [[nodiscard]] Result<std::string> remove(std::size_t index) const {
    if (!has(index)) return no_item(index);
    Value expected = copy_of_root();
    auto& items = list_in(expected).children;
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
    std::vector<Replacement> edits;
    if (is_flow(*list_)) {
      edits.push_back({without_comma(item_span(index), index == 0), ""});
    } else {
      edits.push_back({with_comment_above(item_span(index)), ""});
      if (items.empty()) {
        const std::size_t colon = source_.behind_colon(source_.offset(list_->key_line, list_->key_column));
        edits.push_back({{colon, colon}, " []"});
      }
    }
    return checked(apply(source_.text(), std::move(edits)), expected);
  }

  [[nodiscard]] Result<std::string> text_of(std::size_t index) const {
    if (!has(index)) return no_item(index);
    const Span span = item_span(index);
    if (is_flow(*list_)) return std::string(source_.text().substr(span.begin, span.end - span.begin)) + "\n";
    // The dash is a blank of the first line.
    std::string item;
    const std::size_t column = entry_indent(list_->children[index]);
    for (int line = source_.line_at(span.begin); source_.start(line) < span.end; ++line) {
      const std::string shown(source_.line(line));
      const bool first = source_.start(line) == span.begin;
      const std::size_t lead = first ? column : std::min(source_.indent(line), column);
      item += shown.size() > lead ? shown.substr(lead) : "";
      item += '\n';
    }
    return item;
  }

 private:
  Editor(std::string_view text, Document document, std::string_view list)
      : source_(text), document_(std::move(document)), key_(list), list_(document_.root().find(list)) {}

  [[nodiscard]] bool has(std::size_t index) const {
    return list_ != nullptr && list_->kind == Kind::list && index < list_->children.size();
  }
  [[nodiscard]] Unexpected no_item(std::size_t index) const {
    return fail(ErrorKind::not_found, fmt::format("there is no {}[{}]", key_, index));
  }

  [[nodiscard]] Value copy_of_root() const {
    Value root = document_.root();
    if (root.kind == Kind::null) root.kind = Kind::map;
    return root;
  }
  [[nodiscard]] Value& list_in(Value& root) const {
    auto found = std::ranges::find(root.children, key_, &Value::key);
    if (found == root.children.end()) {
      root.children.push_back({.kind = Kind::list, .key = key_});
      found = root.children.end() - 1;
    }
    if (found->kind == Kind::null) found->kind = Kind::list;
    return *found;
  }

  static Result<Value> parse_item(std::string_view item) {
    Findings findings;
    const auto document = Document::parse("", item, findings);
    if (!document) return fail(to_error(findings));
    if (document->root().kind != Kind::map) return fail(ErrorKind::invalid_argument, "this is no map");
    return document->root();
  }

  // What was made says what was wanted, and nothing else.
  [[nodiscard]] static Result<std::string> checked(std::string text, const Value& expected) {
    Findings findings;
    const auto document = Document::parse("", text, findings);
    if (!document) return can_not("it would be no YAML any more");
    if (!same(document->root(), expected)) return can_not("it is laid out in an unusual way");
    return text;
  }

  // ---- Where things stand

  [[nodiscard]] char char_at(std::size_t at) const {
    return at < source_.text().size() ? source_.text()[at] : '\0';
  }
  [[nodiscard]] bool is_flow(const Value& value) const {
    const char first = char_at(source_.offset(value.line, value.column));
    return first == '[' || first == '{';
  }
  [[nodiscard]] std::size_t list_indent() const { return static_cast<std::size_t>(list_->column) - 1; }
  // Of the entries of a map in block style.
  [[nodiscard]] static std::size_t entry_indent(const Value& map) {
    return static_cast<std::size_t>(map.children.empty() ? map.column : map.children.front().key_column) - 1;
  }

  [[nodiscard]] int dash_line(std::size_t index) const {
    int line = list_->children[index].line;
    while (line > 1 &&
           (source_.indent(line) != list_indent() || char_at(source_.start(line) + list_indent()) != '-'))
      --line;
    return line;
  }

  // Behind the last line, from this one on, that belongs to something indented by more than `indent`.
  // with_items: a list may stand right below the key that has it (YAML 1.2.2 8.2.1).
  [[nodiscard]] std::size_t block_end(int first_line, std::size_t indent, bool with_items) const {
    int last = first_line;
    for (int line = first_line + 1; line <= source_.lines(); ++line) {
      const bool deeper = source_.indent(line) > indent;
      if (source_.is_blank(line) || (source_.is_comment(line) && !deeper)) continue;
      const bool item =
          with_items && source_.indent(line) == indent && char_at(source_.start(line) + indent) == '-';
      if (!deeper && !item) break;
      last = line;
    }
    return source_.start(last + 1);
  }

  [[nodiscard]] Span item_span(std::size_t index) const {
    if (is_flow(*list_)) {
      const Value& item = list_->children[index];
      const std::size_t begin = source_.offset(item.line, item.column);
      return {begin, source_.flow_end(begin)};
    }
    const int line = dash_line(index);
    return {source_.start(line), block_end(line, list_indent(), false)};
  }

  [[nodiscard]] Span with_comment_above(Span item) const {
    int line = source_.line_at(item.begin);
    while (line > 1 && source_.is_comment(line - 1) && source_.indent(line - 1) == list_indent())
      --line;
    const bool blank_above = line > 1 && source_.is_blank(line - 1);
    item.begin = source_.start(line);
    const int next = source_.line_at(item.end);
    const bool blank_below = item.end >= source_.text().size() || source_.is_blank(next);
    if (blank_above && blank_below) item.begin = source_.start(line - 1);
    return item;
  }

  // With the comma before it, or, of the first, the one behind.
  [[nodiscard]] Span without_comma(Span entry, bool first) const {
    if (!first) {
      const auto comma = source_.text().rfind(',', entry.begin);
      return {comma == std::string_view::npos ? entry.begin : comma, entry.end};
    }
    const std::size_t behind = source_.skip_blank(entry.end);
    if (char_at(behind) == ',') entry.end = source_.skip_spaces(behind + 1);
    return entry;
  }

  // ---- Adding

  [[nodiscard]] bool ends_line(std::size_t at) const { return at == 0 || source_.text()[at - 1] == '\n'; }

  [[nodiscard]] std::string with_new_list(std::string_view item) const {
    const std::size_t end = source_.text().size();
    const std::string lines =
        fmt::format("{}{}:\n{}", ends_line(end) ? "" : "\n", key_, as_block_item(item, dash));
    return apply(source_.text(), {{{end, end}, lines}});
  }

  // "devices:" or "devices: []"
  [[nodiscard]] std::string in_empty_list(std::string_view item) const {
    const std::size_t colon = source_.behind_colon(source_.offset(list_->key_line, list_->key_column));
    const std::size_t value = source_.skip_spaces(colon);
    std::vector<Replacement> edits;
    std::size_t behind = colon;
    if (char_at(value) == '[') {
      behind = source_.flow_end(value);
      edits.push_back({{colon, behind}, ""});
    } else if (list_->kind != Kind::null || char_at(value) == '~' || char_at(value) == 'n') {
      behind = source_.scalar_end(value, false);
      edits.push_back({{colon, behind}, ""});
    }
    const std::size_t next_line = source_.start(source_.line_at(behind) + 1);
    const std::string lines = (ends_line(next_line) ? "" : "\n") + as_block_item(item, dash);
    edits.push_back({{next_line, next_line}, lines});
    return apply(source_.text(), std::move(edits));
  }

  [[nodiscard]] std::string in_flow_list(const Value& item) const {
    const std::size_t last = item_span(list_->children.size() - 1).end;
    return apply(source_.text(), {{{last, last}, ", " + to_flow_yaml(item)}});
  }

  // As far from the last item as that is from the one before it.
  [[nodiscard]] std::string in_block_list(std::string_view item) const {
    const std::size_t last = list_->children.size() - 1;
    const std::size_t end = item_span(last).end;
    const bool apart = last > 0 && source_.is_blank(source_.line_at(item_span(last - 1).end));
    std::string lines = as_block_item(item, list_indent());
    if (apart) lines = "\n" + lines;
    if (!ends_line(end)) lines = "\n" + lines;
    return apply(source_.text(), {{{end, end}, lines}});
  }

  // ---- Changing

  // False: it can not be done in parts. `end`: of the map.
  bool change_map(const Value& map, const Value& wanted, std::vector<Replacement>& edits,
                  std::size_t end) const {
    if (map.children.empty()) return false;
    const bool flow = is_flow(map);
    std::string fresh;
    for (const Value& child : wanted.children) {
      const Value* known = map.find(child.key);
      if (known == nullptr) {
        fresh += flow ? ", " + flow_entry(child) : block_entry(child, entry_indent(map));
      } else if (!same(*known, child) && !change_value(map, *known, child, edits, end)) {
        return false;
      }
    }
    for (const Value& child : map.children) {
      if (wanted.find(child.key) == nullptr && !remove_entry(map, child, edits, end)) return false;
    }
    if (fresh.empty()) return true;
    std::size_t at = end;
    if (flow) {
      const Value& last = map.children.back();
      at = value_span(map, last, end).end;
    } else if (!ends_line(at)) {
      fresh = "\n" + fresh;
    }
    edits.push_back({{at, at}, std::move(fresh)});
    return true;
  }

  static std::string flow_entry(const Value& entry) {
    const std::string map = to_flow_yaml({.kind = Kind::map, .children = {entry}});
    return map.substr(1, map.size() - 2);
  }
  static std::string block_entry(const Value& entry, std::size_t indent) {
    return to_block_yaml({.kind = Kind::map, .children = {entry}}, indent);
  }

  [[nodiscard]] std::size_t key_offset(const Value& entry) const {
    return source_.offset(entry.key_line, entry.key_column);
  }
  // Of an entry in block style: to the next one, or the end of its map; without the comments in between.
  [[nodiscard]] std::size_t entry_end(const Value& map, const Value& entry) const {
    return block_end(entry.key_line, entry_indent(map), true);
  }

  // The value of an entry, from right behind its colon.
  [[nodiscard]] Span value_span(const Value& map, const Value& entry, std::size_t end) const {
    const std::size_t colon = source_.behind_colon(key_offset(entry));
    const bool flow = is_flow(map);
    const std::size_t value = flow ? source_.skip_blank(colon) : source_.skip_spaces(colon);
    const char first = char_at(value);
    if (first == '[' || first == '{') return {colon, source_.flow_end(value)};
    if (flow) return {colon, std::min(std::max(source_.scalar_end(value, true), colon), end)};
    const std::size_t all = entry_end(map, entry);
    const bool one_line = all <= source_.start(entry.key_line + 1);
    const bool is_comment = first == '#';
    if (one_line && !is_comment && first != '|' && first != '>') {
      return {colon, std::max(source_.scalar_end(value, false), colon)};
    }
    if (one_line) return {colon, colon};  // nothing but a comment
    const std::size_t without_line_end = all > 0 && ends_line(all) ? all - 1 : all;
    return {colon, without_line_end};
  }

  bool change_value(const Value& map, const Value& entry, const Value& wanted,
                    std::vector<Replacement>& edits, std::size_t end) const {
    if (!stands_in(map, entry)) return false;
    const bool both_maps = entry.kind == Kind::map && wanted.kind == Kind::map && !entry.children.empty() &&
                           !wanted.children.empty();
    Span span = value_span(map, entry, end);
    const bool is_here = source_.offset(entry.line, entry.column) >= span.begin &&
                         source_.offset(entry.line, entry.column) < std::max(span.end, span.begin + 1);
    if (both_maps && is_here) {
      const std::size_t inner_end = is_flow(entry) ? span.end : entry_end(map, entry);
      return change_map(entry, wanted, edits, inner_end);
    }
    const bool block =
        (wanted.kind == Kind::map || wanted.kind == Kind::list) && !wanted.children.empty() && !is_flow(map);
    std::string by;
    if (block) {
      by = "\n" + to_block_yaml(wanted, entry_indent(map) + dash);
      by.pop_back();
    } else if (wanted.kind != Kind::null) {
      const std::size_t value = std::min(source_.skip_spaces(span.begin), span.end);
      const bool spaced = value > span.begin;
      if (spaced) span.begin = value;
      by = spaced ? "" : " ";
      const bool plain = wanted.kind == Kind::scalar && !is_flow(map);
      by += plain ? scalar_to_yaml(wanted) : to_flow_yaml(wanted);
    }
    edits.push_back({span, std::move(by)});
    return true;
  }

  // An alias shows what stands at its anchor.
  [[nodiscard]] bool stands_in(const Value& map, const Value& entry) const {
    return key_offset(entry) >= source_.offset(map.line, map.column);
  }

  bool remove_entry(const Value& map, const Value& entry, std::vector<Replacement>& edits,
                    std::size_t end) const {
    if (!stands_in(map, entry)) return false;
    const auto index = static_cast<std::size_t>(&entry - map.children.data());
    if (is_flow(map)) {
      edits.push_back({without_comma({key_offset(entry), value_span(map, entry, end).end}, index == 0), ""});
      return true;
    }
    std::size_t begin = key_offset(entry);
    std::size_t behind = entry_end(map, entry);
    if (source_.line(entry.key_line).find_first_not_of(' ') + 1 <
        static_cast<std::size_t>(entry.key_column)) {
      // It stands beside the dash, where the next one then goes.
      if (index + 1 == map.children.size()) return false;
      behind = key_offset(map.children[index + 1]);
    } else {
      int line = entry.key_line;
      while (line > 1 && source_.is_comment(line - 1) && source_.indent(line - 1) == entry_indent(map))
        --line;
      begin = source_.start(line);
    }
    edits.push_back({{begin, behind}, ""});
    return true;
  }

  SourceText source_;
  Document document_;
  std::string key_;
  const Value* list_;
};

}  // namespace

Result<std::string> add_item(std::string_view text, std::string_view list, std::string_view item) {
  const auto editor = Editor::open(text, list);
  if (!editor) return fail(editor.error());
  return editor->add(item);
}

Result<std::string> change_item(std::string_view text, std::string_view list, std::size_t index,
                                const Value& wanted) {
  const auto editor = Editor::open(text, list);
  if (!editor) return fail(editor.error());
  return editor->change(index, wanted);
}

Result<std::string> replace_item(std::string_view text, std::string_view list, std::size_t index,
                                 std::string_view item) {
  const auto editor = Editor::open(text, list);
  if (!editor) return fail(editor.error());
  return editor->replace(index, item);
}

Result<std::string> remove_item(std::string_view text, std::string_view list, std::size_t index) {
  const auto editor = Editor::open(text, list);
  if (!editor) return fail(editor.error());
  return editor->remove(index);
}

Result<std::string> item_text(std::string_view text, std::string_view list, std::size_t index) {
  const auto editor = Editor::open(text, list);
  if (!editor) return fail(editor.error());
  return editor->text_of(index);
}

}  // namespace iw::config

#include "importers/sources.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "importers/csv.hpp"
#include "importers/toml.hpp"
#include "model/words.hpp"

namespace iw::importers {
namespace {

constexpr int deepest = 8;

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Is the reference the end of the path, whole folders and the name?
bool ends_like(std::string_view path, std::string_view reference) {
  if (path.size() < reference.size()) return false;
  const std::string_view end = path.substr(path.size() - reference.size());
  return model::same_word(end, reference) &&
         (path.size() == reference.size() || path[path.size() - reference.size() - 1] == '/');
}

std::string_view plain_reference(std::string_view reference) {
  constexpr std::string_view scheme = "config://";
  reference = trim(reference);
  if (model::same_word(reference.substr(0, scheme.size()), scheme)) reference.remove_prefix(scheme.size());
  while (reference.starts_with('/') || reference.starts_with(' '))
    reference.remove_prefix(1);
  while (reference.ends_with('/') || reference.ends_with(' '))
    reference.remove_suffix(1);
  return reference;
}

// How many bytes the UTF-8 character at the front takes; 0 when it is none.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) < 0x80   ? 1
                           : byte(0) < 0xC2 ? 0
                           : byte(0) < 0xE0 ? 2
                           : byte(0) < 0xF0 ? 3
                           : byte(0) < 0xF5 ? 4
                                            : 0;
  if (size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  return size;
}

// Spreadsheets still write Latin-1, where a degree sign is one byte: what is no UTF-8 is taken as that.
std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character(text);
    if (size == 0) {
      const auto byte = static_cast<unsigned char>(text.front());
      out += static_cast<char>(0xC0U | byte >> 6U);
      out += static_cast<char>(0x80U | (byte & 0x3FU));
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace

Sources::Sources(io::Files& files, const std::vector<std::string>& paths, config::Findings& findings)
    : files_(files) {
  for (std::string path : paths) {
    while (path.size() > 1 && path.ends_with('/'))
      path.pop_back();
    add(path, findings, 0);
  }
}

void Sources::add(const std::string& path, config::Findings& findings, int depth) {
  if (const auto names = files_.list(path)) {
    if (depth == deepest) {
      findings.warning({.file = path},
                       fmt::format("folders are followed {} deep; this one is not read", deepest));
      return;
    }
    for (const std::string& name : *names) {
      if (!name.starts_with('.')) add(path + "/" + name, findings, depth + 1);
    }
    return;
  }
  auto text = files_.read(path);
  if (!text) {
    findings.error({.file = path}, text.error().message, text.error().remedy);
    return;
  }
  given_.push_back(std::make_unique<SourceFile>(SourceFile{.path = path, .text = as_utf8(*text)}));
}

SourceFile* Sources::resolve(std::string_view reference, const SourceFile& referrer) {
  reference = plain_reference(reference);
  const auto among = [&](auto& files, std::string_view wanted) -> SourceFile* {
    const auto found =
        std::ranges::find_if(files, [&](const auto& file) { return ends_like(file->path, wanted); });
    return found == files.end() ? nullptr : found->get();
  };
  if (reference.empty()) return nullptr;
  if (SourceFile* file = among(given_, reference)) return file;
  for (std::string folder = folder_of(referrer.path);; folder = folder_of(folder)) {
    if (const auto path = below(folder, reference)) {
      const auto known = std::ranges::find(followed_, *path, &SourceFile::path);
      if (known != followed_.end()) return known->get();
      if (auto text = files_.read(*path)) {
        followed_.push_back(std::make_unique<SourceFile>(SourceFile{.path = *path, .text = as_utf8(*text)}));
        return followed_.back().get();
      }
    }
    if (folder == "." || folder == "/") break;
  }
  return among(given_, base_name(reference));
}

std::optional<std::string> Sources::below(std::string folder, std::string_view reference) const {
  while (!reference.empty()) {
    const std::string_view part = reference.substr(0, reference.find('/'));
    reference.remove_prefix(std::min(part.size() + 1, reference.size()));
    const auto names = files_.list(folder);
    if (!names) return std::nullopt;
    const auto found =
        std::ranges::find_if(*names, [&](const std::string& n) { return model::same_word(n, part); });
    if (found == names->end()) return std::nullopt;
    folder = folder == "." ? *found : folder + "/" + *found;
  }
  return folder;
}

std::optional<Tree> Tree::parse(const SourceFile& file, config::Findings& findings) {
  Tree tree;
  if (has_extension(file.path, ".toml")) {
    tree.file_ = std::make_unique<std::string>(file.path);
    tree.root_ = parse_toml(*tree.file_, file.text, findings);
    if (tree.root_ == nullptr) return std::nullopt;
    return tree;
  }
  // JSON is YAML, but for the comments.
  const bool yaml = has_extension(file.path, ".yaml") || has_extension(file.path, ".yml");
  tree.document_ =
      config::Document::parse(file.path, yaml ? file.text : without_comments(file.text), findings);
  if (!tree.document_) return std::nullopt;
  return tree;
}

std::string without_comments(std::string_view json) {
  std::string out;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_text) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      in_text = c != '"';
    } else if (c == '#') {
      i = json.find('\n', i);
      if (i == std::string_view::npos) break;
      out += '\n';
    } else {
      out += c == '\t' ? ' ' : c;  // YAML knows no tabs
      in_text = c == '"';
    }
  }
  return out;
}

const config::Value* child(const config::Value& map, std::string_view key) {
  if (map.kind != config::Kind::map) return nullptr;
  for (const config::Value& value : map.children) {
    if (model::same_word(value.key, key)) return value.kind == config::Kind::null ? nullptr : &value;
  }
  return nullptr;
}

std::string_view text_of(const config::Value& map, std::string_view key) {
  const config::Value* value = child(map, key);
  return value == nullptr || value->kind != config::Kind::scalar ? std::string_view{} : trim(value->text);
}

bool has_extension(std::string_view path, std::string_view extension) {
  return path.size() >= extension.size() &&
         model::same_word(path.substr(path.size() - extension.size()), extension);
}

std::string stem(std::string_view path) {
  const std::string_view name = base_name(path);
  const auto dot = name.rfind('.');
  return std::string(dot == 0 || dot == std::string_view::npos ? name : name.substr(0, dot));
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_number(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<bool> parse_truth(std::string_view text) {
  static constexpr std::array<std::string_view, 6> yes{"true", "yes", "t", "y", "1", "on"};
  static constexpr std::array<std::string_view, 6> no{"false", "no", "f", "n", "0", "off"};
  const auto is = [&](std::string_view word) { return model::same_word(word, trim(text)); };
  if (std::ranges::any_of(yes, is)) return true;
  if (std::ranges::any_of(no, is)) return false;
  return std::nullopt;
}

}  // namespace iw::importers

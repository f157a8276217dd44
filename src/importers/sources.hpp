// Sources: the files an import reads. Folders are taken with all that is in them; a file that refers to
// another is followed. YAML, JSON and TOML become the same tree, with lines.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/finding.hpp"
#include "io/files.hpp"

namespace iw::importers {

struct SourceFile {
  std::string path;
  std::string text;
  bool used = false;  // something was made of it
};

class Sources {
 public:
  Sources(io::Files& files, const std::vector<std::string>& paths, config::Findings& findings);

  std::vector<std::unique_ptr<SourceFile>>& given() { return given_; }

  // What `referrer` means by "config://Regs/meter.csv": in any case, blanks and slashes at the ends aside,
  // among the given files, or below the folder of the referrer and those above it. None when there is no such
  // file.
  SourceFile* resolve(std::string_view reference, const SourceFile& referrer);

 private:
  void add(const std::string& path, config::Findings& findings, int depth);
  [[nodiscard]] std::optional<std::string> below(std::string folder, std::string_view reference) const;

  io::Files& files_;
  std::vector<std::unique_ptr<SourceFile>> given_;
  std::vector<std::unique_ptr<SourceFile>> followed_;
};

// A YAML, JSON or TOML file as a tree; values live as long as it does.
class Tree {
 public:
  static std::optional<Tree> parse(const SourceFile& file, config::Findings& findings);

  [[nodiscard]] const config::Value& root() const { return document_ ? document_->root() : *root_; }

 private:
  std::optional<config::Document> document_;
  std::unique_ptr<std::string> file_;
  std::unique_ptr<config::Value> root_;
};

// The same text without the '#' comments that VOLTTRON allows in JSON.
std::string without_comments(std::string_view json);

// The child of a map, its key in any case; none when it is not there or null.
const config::Value* child(const config::Value& map, std::string_view key);
// The text of a scalar child; empty when there is none.
std::string_view text_of(const config::Value& map, std::string_view key);

bool has_extension(std::string_view path, std::string_view extension);  // ".json", any case
std::string stem(std::string_view path);                                // "a/b/meter.csv" -> "meter"

// Whole numbers and numbers as people and Python write them: blanks around, a plus sign.
std::optional<std::int64_t> parse_whole(std::string_view text);
std::optional<double> parse_number(std::string_view text);
// true, yes, t, y, 1, on; the opposite; none for anything else.
std::optional<bool> parse_truth(std::string_view text);

}  // namespace iw::importers

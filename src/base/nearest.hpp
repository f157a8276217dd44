// The word of a list that somebody probably meant: for error messages ("did you mean 'voltage'?").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace iw {

// The nearest word by edit distance, ignoring case; none when nothing is reasonably near.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> words);

// ", did you mean 'x'?" or, when nothing is near, ", one of a, b, c".
std::string suggestion(std::string_view word, std::span<const std::string_view> words);

}  // namespace iw

# Writes a .cpp with one function that gives the text of a file, so that a program carries it:
#
#   cmake -DFILE=<path> -DNAMESPACE=<iw::room> -DFUNCTION=<name> -DOUTPUT=<file.cpp> -P embed_text.cmake
#
# Compilers need not take literals of more than 65536 bytes: longer texts are in parts, cut between lines.

file(READ "${FILE}" text)
if(text MATCHES "\\)embed\"")
  message(FATAL_ERROR "${FILE}: contains )embed\", which ends the C++ string it is put into")
endif()
set(longest 60000)
set(parts "")
while(NOT text STREQUAL "")
  set(part "${text}")
  set(rest "")
  string(LENGTH "${text}" length)
  if(length GREATER longest)
    string(SUBSTRING "${text}" 0 ${longest} part)
    string(FIND "${part}" "\n" end REVERSE)
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${text}" 0 ${end} part)
    string(SUBSTRING "${text}" ${end} -1 rest)
  endif()
  string(APPEND parts "           std::string_view(R\"embed(${part})embed\"),\n")
  set(text "${rest}")
endwhile()
file(WRITE "${OUTPUT}" "// Written by cmake/embed_text.cmake.
#include <string>
#include <string_view>

namespace ${NAMESPACE} {

std::string_view ${FUNCTION}();

std::string_view ${FUNCTION}() {
  static const std::string text = [] {
    std::string all;
    for (const std::string_view part : {
${parts}         })
      all += part;
    return all;
  }();
  return text;
}

}  // namespace ${NAMESPACE}
")

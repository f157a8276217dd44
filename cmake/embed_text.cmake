# Writes a .cpp with one function that gives the text of a file, so that a program carries it:
#
#   cmake -DFILE=<path> -DNAMESPACE=<iw::room> -DFUNCTION=<name> -DOUTPUT=<file.cpp> -P embed_text.cmake

file(READ "${FILE}" text)
if(text MATCHES "\\)embed\"")
  message(FATAL_ERROR "${FILE}: contains )embed\", which ends the C++ string it is put into")
endif()
file(WRITE "${OUTPUT}" "// Written by cmake/embed_text.cmake.
#include <string_view>

namespace ${NAMESPACE} {

std::string_view ${FUNCTION}();

std::string_view ${FUNCTION}() { return R\"embed(${text})embed\"; }

}  // namespace ${NAMESPACE}
")

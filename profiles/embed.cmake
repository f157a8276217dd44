# Writes a .cpp that holds files as texts, so that one program carries its catalogue:
#
#   cmake -DFOLDER=<folder> -DFILES=<a|b|c> -DROOM=<modbus> -DFUNCTION=<name> -DOUTPUT=<file.cpp> -P embed.cmake

string(REPLACE "|" ";" FILES "${FILES}")
set(rows "")
foreach(path IN LISTS FILES)
  file(READ "${FOLDER}/${path}" text)
  if(text MATCHES "\\)embed\"")
    message(FATAL_ERROR "${path}: contains )embed\", which ends the C++ string it is put into")
  endif()
  string(APPEND rows "    {\"${path}\", R\"embed(${text})embed\"},\n")
endforeach()

file(WRITE "${OUTPUT}" "// Written by profiles/embed.cmake.
#include <array>

#include \"protocols/${ROOM}/catalogue.hpp\"

namespace iw::${ROOM} {

std::span<const EmbeddedFile> ${FUNCTION}() {
  static constexpr auto files = std::to_array<EmbeddedFile>({
${rows}  });
  return files;
}

}  // namespace iw::${ROOM}
")

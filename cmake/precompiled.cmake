# Headers that most files include, compiled once for all rooms and once for all tests, and for a room that asks for
# more, once for it and once for its tests.
#
# Files still include what they use: the preset "fuzz" builds without (CMAKE_DISABLE_PRECOMPILE_HEADERS), and sees what
# is missing.

set(precompiled
    <algorithm> <array> <chrono> <cmath> <compare> <coroutine> <cstdint> <deque> <functional> <map> <memory> <optional>
    <ranges> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <tl/expected.hpp>)
set(precompiled_tests ${precompiled} <doctest/doctest.h>)

# Compiles headers for a target, which others may share: those in <> of packages, others from the top of src/.
function(iw_precompile target)
  list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/src/ REGEX "^[^<]")
  target_precompile_headers(${target} PRIVATE ${ARGN})
  target_compile_options(${target} PRIVATE -Xclang -fno-pch-timestamp)  # the same bytes each time, for ccache
endfunction()

# The libraries that own what all share; nobody links them.
function(iw_precompile_shared name)
  set(source ${CMAKE_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "" @ONLY)
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE fmt::fmt tl::expected)
  iw_precompile(${name} ${${name}})
endfunction()

iw_precompile_shared(precompiled)
iw_precompile_shared(precompiled_tests)
target_include_directories(precompiled_tests SYSTEM PRIVATE ${DOCTEST_INCLUDE})
target_compile_options(precompiled_tests PRIVATE -O0)

# Gives a target what all share, or, when it asks for more headers, its own.
function(iw_precompiled target shared)
  if(ARGN)
    iw_precompile(${target} ${${shared}} ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${shared})
  endif()
endfunction()

# Headers that most files include, compiled once for all rooms and once for all tests: a third of the time of a build.
#
# Files still include what they use: the preset "fuzz" builds without (CMAKE_DISABLE_PRECOMPILE_HEADERS), and sees what
# is missing.

set(IW_PRECOMPILED
    <algorithm> <array> <chrono> <cmath> <compare> <coroutine> <cstdint> <deque> <functional> <map> <memory> <optional>
    <ranges> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <tl/expected.hpp>)

# The libraries that own the headers; nobody links them, others take theirs with REUSE_FROM.
function(iw_precompile name)
  set(source ${CMAKE_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "" @ONLY)
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE fmt::fmt tl::expected)
  target_compile_options(${name} PRIVATE -Xclang -fno-pch-timestamp)  # the same bytes each time, for ccache
  target_precompile_headers(${name} PRIVATE ${IW_PRECOMPILED} ${ARGN})
endfunction()

iw_precompile(precompiled)
iw_precompile(precompiled_tests <doctest/doctest.h>)
target_include_directories(precompiled_tests SYSTEM PRIVATE ${DOCTEST_INCLUDE})
target_compile_options(precompiled_tests PRIVATE -O0)

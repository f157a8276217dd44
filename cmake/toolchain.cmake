# Compiler settings that hold for every target: C++23, warnings as errors, sanitizers, ccache, mold.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Without debug information, which takes every tenth second of a build; functions keep their names.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

find_program(IW_CCACHE ccache)
if(IW_CCACHE)
  # What ccache wants to hear before it keeps what was compiled with a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${IW_CCACHE})
endif()
find_program(IW_MOLD mold)
if(IW_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The same for libraries and programs, or they could not share a precompiled header.
add_compile_options(-fPIE)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -Wno-missing-designated-field-initializers -Werror
                    -fcolor-diagnostics -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
add_compile_definitions(_GLIBCXX_ASSERTIONS)

if(IW_SANITIZE)
  add_compile_options(-fsanitize=${IW_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${IW_SANITIZE})
endif()
if(IW_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(IW_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

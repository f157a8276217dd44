# A room is a folder of src/: one static library, its tests beside the code.
#
#   iw_room(<name> LINKS <rooms and packages it may include> [PRECOMPILED <set of headers>])
#
# takes every .cpp of the folder; *_test.cpp become one test program, <name>_test. The LINKS line is the list of what
# the room may include: tests/lint/layers.py holds the #include lines of the folder against it. The sets of headers
# that are compiled once for all are in precompiled.cmake.

function(iw_room name)
  cmake_parse_arguments(ARG "" "PRECOMPILED" "LINKS;TEST_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PUBLIC ${ARG_LINKS})
    iw_precompiled(${name} "${ARG_PRECOMPILED}" "")
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} INTERFACE ${ARG_LINKS})
  endif()

  if(tests)
    iw_test(${name}_test SOURCES ${tests} LINKS ${name} ${ARG_TEST_LINKS} PRECOMPILED ${ARG_PRECOMPILED})
  endif()
endfunction()

# A test program on doctest, found by ctest. Its own code is not optimised: that takes half as long to compile.
function(iw_test name)
  cmake_parse_arguments(ARG "" "PRECOMPILED" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} doctest_main)
  target_compile_options(${name} PRIVATE -O0)
  iw_precompiled(${name} "${ARG_PRECOMPILED}" _tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# A fuzz target: LLVMFuzzerTestOneInput in <name>.cpp. Without IW_FUZZ it is linked to a main that replays files, so
# that the corpus is a regression test in every preset.
function(iw_fuzz name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  add_executable(${name} ${name}.cpp)
  iw_precompiled(${name} devices "")
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
  if(IW_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
  endif()
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets COMMENT "all fuzz targets")
  endif()
  add_dependencies(fuzz_targets ${name})
  add_test(NAME ${name} COMMAND ${name} -runs=0 ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
endfunction()

# Puts the text of a file, named from the top of the tree, into a target, as std::string_view <namespace>::<function>().
function(iw_embed_text target file namespace function)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DFILE=${PROJECT_SOURCE_DIR}/${file}" -DNAMESPACE=${namespace} -DFUNCTION=${function}
            -DOUTPUT=${output} -P ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/${file} ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

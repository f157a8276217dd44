# Headers that many files include, compiled once for all rooms and once for all tests. Of three sets, each with what
# stands in the one before, a room takes the one that fits (PRECOMPILED in iw_room):
#
#   common    every room, unless it asks for another
#   devices   rooms that know lines, devices and their points, a protocol, or JSON
#   site      the gateway and the rooms on top of it
#
# Files still include what they use: the preset "fuzz" builds without (CMAKE_DISABLE_PRECOMPILE_HEADERS), and sees what
# is missing.

set(iw_common
    <algorithm> <array> <chrono> <cmath> <compare> <coroutine> <cstdint> <deque> <functional> <map> <memory> <optional>
    <ranges> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <tl/expected.hpp>
    base/bytes.hpp base/log.hpp base/result.hpp base/time.hpp)
set(iw_devices
    ${iw_common}
    bus/feed.hpp config/record.hpp driver/driver.hpp io/network.hpp io/signal.hpp io/task_group.hpp json/common_uses.hpp
    model/site_model.hpp protocols/bacnet/device_services.hpp protocols/modbus/pdu.hpp)
set(iw_site
    ${iw_devices}
    commissioning/link.hpp control/controllers/registry.hpp gateway/config_store.hpp gateway/gateway.hpp
    io/http/server.hpp protocols/bacnet/server/server.hpp protocols/modbus/line.hpp)

set(iw_common_tests <doctest/doctest.h>)
set(iw_devices_tests ${iw_common_tests} io/testing/manual_executor.hpp)
set(iw_site_tests ${iw_devices_tests} gateway/testing/site_world.hpp)

# The library that owns what is compiled of a set, once for rooms and once for their tests; nobody links it.
function(iw_precompile set suffix)
  set(name precompiled_${set}${suffix})
  set(headers ${iw_${set}})
  set(source ${CMAKE_BINARY_DIR}/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "" @ONLY)
  add_library(${name} OBJECT ${source})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE fmt::fmt tl::expected nlohmann_json::nlohmann_json)
  target_compile_options(${name} PRIVATE -Xclang -fno-pch-timestamp)  # the same bytes each time, for ccache
  if(suffix)
    list(APPEND headers ${iw_${set}${suffix}})
    target_include_directories(${name} SYSTEM PRIVATE ${DOCTEST_INCLUDE})
    target_compile_options(${name} PRIVATE -O0)
  endif()
  # Those in <> are of packages, others from the top of src/.
  list(TRANSFORM headers PREPEND ${PROJECT_SOURCE_DIR}/src/ REGEX "^[^<]")
  target_precompile_headers(${name} PRIVATE ${headers})
endfunction()

foreach(set common devices site)
  iw_precompile(${set} "")
  iw_precompile(${set} _tests)
endforeach()

# Gives a target a set, "" for that of all; the suffix is _tests for tests.
function(iw_precompiled target set suffix)
  if(NOT set)
    set(set common)
  endif()
  target_precompile_headers(${target} REUSE_FROM precompiled_${set}${suffix})
endfunction()

# Everything the project takes from elsewhere, all of it from Debian 12 (reasons: ARCHITECTURE.md, "Dependencies").

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(Snappy REQUIRED)
find_package(benchmark REQUIRED)
find_path(DOCTEST_INCLUDE doctest/doctest.h REQUIRED)

# It brings no description of its own.
find_library(WSLAY_LIBRARY wslay REQUIRED)
find_path(WSLAY_INCLUDE wslay/wslay.h REQUIRED)
add_library(wslay::wslay UNKNOWN IMPORTED)
set_target_properties(wslay::wslay PROPERTIES IMPORTED_LOCATION ${WSLAY_LIBRARY}
                                              INTERFACE_INCLUDE_DIRECTORIES ${WSLAY_INCLUDE})

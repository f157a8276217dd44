# Everything the project takes from elsewhere, all of it from Debian 12 (reasons: ARCHITECTURE.md, "Dependencies").

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(benchmark REQUIRED)
find_path(DOCTEST_INCLUDE doctest/doctest.h REQUIRED)

#include "api/device_rows.hpp"

#include <doctest/doctest.h>

using namespace iw;
using namespace iw::api;

TEST_CASE("rows from a spreadsheet come with tabs, from Europe with semicolons, from elsewhere with commas") {
  for (const char* text : {"pv\tmodbus://192.0.2.1?unit=1\tsunspec\nmeter\tmodbus://192.0.2.2\n",
                           "pv;modbus://192.0.2.1?unit=1;sunspec\r\n\r\nmeter;modbus://192.0.2.2",
                           "pv, \"modbus://192.0.2.1?unit=1\" , sunspec\n meter , modbus://192.0.2.2 \n"}) {
    const auto rows = parse_rows(text);
    REQUIRE(rows);
    REQUIRE(rows->size() == 2);
    CHECK((*rows)[0].name == "pv");
    CHECK((*rows)[0].connect == "modbus://192.0.2.1?unit=1");
    CHECK((*rows)[0].profile == "sunspec");
    CHECK((*rows)[1].name == "meter");
    CHECK((*rows)[1].profile.empty());
  }
}

TEST_CASE("a header line says which column is what") {
  const auto rows = parse_rows("Connect;Name;Asset\nmodbus://192.0.2.1;pv;roof\n");
  REQUIRE(rows);
  CHECK((*rows)[0].name == "pv");
  CHECK((*rows)[0].line == 2);
  CHECK((*rows)[0].more == std::vector<std::pair<std::string, std::string>>{{"asset", "roof"}});
  CHECK(parse_rows("name,connect,profil\n").error().message ==
        "line 1: there is no column 'profil', did you mean 'profile'?");
}

TEST_CASE("cells in quotes have separators and quotes") {
  const auto rows = parse_rows("\"pv \"\"south\"\", 2\",modbus://192.0.2.1\n");
  REQUIRE(rows);
  CHECK((*rows)[0].name == "pv \"south\", 2");
  CHECK(parse_rows("\"pv,modbus://192.0.2.1\n").error().message == "line 1: a quote is not closed");
}

TEST_CASE("what is no table is refused with its line") {
  CHECK(parse_rows("").error().message == "there is no row");
  CHECK(parse_rows("a,b,c\na,b,c,d\n").error().message == "line 2: 4 cells for 3 columns");
  CHECK(parse_rows("a,b\nc,d\ne,f\n", {.rows = 2}).error().message == "more than 2 rows");
}

// The tables of a database: made all at once by who writes, so that others, who may come at any time, and
// whoever comes after a kill, find all of them or none.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "sqlite/database.hpp"

namespace iw::historian {

// not_found, for who only reads: they are not made yet, and so there is nothing to be read.
Result<void> make_tables(sqlite::Database& database, sqlite::Mode mode, std::string_view schema);

}  // namespace iw::historian

#include "historian/schema.hpp"

#include <fmt/format.h>

namespace iw::historian {

Result<void> make_tables(sqlite::Database& database, sqlite::Mode mode, std::string_view schema) {
  if (mode == sqlite::Mode::read) {
    auto tables = database.prepare("SELECT 1 FROM sqlite_schema");
    if (!tables) return fail(std::move(tables).error());
    const auto found = tables->step();
    if (!found) return fail(found.error());
    if (!*found) return fail(ErrorKind::not_found, fmt::format("{}: nothing is in it yet", database.path()));
    return {};
  }
  auto transaction = sqlite::Transaction::begin(database);
  if (!transaction) return fail(std::move(transaction).error());
  if (auto made = database.run(schema); !made) return made;
  return transaction->commit();
}

}  // namespace iw::historian

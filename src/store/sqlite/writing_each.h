// How a table of the working set becomes statements: one for what changed, one for what is
// new, both bound by the same function.
#pragma once

#include "domain/rows.h"
#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {

/// Calls `write` for each row in this state.
template <class Key, class Row, class Write>
void each_in(const domain::Table<Key, Row>& table, domain::RowState state, const Write& write) {
  for (const auto& entry : table.entries()) {
    if (entry.state == state) write(entry.row);
  }
}

/// Executes a statement that must change exactly one row.
inline void run_on_one(Statement& statement, const char* guard) {
  if (statement.run() != 1) throw broken_guard(guard);
}

struct TableSql {
  const char* update;
  const char* insert;
  const char* exists_guard;  ///< broken when the row to update is not there
};

/// Writes a table whose update and insert take the same values.
template <class Key, class Row, class Bind>
void write_table(Connection& db, const domain::Table<Key, Row>& table, const TableSql& sql,
                 const Bind& bind) {
  using enum domain::RowState;
  each_in(table, changed, [&](const Row& row) {
    Statement& update = db.statement(sql.update);
    bind(update, row);
    run_on_one(update, sql.exists_guard);
  });
  each_in(table, added, [&](const Row& row) {
    Statement& insert = db.statement(sql.insert);
    bind(insert, row);
    insert.run();
  });
}

}  // namespace onsale::store::sqlite

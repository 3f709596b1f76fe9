// Writes one working set into the open transaction.
#pragma once

#include "domain/rows.h"
#include "store/parts.h"
#include "store/sqlite/connection.h"

namespace onsale::store::sqlite {

/// Parents go before the rows that refer to them, and what changed before what is new: an
/// ended visitor makes room for the user's next one. Throws SqliteFailure; the caller then
/// rolls back.
class Writing {
 public:
  Writing(Connection& db, domain::Timestamp now) : db_(db), now_(now) {}

  domain::JournalId write(const domain::Rows& rows, BatchId batch);
  /// What comes from another store, with its own journal.
  void write(const Part& part);

 private:
  void all_rows(const domain::Rows& rows);
  void people_and_catalogue(const domain::Rows& rows);
  void accounts(const domain::Rows& rows);
  void reservations(const domain::Rows& rows);
  void seats(const domain::Rows& rows);
  void new_seats(const domain::Rows& rows);
  void visitors(const domain::Rows& rows);
  void lines(const domain::Rows& rows);
  void tickets(const domain::Rows& rows);
  void transfers(const domain::Rows& rows);
  void idempotency(const domain::Rows& rows);
  /// At the next position if `id` is zero.
  domain::JournalId journal(domain::JournalId id, BatchId batch, domain::Timestamp at,
                            const std::vector<domain::Record>& records);

  Connection& db_;
  domain::Timestamp now_;
};

}  // namespace onsale::store::sqlite

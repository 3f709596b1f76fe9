// Writes one working set down, as one transaction on the tables.
#pragma once

#include "store/memory/batch.h"
#include "store/parts.h"

namespace onsale::store::memory {

/// Parents go before the rows that refer to them, and what changed before what is new: an ended
/// visitor makes room for the user's next one. Throws Violation; then nothing is changed.
class Writing {
 public:
  Writing(Tables& tables, domain::Timestamp now) : t_(tables), batch_(tables), now_(now) {}

  domain::JournalId write(const domain::Rows& rows, BatchId batch);
  /// What comes from another store, with its own journal.
  void write(const Part& part);

 private:
  void people_and_catalogue(const domain::Rows& rows);
  void sales(const domain::Rows& rows);
  void accounts(const domain::Rows& rows);
  void seats(const domain::Rows& rows);
  void visitors(const domain::Rows& rows);
  void lines(const domain::Rows& rows);
  void idempotency(const domain::Rows& rows);

  template <class Key, class Row>
  void table(const domain::Table<Key, Row>& from, std::map<Key, Row>& to, const char* key_guard,
             const char* exists_guard);

  Tables& t_;
  Batch batch_;
  domain::Timestamp now_;
};

}  // namespace onsale::store::memory

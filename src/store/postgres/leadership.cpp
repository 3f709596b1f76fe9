#include "store/postgres/node_lock.h"

namespace onsale::store::postgres {

NodeLock::NodeLock(const std::string& url) : url_(url), db_(url) { take(); }

void NodeLock::renew() {
  const std::lock_guard lock(mutex_);
  try {
    (void)db_.query("select 1");
    return;
  } catch (const PostgresFailure&) {
    if (!db_.lost()) throw;
  }
  db_ = Connection(url_);
  take();
}

void NodeLock::take() {
  constexpr const char* sql = "select pg_try_advisory_lock(hashtext('onsale node'))";
  if (db_.query(sql).row(0).next<bool>()) return;
  throw PostgresFailure{"", {Failure::unavailable, "another server uses this database"}};
}

}  // namespace onsale::store::postgres

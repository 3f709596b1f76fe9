// One server writes to a database at a time. A second one would not notice what the first one
// decides, since its views do not follow the journal of others yet; so it is refused.
#pragma once

#include <mutex>
#include <string>

#include "store/postgres/connection.h"

namespace onsale::store::postgres {

/// An advisory lock, held by a connection of its own for as long as this lives. Any thread.
class NodeLock {
 public:
  /// Throws PostgresFailure if another server has it.
  explicit NodeLock(const std::string& url);

  /// Takes the lock again if its connection was lost. Throws PostgresFailure if that fails. To be
  /// called before a new connection is used for writing: whatever ended the old one may have ended
  /// this one too.
  void renew();

 private:
  void take();

  const std::string url_;
  std::mutex mutex_;
  Connection db_;
};

}  // namespace onsale::store::postgres

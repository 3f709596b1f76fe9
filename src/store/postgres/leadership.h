// Which of several servers does what only one should do: the one that holds an advisory lock. The
// database lets go of it when the connection ends, so that nobody has to elect or to find out.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "store/postgres/connection.h"

namespace onsale::store::postgres {

/// Any thread.
class Leadership {
 public:
  explicit Leadership(const Server& server);

  /// See Writer::leads(). Asks the database at most twice a second.
  [[nodiscard]] bool mine() noexcept;

 private:
  bool ask();

  std::mutex mutex_;
  Reconnecting session_;
  std::chrono::steady_clock::time_point asked_again_{};
  bool mine_ = false;
};

}  // namespace onsale::store::postgres

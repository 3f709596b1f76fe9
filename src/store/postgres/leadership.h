// Which of several servers does what only one should do: the one that holds an advisory lock. The
// database lets go of it when the connection ends, so that nobody has to elect or to find out.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "store/postgres/connection.h"

namespace onsale::store::postgres {

/// Any thread.
class Leadership {
 public:
  explicit Leadership(std::string url) : url_(std::move(url)) {}

  /// See Writer::leads(). Asks the database at most twice a second.
  [[nodiscard]] bool mine() noexcept;

 private:
  bool ask();

  const std::string url_;
  std::mutex mutex_;
  std::optional<Connection> db_;
  std::chrono::steady_clock::time_point asked_again_{};
  bool mine_ = false;
};

}  // namespace onsale::store::postgres

// One database, filled once, and fresh copies of it for whatever writes into them: each measurement
// begins at the same place.
#pragma once

#include <memory>
#include <string>

#include "bench/postgres_server.h"

namespace onsale::bench {

enum class Kind { sqlite, postgres };

class Copies {
 public:
  /// `directory` has bench.db, which nobody has open. Throws std::runtime_error if a server of
  /// PostgreSQL is wanted and cannot be started or filled.
  Copies(std::string directory, bool with_postgres);

  /// The URL of a fresh copy; the one before it of this kind and name is gone. Of PostgreSQL only
  /// if it was wanted. Throws std::runtime_error.
  [[nodiscard]] std::string fresh(Kind kind, const std::string& name = "fresh");

 private:
  void execute(const std::string& sql) const;

  std::string path_;
  std::unique_ptr<PostgresServer> server_;
};

}  // namespace onsale::bench

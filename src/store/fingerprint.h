// Whether two stores have the same in them, told from two short texts.
#pragma once

#include <cstdint>
#include <string>

#include "store/store.h"

namespace onsale::store {

struct Fingerprint {
  std::int64_t rows = 0;  ///< of all kinds, with the journal, the kept answers and the secrets
  std::string hash;       ///< BLAKE2b of every field of every row in order, 64 hexadecimal digits

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// Of all that `reader` sees; within a snapshot() of it if somebody writes. Says nothing of how
/// the store keeps it: the same in memory, in SQLite and in PostgreSQL.
[[nodiscard]] Result<Fingerprint> fingerprint(Reader& reader);

}  // namespace onsale::store

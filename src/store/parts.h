// All that a store keeps, piece by piece: for who writes it down elsewhere.
#pragma once

#include <vector>

#include "store/store.h"

namespace onsale::store {

/// Some rows of one kind, or some of the journal, whose records count as rows.
struct Part {
  domain::Rows rows;  ///< every row is added
  std::vector<JournalEntry> journal;
  std::vector<Secret> secrets;
};

/// Brings everything `from` reads in parts of at most `part_rows_max` rows, each kind by its key,
/// parents before the rows that refer to them. What `sink` throws goes through.
[[nodiscard]] Result<void> each_part(Reader& from, const Reader::Sink<Part>& sink);
inline constexpr std::size_t part_rows_max = 4096;

}  // namespace onsale::store

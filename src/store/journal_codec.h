// The text in which a transaction's records are kept in a database: a JSON array of
// objects, readable by operators and other tools. Times are milliseconds since the epoch,
// money is in minor units, and what is not set is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/records.h"

namespace onsale::store {

/// Writes `records` to the end of `text`.
void write_records(const std::vector<domain::Record>& records, std::string& text);

/// The reverse; none when the text is not what write_records() writes.
[[nodiscard]] std::optional<std::vector<domain::Record>> read_records(std::string_view text);

}  // namespace onsale::store

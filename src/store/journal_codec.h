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

/// Blanks what no journal may keep: the seed of a draw that is still ahead. write_records()
/// leaves it out by itself; this is for a store that keeps records as they are.
void withhold_secrets(domain::Record& record);

/// Writes `records` to the end of `text`.
void write_records(const std::vector<domain::Record>& records, std::string& text);

/// The reverse; none when the text is not what write_records(), now or in an older program,
/// writes. Visitors of before there were lotteries have their number as order_key.
[[nodiscard]] std::optional<std::vector<domain::Record>> read_records(std::string_view text);

}  // namespace onsale::store

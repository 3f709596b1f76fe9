// Which performance the buyers come for.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace onsale::rush {

/// A performance, as the native catalogue has it.
struct Night {
  std::int64_t event = 0;
  std::int64_t performance = 0;
  std::int64_t waiting_room = 0;
  bool to_be_had = false;  ///< on sale, with seats left
  std::chrono::sys_time<std::chrono::milliseconds> starts_at;
  std::string time_zone;  ///< the venue's: "Asia/Seoul"
  std::string currency;

  /// "2024-10-11", on the venue's calendar; of UTC where its time zone is not known.
  [[nodiscard]] std::string date() const;
};

/// At most one of them: some APIs know a performance by its id, others by its date.
struct Wanted {
  std::optional<std::int64_t> id;
  std::optional<std::string> date;
};

/// Of those that are wanted, the first that is to be had, else the first; without a wish, the
/// first of all that is to be had. Or why there is none.
[[nodiscard]] std::expected<Night, std::string> choose(const std::vector<Night>& nights,
                                                       const Wanted& wanted);

}  // namespace onsale::rush

// Words of the scripts (script.h): splitting lines, reading and writing times, the results'
// names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "domain/draw.h"
#include "domain/reservation.h"
#include "domain/room_control.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"

namespace onsale::testing {

[[nodiscard]] std::vector<std::string> split(const std::string& text, char at);
[[nodiscard]] std::vector<std::string> words(const std::string& text);
/// Parted by two blanks or more, without what follows a "#" that begins a word on its own.
[[nodiscard]] std::vector<std::string> columns_of(std::string row);

/// The scripts' day.
inline constexpr domain::Timestamp midnight =
    std::chrono::sys_days{std::chrono::year{2026} / 6 / 1};

/// 10:00:00 or 10:00:00.500
[[nodiscard]] domain::Timestamp parse_time(const std::string& text);
/// 5s, 100ms
[[nodiscard]] domain::Duration parse_duration(const std::string& text);
[[nodiscard]] std::string time_text(domain::Timestamp at);

/// The key=value words of a line.
class Options {
 public:
  explicit Options(const std::vector<std::string>& line);
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  /// Sets `to` if the key is there.
  template <class T>
  void set(std::string_view key, std::optional<T>& to) const {
    const auto value = text(key);
    if (!value) return;
    if constexpr (std::is_same_v<T, domain::Timestamp>) {
      to = parse_time(*value);
    } else if constexpr (std::is_same_v<T, domain::Duration>) {
      to = parse_duration(*value);
    } else {
      to = std::stoll(*value);
    }
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// ---- waiting rooms --------------------------------------------------------------------

/// The seed of the scripts' lotteries. Of the numbers 1 to 5 it draws 2, 5, 1, 3, 4 in this order.
inline const std::string script_seed(domain::draw_seed_length, '5');

/// What "sets sessions=3 rate=default opens=none" changes.
[[nodiscard]] domain::ChangeRoom room_changes(const Options& options);

// ---- the results' names ---------------------------------------------------------------

[[nodiscard]] std::string result_text(domain::HoldResult result);
[[nodiscard]] std::string result_text(domain::PayResult result);
[[nodiscard]] std::string result_text(domain::PayAllResult result);
[[nodiscard]] std::string result_text(domain::CancelResult result);
[[nodiscard]] std::string result_text(domain::LeaveResult result);
[[nodiscard]] std::string result_text(domain::ChangeRoomResult result);
[[nodiscard]] std::string result_text(domain::ChargeResult result);

}  // namespace onsale::testing

// What an organiser may tune, with the defaults of the box office. Rooms and events may
// set their own values; what they leave open is taken from here at every decision.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/types.h"

namespace onsale::domain {

/// What ends an active session besides its time: the payment, or already the hold.
enum class SessionEnd { payment, hold };

/// How a room admits. Any positive value is valid.
struct RoomPolicy {
  std::int64_t active_sessions_max = 1000;
  std::int64_t admission_rate_per_minute = 0;  ///< 0: no limit
  Duration session_duration = std::chrono::seconds{600};
  Duration claim_timeout = std::chrono::seconds{120};
  Duration idle_timeout{0};  ///< 0: a waiting visitor keeps the place while offline
  SessionEnd session_ends_on = SessionEnd::payment;
};

/// What a room sets itself.
struct RoomPolicyOverrides {
  std::optional<std::int64_t> active_sessions_max;
  std::optional<std::int64_t> admission_rate_per_minute;
  std::optional<Duration> session_duration;
  std::optional<Duration> claim_timeout;
  std::optional<Duration> idle_timeout;
  std::optional<SessionEnd> session_ends_on;

  [[nodiscard]] RoomPolicy over(const RoomPolicy& defaults) const {
    return {.active_sessions_max = active_sessions_max.value_or(defaults.active_sessions_max),
            .admission_rate_per_minute =
                admission_rate_per_minute.value_or(defaults.admission_rate_per_minute),
            .session_duration = session_duration.value_or(defaults.session_duration),
            .claim_timeout = claim_timeout.value_or(defaults.claim_timeout),
            .idle_timeout = idle_timeout.value_or(defaults.idle_timeout),
            .session_ends_on = session_ends_on.value_or(defaults.session_ends_on)};
  }
};

/// How an event sells.
struct SalesPolicy {
  Duration hold_duration = std::chrono::seconds{300};
  std::int64_t seats_per_user_max = 4;  ///< live and paid seats per user and event
  bool require_balance_at_hold = false;
};

/// What an event sets itself.
struct SalesPolicyOverrides {
  std::optional<Duration> hold_duration;
  std::optional<std::int64_t> seats_per_user_max;
  std::optional<bool> require_balance_at_hold;

  [[nodiscard]] SalesPolicy over(const SalesPolicy& defaults) const {
    return {.hold_duration = hold_duration.value_or(defaults.hold_duration),
            .seats_per_user_max = seats_per_user_max.value_or(defaults.seats_per_user_max),
            .require_balance_at_hold =
                require_balance_at_hold.value_or(defaults.require_balance_at_hold)};
  }
};

struct WalletPolicy {
  Money charge_max{10'000'000};  ///< the most one charge may add
};

/// The defaults of the whole box office.
struct Policy {
  RoomPolicy room;
  SalesPolicy sales;
  WalletPolicy wallet;
};

/// Limits that are not for tuning.
inline constexpr Money wallet_balance_max{1'000'000'000'000'000};  // 10^15, domain.md "Wallet"
inline constexpr std::size_t seats_per_reservation_max = 100;
inline constexpr std::size_t attendee_name_length_max = 200;  // characters
inline constexpr std::size_t browser_id_length_max = 200;     // characters; in each journal entry
/// Admissions decided in one batch; what remains is admitted in the next, at once.
inline constexpr std::int64_t admissions_per_batch_max = 2000;

}  // namespace onsale::domain

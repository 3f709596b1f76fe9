// What an organiser may tune, with the defaults of the box office. Rooms and events may
// set their own values; what they leave open is taken from here at every decision.
#pragma once

#include <cstdint>
#include <optional>

#include "domain/types.h"

namespace onsale::domain {

/// What ends an active session besides its time: the payment, or already the hold.
enum class SessionEnd { payment, hold };

/// Who comes first: whoever arrived first, or, among those who arrive before the room opens,
/// whom the lot favours (domain/draw.h).
enum class RoomOrder { fifo, lottery };

/// How a room admits. Any positive value up to the limits below is valid.
struct RoomPolicy {
  std::int64_t active_sessions_max = 1000;
  std::int64_t admission_rate_per_minute = 0;  ///< 0: no limit
  Duration session_duration = std::chrono::seconds{600};
  Duration claim_timeout = std::chrono::seconds{120};
  Duration idle_timeout{0};     ///< 0: a waiting visitor keeps the place while offline
  std::int64_t entry_work = 0;  ///< who enters does so much work first (docs/abuse.md); 0: none
  SessionEnd session_ends_on = SessionEnd::payment;
  RoomOrder order = RoomOrder::fifo;

  friend bool operator==(const RoomPolicy&, const RoomPolicy&) = default;
};

/// What a room sets itself.
struct RoomPolicyOverrides {
  std::optional<std::int64_t> active_sessions_max;
  std::optional<std::int64_t> admission_rate_per_minute;
  std::optional<Duration> session_duration;
  std::optional<Duration> claim_timeout;
  std::optional<Duration> idle_timeout;
  std::optional<std::int64_t> entry_work;
  std::optional<SessionEnd> session_ends_on;
  std::optional<RoomOrder> order;

  [[nodiscard]] RoomPolicy over(const RoomPolicy& defaults) const {
    return {.active_sessions_max = active_sessions_max.value_or(defaults.active_sessions_max),
            .admission_rate_per_minute =
                admission_rate_per_minute.value_or(defaults.admission_rate_per_minute),
            .session_duration = session_duration.value_or(defaults.session_duration),
            .claim_timeout = claim_timeout.value_or(defaults.claim_timeout),
            .idle_timeout = idle_timeout.value_or(defaults.idle_timeout),
            .entry_work = entry_work.value_or(defaults.entry_work),
            .session_ends_on = session_ends_on.value_or(defaults.session_ends_on),
            .order = order.value_or(defaults.order)};
  }
  friend bool operator==(const RoomPolicyOverrides&, const RoomPolicyOverrides&) = default;
};

/// What an organiser changes of a room's own policy. Each member says: absent, keep what the
/// room has; present and empty, back to the default; present with a value, set it.
struct RoomPolicyChanges {
  std::optional<std::optional<std::int64_t>> active_sessions_max;
  std::optional<std::optional<std::int64_t>> admission_rate_per_minute;
  std::optional<std::optional<Duration>> session_duration;
  std::optional<std::optional<Duration>> claim_timeout;
  std::optional<std::optional<Duration>> idle_timeout;
  std::optional<std::optional<std::int64_t>> entry_work;
  std::optional<std::optional<SessionEnd>> session_ends_on;
  std::optional<std::optional<RoomOrder>> order;

  [[nodiscard]] RoomPolicyOverrides applied_to(const RoomPolicyOverrides& own) const {
    return {.active_sessions_max = active_sessions_max.value_or(own.active_sessions_max),
            .admission_rate_per_minute =
                admission_rate_per_minute.value_or(own.admission_rate_per_minute),
            .session_duration = session_duration.value_or(own.session_duration),
            .claim_timeout = claim_timeout.value_or(own.claim_timeout),
            .idle_timeout = idle_timeout.value_or(own.idle_timeout),
            .entry_work = entry_work.value_or(own.entry_work),
            .session_ends_on = session_ends_on.value_or(own.session_ends_on),
            .order = order.value_or(own.order)};
  }
};

/// How an event sells.
struct SalesPolicy {
  Duration hold_duration = std::chrono::seconds{300};
  std::int64_t seats_per_user_max = 4;  ///< live and paid seats per user and event
  bool require_balance_at_hold = false;

  friend bool operator==(const SalesPolicy&, const SalesPolicy&) = default;
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

  friend bool operator==(const WalletPolicy&, const WalletPolicy&) = default;
};

/// The defaults of the whole box office.
struct Policy {
  RoomPolicy room;
  SalesPolicy sales;
  WalletPolicy wallet;

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Limits that are not for tuning.
inline constexpr Money wallet_balance_max{1'000'000'000'000'000};  // 10^15, domain.md "Wallet"
inline constexpr std::size_t seats_per_reservation_max = 100;
inline constexpr std::size_t attendee_name_length_max = 200;  // characters
inline constexpr std::size_t browser_id_length_max = 200;     // characters; in each journal entry
/// The most a room may set: sessions at a time, admissions a minute, and any of its times.
inline constexpr std::int64_t room_count_max = 1'000'000'000'000;
inline constexpr Duration room_duration_max = std::chrono::hours{24 * 366};
/// The most work a room may ask for: hashes that a browser needs some minutes for.
inline constexpr std::int64_t entry_work_max = 10'000'000;
/// Admissions decided in one batch; what remains is admitted in the next, at once.
inline constexpr std::int64_t admissions_per_batch_max = 2000;

}  // namespace onsale::domain

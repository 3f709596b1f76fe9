// How many may be admitted just now, so that a minute sees no more than the rate: a schedule
// (GCRA) kept as one time, WaitingRoom::next_admission_us. At most one second's worth of
// admissions comes at once, and nothing is saved up beyond that.
#pragma once

#include <cstdint>

#include "domain/model.h"
#include "domain/policy.h"

namespace onsale::domain {

/// Admissions that the rate allows at `now`; admissions_per_batch_max if it is no limit.
[[nodiscard]] std::int64_t rate_budget(const WaitingRoom& room, const RoomPolicy& policy,
                                       Timestamp now);

/// When the rate allows the next admission; not before `now`.
[[nodiscard]] Timestamp rate_allows_at(const WaitingRoom& room, const RoomPolicy& policy,
                                       Timestamp now);

/// Takes one admission off the budget.
void spend_rate(WaitingRoom& room, const RoomPolicy& policy, Timestamp now);

/// Goes on with another rate. What was left of the budget, also a part of an admission, is left
/// of the new one, as far as a burst of it goes: changing to and fro gains and loses nothing.
void change_rate(WaitingRoom& room, const RoomPolicy& before, const RoomPolicy& after,
                 Timestamp now);

}  // namespace onsale::domain

// What a rehearsal plays: who comes and how they behave, the house, its rules, what the
// organiser does in the course of the day and when the server dies. All times are counted
// from the opening of the room.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "domain/model.h"
#include "domain/policy.h"

namespace onsale::sim {

/// Shares are probabilities, single times are means (Dice::about) unless it says otherwise.
struct Manners {
  std::int64_t visitors = 20'000;

  // When they come: some before the opening, more and more towards it, some in a rush right
  // after it, the others evenly over the day.
  double early_share = 0.35;
  domain::Duration gathering = std::chrono::minutes{30};
  double rush_share = 0.3;
  domain::Duration rush = std::chrono::minutes{5};

  // While they wait.
  double impatient_share = 0.4;
  domain::Duration patience = std::chrono::minutes{40};
  double goodbye_share = 0.5;  ///< of those whose patience ends: the others just go away
  double no_show_share = 0.05;
  domain::Duration look_every = std::chrono::seconds{10};  ///< at most, to see whether it is time

  // Inside.
  domain::Duration browsing = std::chrono::seconds{40};
  domain::Duration deciding = std::chrono::seconds{70};
  std::int64_t seats_max = 4;
  double pay_share = 0.8;
  double cancel_share = 0.08;
  double broke_share = 0.04;  ///< tries to pay with an empty wallet; the rest forgets the hold
  double again_share = 0.25;  ///< enters once more after the visit ended without a purchase
};

struct House {
  std::int64_t performances = 2;
  std::int64_t seats_each = 1'000;
};

struct OrganiserStep {
  domain::Duration at{};
  domain::RoomPolicyChanges policy{};
  std::optional<domain::RoomState> state{};
  std::optional<domain::Duration> opens_at{};  ///< moves the opening
  std::int64_t revocations = 0;  ///< visits ended by the organiser, of visitors drawn by lot
};

/// before_commit: the batch under way never happened. after_commit: it did, and nobody was told.
enum class CrashPoint { before_commit, after_commit };

struct Crash {
  domain::Duration at{};
  domain::Duration down{};
  CrashPoint point = CrashPoint::before_commit;
};

struct Scenario {
  std::uint64_t seed = 1;
  Manners manners{};
  House house{};
  domain::Policy policy{};
  domain::Duration day = std::chrono::hours{4};  ///< then the room closes; who is active finishes
  domain::Duration tick{25};
  domain::Duration commit_time{5};
  std::size_t batch_max = 1024;
  std::vector<OrganiserStep> organiser{};  ///< in order of time
  std::vector<Crash> crashes{};            ///< likewise
  int looks_every = 64;                    ///< batches between two looks at the view by the auditor
};

/// A few hours with every kind of trouble, all of it drawn from the seed: limits, order, idle
/// timeouts, an opening that is moved, a pause, changes of the limits, revocations, two crashes.
[[nodiscard]] Scenario small_day(std::uint64_t seed, std::int64_t visitors);

/// A day and a night of a large on-sale, with a seat for every fifth visitor; first come first
/// served, or with even seeds a lottery.
[[nodiscard]] Scenario large_day(std::uint64_t seed, std::int64_t visitors);

}  // namespace onsale::sim

// What is on offer: venues, events, their performances and the seats of each. Created by
// organisers; seats come from a seating plan, all of a performance at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "domain/footprint.h"
#include "domain/policy.h"
#include "domain/rows.h"
#include "domain/seating_plan.h"

namespace onsale::domain {

inline constexpr RoomId default_room{1};  ///< exists in every store from the start

// ---- venue -------------------------------------------------------------------------

struct CreateVenue {
  std::string name;
  std::string location;
  std::string time_zone;  ///< must be a known IANA name; the caller has checked it
};

struct CreateVenueOutcome {
  Venue venue;
  [[nodiscard]] bool executed() const { return true; }
};

void footprint(const CreateVenue& command, const Policy& policy, Footprint& need);
CreateVenueOutcome decide(Rows& rows, const CreateVenue& command, Timestamp now, const Policy&);

// ---- event -------------------------------------------------------------------------

struct CreateEvent {
  std::string title;
  std::string artist;
  VenueId venue;
  RoomId room = default_room;
  Timestamp sales_open_at;
  std::optional<Timestamp> sales_close_at;
  SalesPolicyOverrides policy;
};

/// In order of precedence.
enum class CreateEventResult { venue_not_found, room_not_found, invalid_window, created };

struct CreateEventOutcome {
  CreateEventResult result = CreateEventResult::created;
  Event event;  ///< when `created`
  [[nodiscard]] bool executed() const { return result == CreateEventResult::created; }
};

void footprint(const CreateEvent& command, const Policy& policy, Footprint& need);
CreateEventOutcome decide(Rows& rows, const CreateEvent& command, Timestamp now, const Policy&);

// ---- performance -------------------------------------------------------------------

struct CreatePerformance {
  struct Tier {
    std::string name;
    Money price;  ///< not negative
  };
  EventId event;
  std::string name;
  Timestamp starts_at;
  std::optional<Timestamp> sales_open_at;
  std::optional<Timestamp> sales_close_at;
  std::vector<Tier> price_tiers;
};

/// In order of precedence.
enum class CreatePerformanceResult { event_not_found, duplicate_tier, invalid_window, created };

struct CreatePerformanceOutcome {
  CreatePerformanceResult result = CreatePerformanceResult::created;
  Performance performance;  ///< when `created`
  [[nodiscard]] bool executed() const { return result == CreatePerformanceResult::created; }
};

void footprint(const CreatePerformance& command, const Policy& policy, Footprint& need);
CreatePerformanceOutcome decide(Rows& rows, const CreatePerformance& command, Timestamp now,
                                const Policy&);

// ---- seats -------------------------------------------------------------------------

/// Gives a performance its seats, in the order of the plan. Each category of the plan must
/// be a price tier of the performance by name. All or nothing.
struct CreateSeats {
  PerformanceId performance;
  std::shared_ptr<const SeatingPlan> plan;  ///< valid by validate()
};

/// In order of precedence.
enum class CreateSeatsResult { performance_not_found, has_seats, unknown_tier, created };

struct CreateSeatsOutcome {
  CreateSeatsResult result = CreateSeatsResult::created;
  std::int64_t seat_count = 0;             ///< when `created`
  std::vector<std::string> unknown_tiers;  ///< when `unknown_tier`: categories without a price
  [[nodiscard]] bool executed() const { return result == CreateSeatsResult::created; }
};

void footprint(const CreateSeats& command, const Policy& policy, Footprint& need);
CreateSeatsOutcome decide(Rows& rows, const CreateSeats& command, Timestamp now, const Policy&);

}  // namespace onsale::domain

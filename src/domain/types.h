// The small vocabulary everything else is written in: ids, money, time. Strong types, so
// that a seat cannot be passed where a user is meant and no amount loses its unit.
#pragma once

#include <boost/uuid/uuid.hpp>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace onsale::domain {

/// The number of one row of one kind. Zero means "none"; real ids start at 1.
template <class Tag>
struct Id {
  std::int64_t value = 0;

  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using UserId = Id<struct UserTag>;
using VenueId = Id<struct VenueTag>;
using EventId = Id<struct EventTag>;
using PerformanceId = Id<struct PerformanceTag>;
using PriceTierId = Id<struct PriceTierTag>;
using SeatId = Id<struct SeatTag>;
using ReservationId = Id<struct ReservationTag>;
using TicketId = Id<struct TicketTag>;
using AccountId = Id<struct AccountTag>;
using TransferId = Id<struct TransferTag>;
using RoomId = Id<struct RoomTag>;
/// Position of a batch in the journal; grows with every commit, also across restarts.
using JournalId = Id<struct JournalTag>;

/// The secret name of a visitor: who knows it may look at the visitor.
using VisitorToken = boost::uuids::uuid;

/// An amount in minor units of the box office's currency (KRW has none: 1 is one won).
struct Money {
  std::int64_t minor = 0;

  friend constexpr auto operator<=>(Money, Money) = default;
  friend constexpr Money operator+(Money a, Money b) { return {a.minor + b.minor}; }
  friend constexpr Money operator-(Money a, Money b) { return {a.minor - b.minor}; }
  constexpr Money operator-() const { return {-minor}; }
  constexpr Money& operator+=(Money b) { return minor += b.minor, *this; }
  constexpr Money& operator-=(Money b) { return minor -= b.minor, *this; }
};

/// UTC with milliseconds, the resolution of every time the box office states.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

constexpr std::int64_t to_millis(Timestamp t) { return t.time_since_epoch().count(); }
constexpr Timestamp from_millis(std::int64_t ms) { return Timestamp{Duration{ms}}; }

/// Hash of the ids and of pairs of them, for the working set and the views. Sequential ids
/// need a real mix: the flat tables take the low bits.
struct HashId {
  static constexpr std::size_t mix(std::uint64_t x) {
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15ULL;
    x ^= x >> 29;
    return static_cast<std::size_t>(x);
  }
  template <class Tag>
  constexpr std::size_t operator()(Id<Tag> id) const {
    return mix(static_cast<std::uint64_t>(id.value));
  }
  template <class A, class B>
  constexpr std::size_t operator()(const std::pair<Id<A>, Id<B>>& pair) const {
    return mix(static_cast<std::uint64_t>(pair.first.value) * 0x100000001b3ULL +
               static_cast<std::uint64_t>(pair.second.value));
  }
};

}  // namespace onsale::domain

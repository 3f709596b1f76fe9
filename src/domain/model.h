// The rows of a box office as the rules see them. A store keeps exactly these; names and
// words are those of domain.md, and so are the texts of the states (to_text).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "domain/policy.h"
#include "domain/types.h"

namespace onsale::domain {

// ---- people ------------------------------------------------------------------------

enum class Role { buyer, staff, organiser };

struct User {
  UserId id;
  std::string email;  ///< unique, compared in lower case
  std::string name;
  std::string password_hash;
  Role role = Role::buyer;
  Timestamp created_at;
};

// ---- catalogue ---------------------------------------------------------------------

struct Venue {
  VenueId id;
  std::string name;
  std::string location;
  std::string time_zone;  ///< IANA name, e.g. Asia/Seoul
};

struct Event {
  EventId id;
  std::string title;
  std::string artist;
  VenueId venue;
  RoomId room;
  Timestamp sales_open_at;
  std::optional<Timestamp> sales_close_at;  ///< none: each performance sells until it starts
  SalesPolicyOverrides policy;
};

struct Performance {
  PerformanceId id;
  EventId event;
  std::string name;
  Timestamp starts_at;
  std::optional<Timestamp> sales_open_at;   ///< none: the event's
  std::optional<Timestamp> sales_close_at;  ///< none: the event's
  std::int64_t seat_count = 0;              ///< 0 until a seating plan was imported
};

struct PriceTier {
  PriceTierId id;
  PerformanceId performance;
  std::string name;
  Money price;
};

// ---- seats -------------------------------------------------------------------------

enum class SeatStatus : std::uint8_t { available, held, sold, blocked };

/// What the rules know of a seat. Where it stands in the hall is SeatPlace.
struct Seat {
  SeatId id;
  PerformanceId performance;
  std::string label;
  Money price;
  SeatStatus status = SeatStatus::available;
  ReservationId reservation;            ///< the holder or owner; none when available or blocked
  std::optional<Timestamp> held_until;  ///< set exactly when `held`

  /// Past its time a hold is free for the next who asks, whether or not a tick came by.
  [[nodiscard]] bool free_at(Timestamp now) const {
    return status == SeatStatus::available ||
           (status == SeatStatus::held && held_until && *held_until <= now);
  }
};

/// What never changes while a performance sells; for seat maps and tickets only.
struct SeatPlace {
  std::string guid;  ///< the plan's own name of the seat
  std::string section;
  std::string row;
  std::string number;
  PriceTierId tier;
  double x = 0;
  double y = 0;
};

// ---- reservations and tickets --------------------------------------------------------

enum class ReservationState { held, paid, refunded, expired, canceled };

struct Reservation {
  ReservationId id;
  UserId user;
  EventId event;
  ReservationState state = ReservationState::held;
  Money total;
  std::int64_t seat_count = 0;
  Timestamp created_at;
  Timestamp expires_at;
  std::optional<Timestamp> paid_at;
  std::optional<Timestamp> ended_at;  ///< expired, canceled or refunded
  std::string attendee_name{};        ///< printed on the tickets; empty: the user's own

  /// A hold past its time counts as expired before any tick has written it down.
  [[nodiscard]] ReservationState state_at(Timestamp now) const {
    return state == ReservationState::held && expires_at <= now ? ReservationState::expired : state;
  }
  /// Does it count against the seats a user may have of an event?
  [[nodiscard]] bool counts_at(Timestamp now) const {
    const auto s = state_at(now);
    return s == ReservationState::held || s == ReservationState::paid;
  }
};

struct ReservationLine {
  ReservationId reservation;
  SeatId seat;
  PerformanceId performance;
  Money price;
  TicketId ticket;  ///< none until paid
};

enum class TicketState { issued, checked_in, void_ };

struct Ticket {
  TicketId id;
  ReservationId reservation;
  SeatId seat;
  PerformanceId performance;
  UserId user;
  TicketState state = TicketState::issued;
  Timestamp issued_at;
};

// ---- money -------------------------------------------------------------------------

/// A wallet belongs to a user and is never negative; `funding` stands for the world that
/// money is charged from, `revenue` collects what an event sold.
enum class AccountKind { wallet, funding, revenue };

struct Account {
  AccountId id;
  AccountKind kind = AccountKind::wallet;
  std::int64_t owner = 0;  ///< user of a wallet, event of a revenue account, 0 for funding
  Money balance;
};

enum class TransferCause { charge, payment, refund };

/// Moves `amount` from `debit` to `credit`. Never edited, never deleted.
struct Transfer {
  TransferId id;
  AccountId debit;
  AccountId credit;
  Money amount;  ///< positive
  TransferCause cause = TransferCause::charge;
  AccountId wallet;            ///< the one of the two that is a wallet
  Money wallet_balance_after;  ///< what its owner's history shows
  ReservationId reservation;   ///< none for a charge
  SeatId seat;                 ///< none for a charge
  Timestamp created_at;
};

// ---- waiting room ------------------------------------------------------------------

enum class VisitorState { waiting, active, completed, expired, left };

struct Visitor {
  VisitorToken token{};
  RoomId room;
  UserId user;
  std::int64_t number = 0;  ///< arrival, from 1, never reused within a room
  /// The place in the line: see admitted_before(). The number itself for whoever arrives at an
  /// open room or one that serves first come first; negative, by lot (domain/draw.h), for whoever
  /// arrives before the draw of a lottery.
  std::int64_t order_key = 0;
  VisitorState state = VisitorState::waiting;
  Timestamp issued_at;
  std::optional<Timestamp> activated_at;
  std::optional<Timestamp> expires_at;  ///< end of the session, once active
  std::optional<Timestamp> ended_at;
  bool claimed = false;  ///< has shown up since admission
  /// When the state changes by itself: an active visitor's claim or session runs out, a
  /// waiting one has been idle for too long. None: never.
  std::optional<Timestamp> deadline;
  std::string browser_id{};  ///< what the visitor's browser calls itself; empty if it did not say

  [[nodiscard]] bool live() const {
    return state == VisitorState::waiting || state == VisitorState::active;
  }
  /// A visitor past its deadline is over before any tick has written it down.
  [[nodiscard]] bool live_at(Timestamp now) const {
    return live() && !(deadline && *deadline <= now);
  }
  [[nodiscard]] bool active_at(Timestamp now) const {
    return state == VisitorState::active && live_at(now);
  }
  /// Admission is strictly in this order.
  [[nodiscard]] bool admitted_before(const Visitor& other) const {
    return std::pair(order_key, number) < std::pair(other.order_key, other.number);
  }
  /// Took part in the draw of a lottery, or will.
  [[nodiscard]] bool by_lot() const { return order_key < 0; }
};

/// paused: people enter and wait, nobody is admitted. closed: nobody enters either. Those who
/// are active finish in any state.
enum class RoomState { open, paused, closed };

struct WaitingRoom {
  RoomId id;
  std::string name;
  RoomPolicyOverrides policy;
  RoomState state = RoomState::open;
  std::optional<Timestamp> opens_at;  ///< before it nobody is admitted
  /// The seed of a lottery: 64 hex digits, empty if there is none. A secret until `drawn_at`;
  /// its hash (domain/draw.h) is public from the start.
  std::string draw_seed{};
  std::optional<Timestamp> drawn_at;  ///< when the draw was held, which publishes the seed
  /// Silence counts from then on, since people could not be heard before (domain/silence.h).
  std::optional<Timestamp> silence_from{};
  std::int64_t next_number = 1;
  std::int64_t waiting_count = 0;
  std::int64_t active_count = 0;
  /// The rate budget as one time (GCRA's "theoretical arrival time"), in microseconds since
  /// the epoch since a fast room admits more than one visitor per millisecond.
  std::int64_t next_admission_us = 0;
  /// When something of the room or its visitors was decided last. Whatever is decided next, on
  /// whichever node, is decided no earlier: times follow the order of the commits.
  Timestamp decided_at{};

  /// A draw is promised and not held yet: whoever enters before `opens_at` takes part in it.
  [[nodiscard]] bool draw_ahead() const { return !draw_seed.empty() && !drawn_at; }
  friend bool operator==(const WaitingRoom&, const WaitingRoom&) = default;
};

// ---- idempotency -------------------------------------------------------------------

/// Names one write of one user; `route` keeps a key reused elsewhere apart.
struct IdempotencyKey {
  UserId user;
  std::string route;
  std::string key;

  friend auto operator<=>(const IdempotencyKey&, const IdempotencyKey&) = default;
};

/// The answer that was given for a key, word for word.
struct IdempotencyRecord {
  IdempotencyKey key;
  std::string fingerprint;  ///< hash of the request it answered
  int status = 0;
  std::string body;
  Timestamp created_at;
};

inline constexpr Duration idempotency_kept = std::chrono::hours{24};

// ---- texts -------------------------------------------------------------------------

[[nodiscard]] std::string_view to_text(Role);
[[nodiscard]] std::string_view to_text(SeatStatus);
[[nodiscard]] std::string_view to_text(ReservationState);
[[nodiscard]] std::string_view to_text(TicketState);
[[nodiscard]] std::string_view to_text(AccountKind);
[[nodiscard]] std::string_view to_text(TransferCause);
[[nodiscard]] std::string_view to_text(VisitorState);
[[nodiscard]] std::string_view to_text(SessionEnd);
[[nodiscard]] std::string_view to_text(RoomOrder);
[[nodiscard]] std::string_view to_text(RoomState);

/// The reverse; none when the text names no value of the enum.
template <class Enum>
[[nodiscard]] std::optional<Enum> from_text(std::string_view text);

}  // namespace onsale::domain

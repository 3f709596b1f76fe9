#include "store/memory/guards.h"

#include <algorithm>

#include "domain/draw.h"

namespace onsale::store::memory {
namespace {

using namespace domain;

void guard(bool holds, const char* name) {
  if (!holds) throw Violation{name};
}

/// None of the values that are set is negative.
template <class... T>
bool not_negative(const std::optional<T>&... values) {
  return (... && (!values || *values >= T{}));
}

/// Is the key free, or does it belong to `own`?
template <class Map, class Key, class Value>
bool free_or_own(const Map& map, const Key& key, const Value& own) {
  const auto at = map.find(key);
  return at == map.end() || at->second == own;
}

template <class Map, class IdType>
bool exists_or_none(const Map& map, IdType id) {
  return !id || map.contains(id);
}

}  // namespace

void check(const Tables& tables, const User& row) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  guard(std::ranges::none_of(row.email, upper), "users_email_normal");
  guard(free_or_own(tables.users_by_email, row.email, row.id), "users_email_unique");
}

void check(const Tables&, const Venue&) {}

void check(const Tables&, const WaitingRoom& row) {
  guard(row.next_number >= 1 && row.waiting_count >= 0 && row.active_count >= 0 &&
            row.next_admission_us >= 0,
        "waiting_rooms_counts");
  const RoomPolicyOverrides& own = row.policy;
  guard(not_negative(own.active_sessions_max, own.admission_rate_per_minute, own.session_duration,
                     own.claim_timeout, own.idle_timeout),
        "waiting_rooms_policy");
  guard(not_negative(own.entry_work), "waiting_rooms_work");
  guard(row.draw_seed.empty() || row.draw_seed.size() == draw_seed_length, "waiting_rooms_seed");
  guard(!row.drawn_at || !row.draw_seed.empty(), "waiting_rooms_drawn");
  guard(!row.draw_ahead() || row.opens_at, "waiting_rooms_draw");
}

void check(const Tables& tables, const Event& row) {
  guard(!row.sales_close_at || row.sales_open_at < *row.sales_close_at, "events_window");
  guard(not_negative(row.policy.hold_duration, row.policy.seats_per_user_max), "events_policy");
  guard(tables.venues.contains(row.venue) && tables.rooms.contains(row.room), "events_references");
}

void check(const Tables& tables, const Performance& row) {
  guard(!row.sales_open_at || !row.sales_close_at || *row.sales_open_at < *row.sales_close_at,
        "performances_window");
  guard(row.seat_count >= 0, "performances_seat_count");
  guard(tables.events.contains(row.event), "performances_references");
}

void check(const Tables& tables, const PriceTier& row) {
  guard(row.price >= Money{0}, "price_tiers_price");
  guard(tables.tiers_by_performance.contains({row.performance, row.id}) ||
            !tables.tier_names.contains({row.performance, row.name}),
        "price_tiers_name_unique");
  guard(tables.performances.contains(row.performance), "price_tiers_references");
}

void check(const Tables& tables, const SeatOnMap& row) {
  const Seat& seat = row.seat;
  const bool owned = seat.status == SeatStatus::held || seat.status == SeatStatus::sold;
  guard(seat.price >= Money{0}, "seats_price");
  guard((seat.status == SeatStatus::held) == seat.held_until.has_value(), "seats_held_until");
  guard(owned == static_cast<bool>(seat.reservation), "seats_owner");
  if (!tables.seats.contains(seat.id)) {
    guard(!tables.seat_labels.contains({seat.performance, seat.label}), "seats_label_unique");
    guard(tables.performances.contains(seat.performance), "seats_references");
    guard(!tables.seat_guids.contains({seat.performance, row.place.guid}),
          "seat_places_guid_unique");
    guard(tables.price_tiers.contains(row.place.tier), "seat_places_references");
  }
  guard(exists_or_none(tables.reservations, seat.reservation), "seats_references");
}

void check_owner(const Tables& tables, const Seat& before, const Seat& after, Timestamp now) {
  if (!after.reservation || before.reservation == after.reservation || before.free_at(now)) return;
  const auto owner = tables.reservations.find(before.reservation);
  const bool over = owner != tables.reservations.end() &&
                    owner->second.state != ReservationState::held &&
                    owner->second.state != ReservationState::paid;
  guard(over, "seats_one_owner");
}

void check(const Tables& tables, const Visitor& row) {
  guard(row.number >= 1, "visitors_number");
  guard(row.order_key < 0 || row.order_key == row.number, "visitors_order");
  guard(row.live() || !row.deadline, "visitors_deadline");
  guard(row.state != VisitorState::active || (row.activated_at && row.expires_at),
        "visitors_session");
  guard(row.live() != row.ended_at.has_value(), "visitors_ended");
  guard(free_or_own(tables.visitors_by_token, row.token, place_of(row)), "visitors_token_unique");
  guard(!row.live() ||
            free_or_own(tables.live_visitors, PresenceKey{row.user, row.room}, place_of(row)),
        "visitors_live_unique");
  guard(tables.rooms.contains(row.room) && tables.users.contains(row.user), "visitors_references");
}

void check(const Tables& tables, const Reservation& row) {
  using enum ReservationState;
  guard(row.total >= Money{0}, "reservations_total");
  guard(row.seat_count > 0, "reservations_seat_count");
  guard((row.state == paid || row.state == refunded) == row.paid_at.has_value(),
        "reservations_paid");
  guard((row.state != held && row.state != paid) == row.ended_at.has_value(), "reservations_ended");
  guard(tables.users.contains(row.user) && tables.events.contains(row.event),
        "reservations_references");
}

void check(const Tables& tables, const ReservationLine& row) {
  guard(row.price >= Money{0}, "reservation_lines_price");
  guard(tables.reservations.contains(row.reservation) && tables.seats.contains(row.seat) &&
            tables.performances.contains(row.performance) &&
            exists_or_none(tables.tickets, row.ticket),
        "reservation_lines_references");
}

void check(const Tables& tables, const Ticket& row) {
  guard(!tables.ticket_seats.contains({row.reservation, row.seat}), "tickets_seat_unique");
  guard(tables.reservations.contains(row.reservation) && tables.seats.contains(row.seat) &&
            tables.performances.contains(row.performance) && tables.users.contains(row.user),
        "tickets_references");
}

void check(const Tables& tables, const Account& row) {
  guard(row.kind != AccountKind::wallet || row.balance >= Money{0}, "accounts_balance");
  guard(free_or_own(tables.accounts_by_owner, std::pair{row.kind, row.owner}, row.id),
        "accounts_owner_unique");
  guard(row.kind != AccountKind::wallet || tables.users.contains({row.owner}),
        "accounts_references");
  guard(row.kind != AccountKind::revenue || tables.events.contains({row.owner}),
        "accounts_references");
}

void check(const Tables& tables, const Transfer& row) {
  const bool charge = row.cause == TransferCause::charge;
  guard(row.amount > Money{0}, "transfers_amount");
  guard(row.debit != row.credit, "transfers_sides");
  guard(row.wallet == row.debit || row.wallet == row.credit, "transfers_wallet");
  guard(row.wallet_balance_after >= Money{0}, "transfers_balance");
  guard(charge != static_cast<bool>(row.reservation) && charge != static_cast<bool>(row.seat),
        "transfers_origin");
  guard(tables.accounts.contains(row.debit) && tables.accounts.contains(row.credit) &&
            exists_or_none(tables.reservations, row.reservation) &&
            exists_or_none(tables.seats, row.seat),
        "transfers_references");
}

void check(const Tables&, const IdempotencyRecord&) {}

void check(const Tables& tables, const JournalEntry& row) {
  guard(!tables.batches.contains(row.batch), "journal_batch_unique");
}

}  // namespace onsale::store::memory

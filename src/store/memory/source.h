// The look-ups of Loader on the memory store's maps.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <tuple>

#include "store/memory/tables.h"

namespace onsale::store::memory {

class MemorySource {
 public:
  explicit MemorySource(const Tables& tables) : t_(tables) {}

  auto user(domain::UserId id) const { return find(t_.users, id); }
  bool user_exists(domain::UserId id) const { return t_.users.contains(id); }
  auto venue(domain::VenueId id) const { return find(t_.venues, id); }
  auto room(domain::RoomId id) const { return find(t_.rooms, id); }
  auto event(domain::EventId id) const { return find(t_.events, id); }
  auto performance(domain::PerformanceId id) const { return find(t_.performances, id); }
  auto reservation(domain::ReservationId id) const { return find(t_.reservations, id); }
  auto idempotency(const domain::IdempotencyKey& key) const { return find(t_.idempotency, key); }

  std::optional<domain::User> user_by_email(const std::string& email) const {
    const auto at = t_.users_by_email.find(email);
    return at == t_.users_by_email.end() ? std::nullopt : find(t_.users, at->second);
  }
  std::optional<domain::Seat> seat(domain::SeatId id) const {
    const auto at = t_.seats.find(id);
    return at == t_.seats.end() ? std::nullopt : std::optional(at->second.seat);
  }
  std::optional<domain::Visitor> visitor(const domain::VisitorToken& token) const {
    const auto at = t_.visitors_by_token.find(token);
    return at == t_.visitors_by_token.end() ? std::nullopt : find(t_.visitors, at->second);
  }
  std::optional<domain::Visitor> live_visitor(domain::UserId user, domain::RoomId room) const {
    const auto at = t_.live_visitors.find({user, room});
    return at == t_.live_visitors.end() ? std::nullopt : find(t_.visitors, at->second);
  }
  std::optional<domain::Account> account(domain::AccountKind kind, std::int64_t owner) const {
    const domain::Account* found = t_.account_of(kind, owner);
    return found ? std::optional(*found) : std::nullopt;
  }

  void each_price_tier(domain::PerformanceId performance, const auto& sink) const {
    for (auto at = t_.tiers_by_performance.lower_bound({performance, {}});
         at != t_.tiers_by_performance.end() && at->first == performance; ++at) {
      sink(t_.price_tiers.at(at->second));
    }
  }
  void each_line(domain::ReservationId id, const auto& sink) const {
    for (auto at = t_.lines.lower_bound({id, {}}); at != t_.lines.end() && at->first.first == id;
         ++at) {
      sink(at->second);
    }
  }
  void each_held_or_paid(domain::UserId user, domain::EventId event, const auto& sink) const {
    for (auto at = t_.held_or_paid.lower_bound({user, event, {}});
         at != t_.held_or_paid.end() && std::get<0>(*at) == user && std::get<1>(*at) == event;
         ++at) {
      sink(t_.reservations.at(std::get<2>(*at)));
    }
  }
  void each_held(domain::UserId user, const auto& sink) const {
    for (auto at = t_.held_or_paid_by_user.lower_bound({user, {}});
         at != t_.held_or_paid_by_user.end() && at->first == user; ++at) {
      const domain::Reservation& row = t_.reservations.at(at->second);
      if (row.state == domain::ReservationState::held) sink(row);
    }
  }
  void each_due_room(domain::Timestamp due_at, const auto& sink) const {
    for (const auto& [id, row] : t_.rooms) {
      const bool draw_due = row.draw_ahead() && row.opens_at && *row.opens_at <= due_at;
      if (row.waiting_count > 0 || row.active_count > 0 || draw_due) sink(row);
    }
  }
  void each_due_reservation(domain::Timestamp due_at, std::size_t max, const auto& sink) const {
    for (const auto& [expires_at, id] : t_.holds_by_expiry) {
      if (expires_at > due_at || max-- == 0) return;
      sink(t_.reservations.at(id));
    }
  }
  void each_due_visitor(domain::Timestamp due_at, std::size_t max, const auto& sink) const {
    for (const auto& [deadline, place] : t_.deadlines) {
      if (deadline > due_at || max-- == 0) return;
      sink(t_.visitors.at(place));
    }
  }
  void each_waiting(domain::RoomId room, const auto& sink) const {
    for (auto at = t_.waiting.lower_bound({room, std::numeric_limits<std::int64_t>::min(), 0});
         at != t_.waiting.end() && std::get<0>(*at) == room; ++at) {
      if (!sink(t_.visitors.at({room, std::get<2>(*at)}))) return;
    }
  }

  auto next_id(domain::UserId, std::size_t = 1) const { return next(t_.users); }
  auto next_id(domain::VenueId, std::size_t = 1) const { return next(t_.venues); }
  auto next_id(domain::RoomId, std::size_t = 1) const { return next(t_.rooms); }
  auto next_id(domain::EventId, std::size_t = 1) const { return next(t_.events); }
  auto next_id(domain::PerformanceId, std::size_t = 1) const { return next(t_.performances); }
  auto next_id(domain::PriceTierId, std::size_t = 1) const { return next(t_.price_tiers); }
  auto next_id(domain::SeatId, std::size_t = 1) const { return next(t_.seats); }
  auto next_id(domain::ReservationId, std::size_t = 1) const { return next(t_.reservations); }
  auto next_id(domain::TicketId, std::size_t = 1) const { return next(t_.tickets); }
  auto next_id(domain::TransferId, std::size_t = 1) const { return next(t_.transfers); }
  auto next_id(domain::AccountId, std::size_t = 1) const { return next(t_.accounts); }
  auto next_id(domain::JournalId, std::size_t = 1) const { return next(t_.journal); }

 private:
  template <class Key, class Row>
  static std::optional<Row> find(const std::map<Key, Row>& table, const Key& key) {
    const auto at = table.find(key);
    return at == table.end() ? std::nullopt : std::optional<Row>(at->second);
  }
  template <class IdType, class Row>
  static IdType next(const std::map<IdType, Row>& table) {
    return {table.empty() ? 1 : table.rbegin()->first.value + 1};
  }

  const Tables& t_;
};

}  // namespace onsale::store::memory

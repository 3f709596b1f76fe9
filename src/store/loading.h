// What each part of a footprint brings, for stores that look rows up one by one. `Source`
// answers the look-ups (memory: its maps, SQLite: prepared statements); this walks the
// footprint, asks for each row once and marks absent what is not there.
//
// A Source has user_exists(id), and, each returning std::optional<Row>: user_by_email, venue, room,
// event, performance, seat, visitor, reservation by key; live_visitor(user, room),
// idempotency(key), account(kind, owner). Each calling a sink with rows in the order promised:
// each_price_tier(performance), each_line(reservation), each_held_or_paid(user, event),
// each_held(user),
// each_due_room(at), each_due_reservation(at, max), each_due_visitor(at, max), and
// each_waiting(room) in the order of admission, whose sink returns false to stop. Finally
// next_id(IdType{}, count), the first of so many free ids of a kind that follow each other: one
// more than the highest, so that no abandoned batch uses any up; a store with several writers at a
// time sets them aside, and takes back what was not used.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "domain/footprint.h"
#include "domain/rows.h"

namespace onsale::store {

template <class Source>
class Loader {
 public:
  Loader(Source& source, domain::Rows& rows) : source_(source), rows_(rows) {}

  void load(const domain::Footprint& need) {
    for (const auto& key : need.idempotency_keys) idempotency(key);
    for (const auto id : need.rooms) room(id);
    for (const auto id : need.users) user(id);
    for (const auto& email : need.emails) user_by_email(email);
    for (const auto id : need.venues) venue(id);
    for (const auto id : need.events) event(id);
    for (const auto id : need.performances) performance(id);
    for (const auto& token : need.visitors) visitor(token);
    for (const auto& [user_id, room_id] : need.visitors_in_room) presence(user_id, room_id);
    for (const auto& [user_id, event_id] : need.holders) {
      holder(user_id, event_id, need.balance_at_hold);
    }
    for (const auto id : need.seats) seat(id);
    for (const auto id : need.reservations) reservation(id);
    domain::FreshIdCounts fresh = need.fresh;
    for (const auto id : need.holdings) holdings(id, fresh);
    if (!need.wallets.empty()) wallets(need.wallets);
    if (need.due) due(need.due_at, need.due_max);
    fresh_ids(fresh);
    for (const auto& entry : rows_.rooms.entries()) rows_.room_ids.push_back(entry.row.id);
    std::ranges::sort(rows_.room_ids);
  }

  /// See Writer::load_first_waiting.
  void first_waiting(domain::RoomId room_id, std::int64_t count) {
    auto& line = rows_.first_waiting[room_id];
    line.clear();
    if (count <= 0) return;
    source_.each_waiting(room_id, [&](domain::Visitor waiting) {
      const domain::Visitor* known =
          rows_.visitors.asked(waiting.token) ? rows_.visitors.find(waiting.token) : nullptr;
      if (known && known->state != domain::VisitorState::waiting) return true;
      line.push_back(waiting.token);
      rows_.visitors.load(line.back(), std::move(waiting));
      return static_cast<std::int64_t>(line.size()) < count;
    });
  }

 private:
  template <class Key, class Row>
  static const Row* put(domain::Table<Key, Row>& table, const Key& key, std::optional<Row> row) {
    if (!row) {
      table.load_absent(key);
      return nullptr;
    }
    table.load(key, *std::move(row));
    return table.find(key);
  }

  void idempotency(const domain::IdempotencyKey& key) {
    if (rows_.idempotency.contains(key)) return;
    if (auto record = source_.idempotency(key)) rows_.idempotency.emplace(key, *std::move(record));
  }

  void user(domain::UserId id) {
    const auto [at, fresh] = rows_.user_exists.try_emplace(id);
    if (fresh) at->second = source_.user_exists(id);
  }

  void user_by_email(const std::string& email) {
    if (rows_.users_by_email.asked(email)) return;
    std::optional<domain::User> found = source_.user_by_email(email);
    if (!found) return rows_.users_by_email.load_absent(email);
    rows_.users_by_email.load(email, found->id);
    rows_.users.load(found->id, *std::move(found));
  }

  void venue(domain::VenueId id) {
    if (!rows_.venues.asked(id)) put(rows_.venues, id, source_.venue(id));
  }

  void room(domain::RoomId id) {
    if (!rows_.rooms.asked(id)) put(rows_.rooms, id, source_.room(id));
  }

  const domain::Event* event(domain::EventId id) {
    if (rows_.events.asked(id)) return rows_.events.find(id);
    const domain::Event* found = put(rows_.events, id, source_.event(id));
    if (found) room(found->room);
    return found;
  }

  void performance(domain::PerformanceId id) {
    if (rows_.performances.asked(id)) return;
    const domain::Performance* found = put(rows_.performances, id, source_.performance(id));
    if (!found) return;
    event(found->event);
    auto& tiers = rows_.tiers_of[id];
    source_.each_price_tier(id, [&](domain::PriceTier tier) {
      tiers.push_back(tier.id);
      rows_.price_tiers.load(tiers.back(), std::move(tier));
    });
  }

  void seat(domain::SeatId id) {
    if (!rows_.seats.asked(id)) put(rows_.seats, id, source_.seat(id));
  }

  void visitor(const domain::VisitorToken& token) {
    if (rows_.visitors.asked(token)) return;
    if (const auto* found = put(rows_.visitors, token, source_.visitor(token))) room(found->room);
  }

  void presence(domain::UserId user_id, domain::RoomId room_id) {
    const auto [at, fresh] = rows_.presence.try_emplace({user_id, room_id});
    if (!fresh) return;
    at->second = domain::VisitorToken{};  // nil: nobody there
    if (std::optional<domain::Visitor> found = source_.live_visitor(user_id, room_id)) {
      at->second = found->token;
      rows_.visitors.load(at->second, *std::move(found));
    }
    room(room_id);
  }

  void wallet(domain::UserId id) {
    if (rows_.wallets.asked(id)) return;
    const auto found = source_.account(domain::AccountKind::wallet, id.value);
    if (!found) return rows_.wallets.load_absent(id);
    rows_.wallets.load(id, account(*found));
  }

  void wallets(const std::vector<domain::UserId>& owners) {
    for (const auto id : owners) wallet(id);
    if (const auto found = source_.account(domain::AccountKind::funding, 0)) {
      rows_.funding = account(*found);
    }
  }

  void revenue(domain::EventId id) {
    if (rows_.revenue.asked(id)) return;
    const auto found = source_.account(domain::AccountKind::revenue, id.value);
    if (!found) return rows_.revenue.load_absent(id);
    rows_.revenue.load(id, account(*found));
  }

  domain::AccountId account(const domain::Account& found) {
    rows_.accounts.load(found.id, {.account = found, .loaded_balance = found.balance});
    return found.id;
  }

  void holder(domain::UserId user_id, domain::EventId event_id, bool balance_by_default) {
    const auto [at, fresh] = rows_.held_or_paid.try_emplace({user_id, event_id});
    if (!fresh) return;
    source_.each_held_or_paid(user_id, event_id, [&](const domain::Reservation& mine) {
      at->second.push_back(mine.id);
      rows_.reservations.load(mine.id, mine);
    });
    const domain::Event* found = event(event_id);
    if (!found) return;
    presence(user_id, found->room);
    if (found->policy.require_balance_at_hold.value_or(balance_by_default)) wallet(user_id);
  }

  void lines_and_seats(domain::ReservationId id) {
    const auto [at, fresh] = rows_.seats_of.try_emplace(id);
    if (!fresh) return;
    auto& seats = at->second;
    source_.each_line(id, [&](const domain::ReservationLine& line) {
      seats.push_back(line.seat);
      rows_.lines.load({id, line.seat}, line);
    });
    for (const auto seat_id : seats) seat(seat_id);
  }

  void reservation(domain::ReservationId id) {
    const domain::Reservation* found = rows_.reservations.asked(id)
                                           ? rows_.reservations.find(id)
                                           : put(rows_.reservations, id, source_.reservation(id));
    if (!found) return;
    lines_and_seats(id);
    revenue(found->event);
    wallet(found->user);
    if (const domain::Event* of = event(found->event)) presence(found->user, of->room);
  }

  void holdings(domain::UserId user_id, domain::FreshIdCounts& fresh_counts) {
    const auto [at, fresh] = rows_.held_of.try_emplace(user_id);
    if (!fresh) return;
    source_.each_held(user_id, [&](const domain::Reservation& mine) {
      at->second.push_back(mine.id);
      rows_.reservations.load(mine.id, mine);
    });
    wallet(user_id);
    for (const auto id : at->second) {
      reservation(id);
      fresh_counts.tickets += rows_.seats_of.at(id).size();
      fresh_counts.transfers += rows_.seats_of.at(id).size();
    }
  }

  void due(domain::Timestamp at, std::size_t max) {
    source_.each_due_room(
        at, [&](domain::WaitingRoom found) { rows_.rooms.load(found.id, std::move(found)); });
    source_.each_due_reservation(at, max, [&](const domain::Reservation& overdue) {
      rows_.due_reservations.push_back(overdue.id);
      rows_.reservations.load(overdue.id, overdue);
    });
    for (const auto id : rows_.due_reservations) lines_and_seats(id);
    source_.each_due_visitor(at, max, [&](domain::Visitor overdue) {
      rows_.due_visitors.push_back(overdue.token);
      rows_.visitors.load(rows_.due_visitors.back(), std::move(overdue));
    });
    for (const auto& token : rows_.due_visitors) room(rows_.visitors.get(token).room);
  }

  template <class IdType>
  void set_aside(domain::IdRange<IdType>& range, std::size_t count) {
    const std::int64_t next = count > 0 ? source_.next_id(IdType{}, count).value : 1;
    range = {.next = next, .end = next + static_cast<std::int64_t>(count)};
  }

  void fresh_ids(const domain::FreshIdCounts& counts) {
    set_aside(rows_.ids.users, counts.users);
    set_aside(rows_.ids.venues, counts.venues);
    set_aside(rows_.ids.rooms, counts.rooms);
    set_aside(rows_.ids.events, counts.events);
    set_aside(rows_.ids.performances, counts.performances);
    set_aside(rows_.ids.price_tiers, counts.price_tiers);
    set_aside(rows_.ids.seats, counts.seats);
    set_aside(rows_.ids.reservations, counts.reservations);
    set_aside(rows_.ids.tickets, counts.tickets);
    set_aside(rows_.ids.transfers, counts.transfers);
    set_aside(rows_.ids.accounts, counts.accounts);
  }

  Source& source_;
  domain::Rows& rows_;
};

}  // namespace onsale::store

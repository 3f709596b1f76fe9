#include "store/postgres/source.h"

#include <limits>

#include "store/postgres/source_sql.h"

namespace onsale::store::postgres {
namespace {

using namespace domain;

template <class T>
std::vector<T> joined(const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> both = a;
  both.insert(both.end(), b.begin(), b.end());
  return both;
}

/// The two columns of a list of pairs.
template <class A, class B>
std::pair<std::vector<A>, std::vector<B>> columns_of(const std::vector<std::pair<A, B>>& pairs) {
  std::pair<std::vector<A>, std::vector<B>> columns;
  for (const auto& [a, b] : pairs) {
    columns.first.push_back(a);
    columns.second.push_back(b);
  }
  return columns;
}

template <class Read, class Use>
void each_row(const Answer& answer, const Read& read, const Use& use) {
  for (int i = 0; i < answer.size(); ++i) {
    Columns columns = answer.row(i);
    use(read(columns));
  }
}

std::int64_t due_count(const Footprint& need) {
  return need.due ? static_cast<std::int64_t>(need.due_max) : 0;
}

}  // namespace

void PostgresSource::ask(const char* sql, const Values& values,
                         std::function<void(const Answer&)> read) {
  db_.send(sql, values);
  readers_.push_back(std::move(read));
}

void PostgresSource::add(Visitor visitor) {
  if (visitor.live()) live_.insert_or_assign({visitor.user, visitor.room}, visitor);
  visitors_.insert_or_assign(visitor.token, std::move(visitor));
}

void PostgresSource::add(Reservation reservation) {
  reservations_.insert_or_assign(reservation.id, std::move(reservation));
}

void PostgresSource::send(const Footprint& need) {
  send_locked(need);
  send_reservations(need);
  send_people(need);
  send_unlocked(need);
  const bool grows = !need.holdings.empty();  // by what is found: see Footprint::holdings
  send_ids(need.fresh, grows);
  settle_ = [this, &need] { settle(need); };
}

void PostgresSource::send_locked(const Footprint& need) {
  const auto [holders, held_events] = columns_of(need.holders);
  const auto [present, present_rooms] = columns_of(need.visitors_in_room);
  const bool leads_on = !need.events.empty() || !need.performances.empty() ||
                        !need.holders.empty() || !need.visitors.empty() ||
                        !need.reservations.empty() || !need.holdings.empty() || need.due;
  const auto rooms = joined(need.rooms, present_rooms);
  const auto read_rooms = [this, rooms](const Answer& answer) {
    for (const RoomId id : rooms) rooms_[id];
    each_row(answer, read_room, [&](WaitingRoom room) { rooms_[room.id] = std::move(room); });
  };
  if (leads_on) {
    ask(rooms_led_to_sql.text,
        Values(rooms, joined(need.events, held_events), need.performances, need.visitors,
               need.reservations, need.holdings, need.due, need.due_at),
        read_rooms);
  } else if (!rooms.empty()) {
    ask(rooms_sql.text, Values(rooms), read_rooms);
  }
  if (!need.idempotency_keys.empty()) {
    std::vector<std::int64_t> users;
    std::vector<std::string> routes;
    std::vector<std::string> keys;
    for (const auto& key : need.idempotency_keys) {
      idempotency_[key];
      users.push_back(key.user.value);
      routes.push_back(key.route);
      keys.push_back(key.key);
    }
    ask(idempotency_sql.text, Values(users, routes, keys), [this](const Answer& answer) {
      each_row(answer, read_idempotency, [&](IdempotencyRecord r) { idempotency_[r.key] = r; });
    });
  }
  const auto read_visitors = [this](const Answer& answer) {
    each_row(answer, read_visitor, [&](Visitor v) { add(std::move(v)); });
  };
  if (!need.visitors.empty()) {
    for (const auto& token : need.visitors) visitors_[token];
    ask(visitors_sql.text, Values(need.visitors), read_visitors);
  }
  if (!need.visitors_in_room.empty()) {
    for (const auto& key : need.visitors_in_room) live_[key];
    ask(present_sql.text, Values(present_rooms, present), read_visitors);
  }
  if (!need.holders.empty() || !need.reservations.empty() || !need.holdings.empty()) {
    ask(present_led_to_sql.text, Values(holders, held_events, need.reservations, need.holdings),
        read_visitors);
  }
  if (need.due) {
    ask(due_visitors_sql.text, Values(need.due_at, due_count(need)), [this](const Answer& answer) {
      each_row(answer, read_visitor, [&](Visitor v) {
        due_visitors_.push_back(v);
        add(std::move(v));
      });
    });
  }
  const auto read_seats = [this](const Answer& answer) {
    each_row(answer, read_seat, [&](Seat s) { seats_.insert_or_assign(s.id, std::move(s)); });
  };
  for (const SeatId id : need.seats) seats_[id];
  if (!need.reservations.empty() || !need.holdings.empty() || need.due) {
    ask(seats_led_to_sql.text,
        Values(need.seats, need.reservations, need.holdings, need.due_at, due_count(need)),
        read_seats);
  } else if (!need.seats.empty()) {
    ask(seats_sql.text, Values(need.seats), read_seats);
  }
}

void PostgresSource::send_reservations(const Footprint& need) {
  const auto [holders, held_events] = columns_of(need.holders);
  const auto read_reservations = [this](const Answer& answer) {
    each_row(answer, read_reservation, [&](Reservation r) { add(std::move(r)); });
  };
  for (const ReservationId id : need.reservations) reservations_[id];
  if (!need.holders.empty() || !need.holdings.empty()) {
    ask(reservations_led_to_sql.text,
        Values(need.reservations, holders, held_events, need.holdings), read_reservations);
  } else if (!need.reservations.empty()) {
    ask(reservations_sql.text, Values(need.reservations), read_reservations);
  }
  if (need.due) {
    ask(due_reservations_sql.text, Values(need.due_at, due_count(need)),
        [this](const Answer& answer) {
          each_row(answer, read_reservation, [&](Reservation r) {
            due_reservations_.push_back(r);
            add(std::move(r));
          });
        });
  }
  const auto owners = joined(need.wallets, need.holdings);
  const auto read_accounts = [this](const Answer& answer) {
    each_row(answer, read_account, [&](Account a) { accounts_[{a.kind, a.owner}] = std::move(a); });
  };
  if (!owners.empty() || !need.reservations.empty() || !need.holders.empty()) {
    for (const UserId id : owners) accounts_[{AccountKind::wallet, id.value}];
    ask(wallets_sql.text,
        Values(owners, need.reservations, holders, held_events, need.balance_at_hold),
        read_accounts);
  }
  if (!need.wallets.empty() || !need.reservations.empty() || !need.holdings.empty()) {
    ask(house_accounts_sql.text, Values(need.reservations, need.holdings), read_accounts);
  }
}

void PostgresSource::send_people(const Footprint& need) {
  if (need.emails.empty()) return;
  for (const auto& email : need.emails) emails_[email];
  ask(emails_sql.text, Values(need.emails), [this](const Answer& answer) {
    each_row(answer, read_user, [&](User u) { emails_.insert_or_assign(u.email, std::move(u)); });
  });
}

void PostgresSource::send_unlocked(const Footprint& need) {
  if (!need.users.empty()) {
    for (const UserId id : need.users) users_[id] = false;
    ask(users_sql, Values(need.users), [this](const Answer& answer) {
      for (int at = 0; at < answer.size(); ++at) users_[answer.row(at).next<UserId>()] = true;
    });
  }
  if (!need.venues.empty()) {
    for (const VenueId id : need.venues) venues_[id];
    ask(venues_sql.text, Values(need.venues), [this](const Answer& answer) {
      each_row(answer, read_venue, [&](Venue v) { venues_.insert_or_assign(v.id, std::move(v)); });
    });
  }
  const auto events = joined(need.events, columns_of(need.holders).second);
  if (!events.empty() || !need.performances.empty() || !need.reservations.empty() ||
      !need.holdings.empty()) {
    for (const EventId id : events) events_[id];
    ask(events_sql.text, Values(events, need.performances, need.reservations, need.holdings),
        [this](const Answer& answer) {
          each_row(answer, read_event,
                   [&](Event e) { events_.insert_or_assign(e.id, std::move(e)); });
        });
  }
  if (!need.performances.empty()) {
    for (const PerformanceId id : need.performances) {
      performances_[id];
      tiers_[id];
    }
    ask(performances_sql.text, Values(need.performances), [this](const Answer& answer) {
      each_row(answer, read_performance,
               [&](Performance p) { performances_.insert_or_assign(p.id, std::move(p)); });
    });
    ask(tiers_sql.text, Values(need.performances), [this](const Answer& answer) {
      each_row(answer, read_price_tier,
               [&](PriceTier t) { tiers_[t.performance].push_back(std::move(t)); });
    });
  }
  if (!need.reservations.empty() || !need.holdings.empty() || need.due) {
    ask(lines_sql.text, Values(need.reservations, need.holdings, need.due_at, due_count(need)),
        [this](const Answer& answer) {
          each_row(answer, read_line,
                   [&](ReservationLine l) { lines_[l.reservation].push_back(l); });
        });
  }
}

void PostgresSource::expect_ids(const char* sequence, std::size_t count) {
  if (count == 0) return;
  ask("select take_ids($1::text::regclass, $2)",
      Values(std::string_view(sequence), static_cast<std::int64_t>(count)),
      [this, sequence, count](const Answer& answer) {
        ids_[sequence] = {answer.row(0).next<std::int64_t>(), static_cast<std::int64_t>(count)};
      });
}

void PostgresSource::send_ids(const FreshIdCounts& fresh, bool grows) {
  expect_ids(sequence_of(UserId{}), fresh.users);
  expect_ids(sequence_of(VenueId{}), fresh.venues);
  expect_ids(sequence_of(RoomId{}), fresh.rooms);
  expect_ids(sequence_of(EventId{}), fresh.events);
  expect_ids(sequence_of(PerformanceId{}), fresh.performances);
  expect_ids(sequence_of(PriceTierId{}), fresh.price_tiers);
  expect_ids(sequence_of(SeatId{}), fresh.seats);
  expect_ids(sequence_of(ReservationId{}), fresh.reservations);
  if (!grows) {
    expect_ids(sequence_of(TicketId{}), fresh.tickets);
    expect_ids(sequence_of(TransferId{}), fresh.transfers);
  }
  expect_ids(sequence_of(AccountId{}), fresh.accounts);
}

void PostgresSource::read(std::vector<Answer>::const_iterator answers) {
  for (const auto& reader : readers_) reader(*answers++);
  readers_.clear();
  settle_();
}

/// What was led to and has no row is known to have none.
void PostgresSource::settle(const Footprint& need) {
  for (const auto& [user, event] : need.holders) {
    held_or_paid_[{user, event}];
    if (const auto& found = events_[event]) live_[{user, found->room}];
  }
  for (const UserId user : need.holdings) held_[user];
  for (const auto& [id, reservation] : reservations_) {
    if (!reservation) continue;
    lines_[id];
    const bool held = reservation->state == ReservationState::held;
    const bool paid = reservation->state == ReservationState::paid;
    const auto holder = held_or_paid_.find({reservation->user, reservation->event});
    if ((held || paid) && holder != held_or_paid_.end()) holder->second.push_back(*reservation);
    const auto owner = held_.find(reservation->user);
    if (held && owner != held_.end()) owner->second.push_back(*reservation);
    const auto event = events_.find(reservation->event);
    if (event != events_.end() && event->second) live_[{reservation->user, event->second->room}];
  }
}

// ---- look-ups ------------------------------------------------------------------------

/// What the table knows of the key; asks first, for this key alone, if it knows nothing.
template <class Table, class Key, class Ask>
auto& PostgresSource::known(Table& table, const Key& key, const Ask& ask_for_it) {
  const auto found = table.find(key);
  if (found != table.end()) return found->second;
  ++asked_late_;
  auto fetched = ask_for_it();
  return table[key] = std::move(fetched);
}

namespace {

template <class Read>
auto only(const Answer& answer, const Read& read) {
  using Row = decltype(read(std::declval<Columns&>()));
  if (answer.size() == 0) return std::optional<Row>();
  Columns columns = answer.row(0);
  return std::optional<Row>(read(columns));
}

template <class T>
std::vector<T> just(const T& value) {
  return {value};
}

}  // namespace

bool PostgresSource::user_exists(UserId id) {
  return known(users_, id, [&] { return db_.query(users_sql, Values(just(id))).size() > 0; });
}
std::optional<User> PostgresSource::user_by_email(std::string_view email) {
  const std::string key(email);
  return known(emails_, key,
               [&] { return only(db_.query(emails_sql.text, Values(just(key))), read_user); });
}
std::optional<Venue> PostgresSource::venue(VenueId id) {
  return known(venues_, id,
               [&] { return only(db_.query(venues_sql.text, Values(just(id))), read_venue); });
}
std::optional<WaitingRoom> PostgresSource::room(RoomId id) {
  return known(rooms_, id,
               [&] { return only(db_.query(rooms_sql.text, Values(just(id))), read_room); });
}
std::optional<Event> PostgresSource::event(EventId id) {
  return known(events_, id, [&] {
    return only(
        db_.query(events_sql.text, Values(just(id), std::vector<PerformanceId>(),
                                          std::vector<ReservationId>(), std::vector<UserId>())),
        read_event);
  });
}
std::optional<Performance> PostgresSource::performance(PerformanceId id) {
  return known(performances_, id, [&] {
    return only(db_.query(performances_sql.text, Values(just(id))), read_performance);
  });
}
std::optional<Seat> PostgresSource::seat(SeatId id) {
  return known(seats_, id,
               [&] { return only(db_.query(seats_sql.text, Values(just(id))), read_seat); });
}
std::optional<Visitor> PostgresSource::visitor(const VisitorToken& token) {
  return known(visitors_, token, [&] {
    return only(db_.query(visitors_sql.text, Values(just(token))), read_visitor);
  });
}
std::optional<Visitor> PostgresSource::live_visitor(UserId user, RoomId room) {
  return known(live_, PresenceKey{user, room}, [&] {
    return only(db_.query(present_sql.text, Values(just(room), just(user))), read_visitor);
  });
}
std::optional<Reservation> PostgresSource::reservation(ReservationId id) {
  return known(reservations_, id, [&] {
    return only(db_.query(reservations_sql.text, Values(just(id))), read_reservation);
  });
}
std::optional<Account> PostgresSource::account(AccountKind kind, std::int64_t owner) {
  return known(accounts_, std::pair(kind, owner), [&] {
    return only(db_.query(account_sql.text, Values(kind, owner)), read_account);
  });
}
std::optional<IdempotencyRecord> PostgresSource::idempotency(const IdempotencyKey& key) {
  return known(idempotency_, key, [&] {
    return only(db_.query(idempotency_sql.text,
                          Values(just(key.user.value), just(key.route), just(key.key))),
                read_idempotency);
  });
}

void PostgresSource::each_price_tier(PerformanceId performance,
                                     const std::function<void(PriceTier)>& sink) {
  const auto& tiers = known(tiers_, performance, [&] {
    std::vector<PriceTier> found;
    each_row(db_.query(tiers_sql.text, Values(just(performance))), read_price_tier,
             [&](PriceTier tier) { found.push_back(std::move(tier)); });
    return found;
  });
  for (const PriceTier& tier : tiers) sink(tier);
}

void PostgresSource::each_line(ReservationId id,
                               const std::function<void(const ReservationLine&)>& sink) {
  const auto& lines = known(lines_, id, [&] {
    std::vector<ReservationLine> found;
    const Values values(just(id), std::vector<UserId>(), Timestamp(), std::int64_t{0});
    each_row(db_.query(lines_sql.text, values), read_line,
             [&](const ReservationLine& line) { found.push_back(line); });
    return found;
  });
  for (const ReservationLine& line : lines) sink(line);
}

void PostgresSource::each_held_or_paid(UserId user, EventId event, const RowSink& sink) {
  for (const Reservation& mine : held_or_paid_.at({user, event})) sink(mine);
}

void PostgresSource::each_held(UserId user, const RowSink& sink) {
  for (const Reservation& mine : held_.at(user)) sink(mine);
}

void PostgresSource::each_due_room(Timestamp at, const std::function<void(WaitingRoom)>& sink) {
  for (const auto& [id, room] : rooms_) {
    const auto draw_is_due = [&] {
      return !room->draw_seed.empty() && !room->drawn_at && room->opens_at && *room->opens_at <= at;
    };
    if (room && (room->waiting_count > 0 || room->active_count > 0 || draw_is_due())) sink(*room);
  }
}

void PostgresSource::each_due_reservation(Timestamp, std::size_t, const RowSink& sink) {
  for (const Reservation& overdue : due_reservations_) sink(overdue);
}

void PostgresSource::each_due_visitor(Timestamp, std::size_t,
                                      const std::function<void(Visitor)>& sink) {
  for (const Visitor& overdue : due_visitors_) sink(overdue);
}

/// In pieces, since the sink says when it has enough: some may have left in this very batch.
void PostgresSource::each_waiting(RoomId room, const std::function<bool(Visitor)>& sink) {
  constexpr std::int64_t piece = 256;
  std::int64_t order_key = std::numeric_limits<std::int64_t>::min();
  std::int64_t number = 0;
  for (bool more = true; more;) {
    const Answer answer = db_.query(waiting_sql.text, Values(room, order_key, number, piece));
    more = answer.size() == piece;
    for (int i = 0; i < answer.size(); ++i) {
      Visitor visitor = read_visitor(answer.row(i));
      order_key = visitor.order_key;
      number = visitor.number;
      if (!sink(std::move(visitor))) return;
    }
  }
}

std::int64_t PostgresSource::take_ids(const char* sequence, std::int64_t count) {
  const auto known_ids = ids_.find(sequence);
  if (known_ids != ids_.end() && known_ids->second.second == count) return known_ids->second.first;
  ++asked_late_;
  return db_
      .query("select take_ids($1::text::regclass, $2)", Values(std::string_view(sequence), count))
      .row(0)
      .next<std::int64_t>();
}

}  // namespace onsale::store::postgres

#include "tests/support/office.h"

#include <algorithm>
#include <iterator>

#include "domain/silence.h"

namespace onsale::testing {

namespace {

template <class Map, class Table>
bool load_row(const Map& from, const typename Map::key_type& key, Table& to) {
  const auto* row = find_row(from, key);
  row ? to.load(key, *row) : to.load_absent(key);
  return row != nullptr;
}

template <class Table, class Map>
void write(const Table& from, Map& to) {
  for (const auto& entry : from.entries()) {
    if (entry.state != domain::RowState::loaded) to[entry.row.id] = entry.row;
  }
}

}  // namespace

Office::Office() {
  tables_.rooms[domain::default_room] = {.id = domain::default_room, .name = "default"};
  const domain::AccountId funding{next_.accounts++};
  tables_.accounts[funding] = {.id = funding, .kind = domain::AccountKind::funding};
  funding_ = funding;
}

Office::~Office() = default;

domain::VisitorToken Office::new_token() {
  domain::VisitorToken token{};
  std::uint64_t left = ++tokens_;
  for (auto at = token.end(); left != 0; left >>= 8) *--at = static_cast<std::uint8_t>(left);
  return token;
}

std::vector<Outcome> Office::batch(const std::vector<Command>& commands, domain::Timestamp now,
                                   bool tick) {
  domain::Footprint need;
  for (const Command& command : commands) {
    std::visit([&](const auto& c) { footprint(c, policy, need); }, command);
  }
  need.due = tick;
  need.due_at = now;
  domain::Rows rows;
  load(need, rows);
  rows.silence = silence;
  if (tick) note_outage(rows);
  publish_due_draws(rows, now);
  std::vector<Outcome> outcomes;
  for (const Command& command : commands) {
    outcomes.push_back(
        std::visit([&](const auto& c) { return Outcome{decide(rows, c, now, policy)}; }, command));
  }
  if (tick) {
    end_due_visits(rows, now, policy);
    expire_due_reservations(rows, now);
  }
  for (const domain::RoomId room : rows.room_ids) {
    load_first_waiting(room, admissible(rows.rooms.get(room), now, policy), rows);
    admit(rows, room, now, policy);
  }
  apply(rows, now);
  return outcomes;
}

template <class One>
OutcomeOf<One> Office::run(const One& command, domain::Timestamp now) {
  return std::get<OutcomeOf<One>>(std::move(batch({Command{command}}, now).front()));
}
template OutcomeOf<domain::Enter> Office::run(const domain::Enter&, domain::Timestamp);
template OutcomeOf<domain::Leave> Office::run(const domain::Leave&, domain::Timestamp);
template OutcomeOf<domain::Touch> Office::run(const domain::Touch&, domain::Timestamp);
template OutcomeOf<domain::Hold> Office::run(const domain::Hold&, domain::Timestamp);
template OutcomeOf<domain::Pay> Office::run(const domain::Pay&, domain::Timestamp);
template OutcomeOf<domain::PayAll> Office::run(const domain::PayAll&, domain::Timestamp);
template OutcomeOf<domain::Cancel> Office::run(const domain::Cancel&, domain::Timestamp);
template OutcomeOf<domain::Charge> Office::run(const domain::Charge&, domain::Timestamp);
template OutcomeOf<domain::CreateUser> Office::run(const domain::CreateUser&, domain::Timestamp);
template OutcomeOf<domain::ChangeUser> Office::run(const domain::ChangeUser&, domain::Timestamp);
template OutcomeOf<domain::CreateVenue> Office::run(const domain::CreateVenue&, domain::Timestamp);
template OutcomeOf<domain::CreateEvent> Office::run(const domain::CreateEvent&, domain::Timestamp);
template OutcomeOf<domain::CreatePerformance> Office::run(const domain::CreatePerformance&,
                                                          domain::Timestamp);
template OutcomeOf<domain::CreateSeats> Office::run(const domain::CreateSeats&, domain::Timestamp);
template OutcomeOf<domain::CreateRoom> Office::run(const domain::CreateRoom&, domain::Timestamp);
template OutcomeOf<domain::ChangeRoom> Office::run(const domain::ChangeRoom&, domain::Timestamp);

// ---- questions -------------------------------------------------------------------------

const domain::Visitor* Office::visitor(const domain::VisitorToken& token) const {
  const auto at = numbers_.find(token);
  return at == numbers_.end() ? nullptr : &tables_.visitors.at(at->second);
}

std::optional<std::int64_t> Office::position(const domain::Visitor& visitor) const {
  if (visitor.state != domain::VisitorState::waiting) return 0;
  if (tables_.rooms.at(visitor.room).draw_ahead()) return std::nullopt;
  const Waiting& line = waiting_.at(visitor.room);
  return std::distance(line.begin(), line.find({visitor.order_key, visitor.number})) + 1;
}

const domain::Account& Office::wallet(domain::UserId user) const {
  return tables_.accounts.at(wallets_.at(user));
}

// ---- load: what footprint.h promises -----------------------------------------------------

void Office::load(const domain::Footprint& need, domain::Rows& rows) const {
  for (const auto id : need.users) rows.user_exists[id] = tables_.users.contains(id);
  for (const auto& email : need.emails) load_email(email, rows);
  for (const auto id : need.wallets) load_wallet(id, rows);
  for (const auto id : need.venues) load_row(tables_.venues, id, rows.venues);
  for (const auto id : need.rooms) load_room(id, rows);
  for (const auto id : need.events) load_event(id, rows);
  for (const auto id : need.performances) load_performance(id, rows);
  for (const auto id : need.seats) load_row(tables_.seats, id, rows.seats);
  for (const auto& token : need.visitors) load_visitor(token, rows);
  for (const auto& [user, room] : need.visitors_in_room) load_presence(user, room, rows);
  for (const auto& [user, event] : need.holders) load_holder(user, event, need, rows);
  for (const auto id : need.reservations) load_reservation(id, rows);
  domain::FreshIdCounts fresh = need.fresh;
  for (const auto id : need.holdings) load_holdings(id, fresh, rows);
  if (need.due) load_due(need, rows);
  rows.funding = funding_;
  rows.accounts.load(funding_, account_row(funding_));
  for (const auto& entry : rows.rooms.entries()) rows.room_ids.push_back(entry.row.id);
  std::ranges::sort(rows.room_ids);
  reserve_ids(fresh, rows.ids);
}

domain::AccountRow Office::account_row(domain::AccountId id) const {
  const domain::Account& account = tables_.accounts.at(id);
  return {account, account.balance};
}

void Office::load_email(const std::string& email, domain::Rows& rows) const {
  const auto* id = find_row(emails_, email);
  if (!id) return rows.users_by_email.load_absent(email);
  rows.users_by_email.load(email, *id);
  load_row(tables_.users, *id, rows.users);
}

void Office::load_wallet(domain::UserId user, domain::Rows& rows) const {
  if (!load_row(wallets_, user, rows.wallets)) return;
  rows.accounts.load(wallets_.at(user), account_row(wallets_.at(user)));
}

void Office::load_room(domain::RoomId id, domain::Rows& rows) const {
  load_row(tables_.rooms, id, rows.rooms);
}

void Office::load_event(domain::EventId id, domain::Rows& rows) const {
  if (load_row(tables_.events, id, rows.events)) load_room(tables_.events.at(id).room, rows);
}

void Office::load_performance(domain::PerformanceId id, domain::Rows& rows) const {
  if (rows.performances.asked(id) || !load_row(tables_.performances, id, rows.performances)) {
    return;
  }
  load_event(tables_.performances.at(id).event, rows);
  for (const auto& [tier_id, tier] : tables_.price_tiers) {
    if (tier.performance != id) continue;
    rows.price_tiers.load(tier_id, tier);
    rows.tiers_of[id].push_back(tier_id);
  }
}

void Office::load_visitor(const domain::VisitorToken& token, domain::Rows& rows) const {
  const domain::Visitor* found = visitor(token);
  if (!found) return rows.visitors.load_absent(token);
  rows.visitors.load(token, *found);
  load_room(found->room, rows);
}

void Office::load_presence(domain::UserId user, domain::RoomId room, domain::Rows& rows) const {
  load_room(room, rows);
  const auto* token = find_row(present_, {user, room});
  rows.presence[{user, room}] = token ? *token : domain::VisitorToken{};
  if (token) load_visitor(*token, rows);
}

void Office::load_holder(domain::UserId user, domain::EventId event, const domain::Footprint& need,
                         domain::Rows& rows) const {
  load_event(event, rows);
  auto& mine = rows.held_or_paid[{user, event}];
  mine.clear();
  const auto* found = find_row(tables_.events, event);
  if (!found) return;
  load_presence(user, found->room, rows);
  if (const auto* all = find_row(reservations_of_, {user, event})) {
    for (const auto id : *all) {
      const auto& reservation = tables_.reservations.at(id);
      if (reservation.state != domain::ReservationState::held &&
          reservation.state != domain::ReservationState::paid) {
        continue;
      }
      rows.reservations.load(id, reservation);
      mine.push_back(id);
    }
  }
  if (found->policy.require_balance_at_hold.value_or(need.balance_at_hold)) {
    load_wallet(user, rows);
  }
}

void Office::load_lines(domain::ReservationId id, domain::Rows& rows) const {
  if (rows.seats_of.contains(id)) return;
  auto& seats = rows.seats_of[id];
  for (auto at = tables_.lines.lower_bound({id, {}});
       at != tables_.lines.end() && at->first.first == id; ++at) {
    rows.lines.load(at->first, at->second);
    load_row(tables_.seats, at->first.second, rows.seats);
    seats.push_back(at->first.second);
  }
}

void Office::load_reservation(domain::ReservationId id, domain::Rows& rows) const {
  if (!load_row(tables_.reservations, id, rows.reservations)) return;
  const auto& reservation = tables_.reservations.at(id);
  load_lines(id, rows);
  load_event(reservation.event, rows);
  const domain::AccountId revenue = revenue_.at(reservation.event);
  rows.revenue.load(reservation.event, revenue);
  rows.accounts.load(revenue, account_row(revenue));
  load_presence(reservation.user, tables_.events.at(reservation.event).room, rows);
  load_wallet(reservation.user, rows);
}

void Office::load_holdings(domain::UserId user, domain::FreshIdCounts& fresh,
                           domain::Rows& rows) const {
  if (rows.held_of.contains(user)) return;
  auto& held = rows.held_of[user];
  load_wallet(user, rows);
  for (const auto id : held_) {
    if (tables_.reservations.at(id).user != user) continue;
    load_reservation(id, rows);
    held.push_back(id);
    fresh.tickets += rows.seats_of.at(id).size();
    fresh.transfers += rows.seats_of.at(id).size();
  }
}

void Office::load_due(const domain::Footprint& need, domain::Rows& rows) const {
  std::vector<std::pair<domain::Timestamp, domain::ReservationId>> holds;
  for (const auto id : held_) {
    const auto& r = tables_.reservations.at(id);
    if (r.expires_at <= need.due_at) holds.emplace_back(r.expires_at, id);
  }
  for (const auto& [id, room] : tables_.rooms) {
    if (room.draw_ahead() && *room.opens_at <= need.due_at) load_room(id, rows);
  }
  std::vector<std::pair<domain::Timestamp, domain::VisitorToken>> visits;
  for (const auto& [who, token] : present_) {
    load_room(who.second, rows);
    const domain::Visitor& v = *visitor(token);
    if (!v.live_at(need.due_at)) visits.emplace_back(*v.deadline, token);
  }
  std::ranges::sort(holds);
  std::ranges::sort(visits);
  holds.resize(std::min(holds.size(), need.due_max));
  visits.resize(std::min(visits.size(), need.due_max));
  for (const auto& [at, id] : holds) {
    load_row(tables_.reservations, id, rows.reservations);
    load_lines(id, rows);
    rows.due_reservations.push_back(id);
  }
  for (const auto& [at, token] : visits) {
    load_visitor(token, rows);
    rows.due_visitors.push_back(token);
  }
}

void Office::reserve_ids(const domain::FreshIdCounts& fresh, domain::FreshIds& ids) const {
  const auto reserve = [](std::int64_t next, std::size_t count, auto& range) {
    range.next = next;
    range.end = next + static_cast<std::int64_t>(count);
  };
  reserve(next_.users, fresh.users, ids.users);
  reserve(next_.venues, fresh.venues, ids.venues);
  reserve(next_.rooms, fresh.rooms, ids.rooms);
  reserve(next_.events, fresh.events, ids.events);
  reserve(next_.performances, fresh.performances, ids.performances);
  reserve(next_.price_tiers, fresh.price_tiers, ids.price_tiers);
  reserve(next_.seats, fresh.seats, ids.seats);
  reserve(next_.reservations, fresh.reservations, ids.reservations);
  reserve(next_.tickets, fresh.tickets, ids.tickets);
  reserve(next_.transfers, fresh.transfers, ids.transfers);
  reserve(next_.accounts, fresh.accounts, ids.accounts);
}

void Office::load_first_waiting(domain::RoomId room, std::int64_t count, domain::Rows& rows) const {
  const Waiting* waiting = find_row(waiting_, room);
  if (!waiting) return;
  auto& first = rows.first_waiting[room];
  for (const auto& [place, token] : *waiting) {
    if (static_cast<std::int64_t>(first.size()) >= count) return;
    rows.visitors.load(token, *visitor(token));
    if (rows.visitors.get(token).state == domain::VisitorState::waiting) first.push_back(token);
  }
}

// ---- apply -----------------------------------------------------------------------------

void Office::apply(const domain::Rows& rows, domain::Timestamp now) {
  write(rows.users, tables_.users);
  write(rows.venues, tables_.venues);
  write(rows.rooms, tables_.rooms);
  write(rows.events, tables_.events);
  write(rows.performances, tables_.performances);
  write(rows.price_tiers, tables_.price_tiers);
  write(rows.seats, tables_.seats);
  for (const auto& entry : rows.visitors.entries()) {
    if (entry.state != domain::RowState::loaded) apply_visitor(entry.row);
  }
  for (const auto& entry : rows.reservations.entries()) {
    if (entry.state != domain::RowState::loaded) apply_reservation(entry.row, entry.state);
  }
  for (const auto& [row, state] : rows.lines.entries()) {
    if (state != domain::RowState::loaded) tables_.lines[{row.reservation, row.seat}] = row;
  }
  for (const auto& [row, state] : rows.accounts.entries()) {
    if (state != domain::RowState::loaded) apply_account(row.account);
  }
  for (const auto& user : rows.users.entries()) emails_[user.row.email] = user.row.id;
  for (const auto& ticket : rows.new_tickets) tables_.tickets[ticket.id] = ticket;
  for (const auto& transfer : rows.new_transfers) tables_.transfers[transfer.id] = transfer;
  for (const auto& [seat, place] : rows.new_seats) {
    tables_.seats[seat.id] = seat;
    tables_.places[seat.id] = place;
  }
  if (!rows.records.empty()) tables_.journal.push_back({now, rows.records});
  next_ = {rows.ids.users.next,        rows.ids.venues.next,      rows.ids.events.next,
           rows.ids.performances.next, rows.ids.price_tiers.next, rows.ids.seats.next,
           rows.ids.reservations.next, rows.ids.tickets.next,     rows.ids.transfers.next,
           rows.ids.accounts.next,     rows.ids.rooms.next};
}

void Office::apply_visitor(const domain::Visitor& row) {
  numbers_[row.token] = {row.room, row.number};
  tables_.visitors[{row.room, row.number}] = row;
  if (row.state == domain::VisitorState::waiting) {
    waiting_[row.room][{row.order_key, row.number}] = row.token;
  } else {
    waiting_[row.room].erase({row.order_key, row.number});
  }
  const auto present = present_.find({row.user, row.room});
  if (row.live()) {
    present_[{row.user, row.room}] = row.token;
  } else if (present != present_.end() && present->second == row.token) {
    present_.erase(present);
  }
}

void Office::apply_reservation(const domain::Reservation& row, domain::RowState state) {
  if (state == domain::RowState::added) {
    reservations_of_[{row.user, row.event}].push_back(row.id);
  }
  tables_.reservations[row.id] = row;
  if (row.state == domain::ReservationState::held) {
    held_.insert(row.id);
  } else {
    held_.erase(row.id);
  }
}

void Office::apply_account(const domain::Account& row) {
  tables_.accounts[row.id] = row;
  if (row.kind == domain::AccountKind::wallet) wallets_[domain::UserId{row.owner}] = row.id;
  if (row.kind == domain::AccountKind::revenue) revenue_[domain::EventId{row.owner}] = row.id;
}

}  // namespace onsale::testing

#include "tests/support/invariants.h"

#include <cstdint>
#include <map>
#include <set>

namespace onsale::testing {

namespace {

std::string name(const char* what, std::int64_t id) {
  return std::string(what) + " " + std::to_string(id) + ": ";
}

void check_rooms(const Tables& t, std::vector<std::string>& broken) {
  using domain::VisitorState;
  for (const auto& [id, room] : t.rooms) {
    std::int64_t waiting = 0;
    std::int64_t active = 0;
    std::int64_t numbers = 0;
    std::set<domain::UserId> live;
    for (const auto& [key, visitor] : t.visitors) {
      if (visitor.room != id) continue;
      waiting += visitor.state == VisitorState::waiting;
      active += visitor.state == VisitorState::active;
      if (visitor.number != ++numbers) broken.push_back(name("room", id.value) + "gap in numbers");
      if (visitor.live() && !live.insert(visitor.user).second) {
        broken.push_back(name("user", visitor.user.value) + "twice in a room");
      }
    }
    if (active != room.active_count) broken.push_back(name("room", id.value) + "active_count");
    if (waiting != room.waiting_count) broken.push_back(name("room", id.value) + "waiting_count");
    if (room.next_number != numbers + 1) broken.push_back(name("room", id.value) + "next_number");
  }
}

void check_seats(const Tables& t, std::vector<std::string>& broken) {
  using domain::ReservationState;
  using domain::SeatStatus;
  std::map<domain::SeatId, int> paid;
  for (const auto& [key, line] : t.lines) {
    const bool is_paid = t.reservations.at(line.reservation).state == ReservationState::paid;
    paid[line.seat] += is_paid;
    if (is_paid && t.seats.at(line.seat).reservation != line.reservation) {
      broken.push_back(name("seat", line.seat.value) + "paid, but not its owner's");
    }
  }
  std::map<domain::SeatId, int> tickets;
  for (const auto& [id, ticket] : t.tickets) ++tickets[ticket.seat];
  for (const auto& [id, seat] : t.seats) {
    const int sold = seat.status == SeatStatus::sold;
    if (paid[id] != sold) broken.push_back(name("seat", id.value) + "not one paid reservation");
    if (tickets[id] != sold) broken.push_back(name("seat", id.value) + "not one ticket");
    if (seat.status != SeatStatus::held && seat.status != SeatStatus::sold) continue;
    const auto owner = t.reservations.at(seat.reservation).state;
    if (owner != (sold ? ReservationState::paid : ReservationState::held)) {
      broken.push_back(name("seat", id.value) + "its reservation is over");
    }
    if (!t.lines.contains({seat.reservation, id})) {
      broken.push_back(name("seat", id.value) + "not on its reservation");
    }
  }
}

void check_money(const Tables& t, std::vector<std::string>& broken) {
  domain::Money sum;
  std::map<domain::AccountId, domain::Money> moved;
  for (const auto& [id, transfer] : t.transfers) {
    moved[transfer.debit] -= transfer.amount;
    moved[transfer.credit] += transfer.amount;
    if (moved[transfer.wallet] != transfer.wallet_balance_after) {
      broken.push_back(name("transfer", id.value) + "balance after it");
    }
  }
  for (const auto& [id, account] : t.accounts) {
    sum += account.balance;
    if (account.balance != moved[id]) broken.push_back(name("account", id.value) + "balance");
    if (account.kind == domain::AccountKind::wallet && account.balance < domain::Money{0}) {
      broken.push_back(name("account", id.value) + "negative wallet");
    }
  }
  if (sum != domain::Money{0}) broken.push_back("accounts do not add up to zero");
}

}  // namespace

std::vector<std::string> broken_invariants(const Tables& tables) {
  std::vector<std::string> broken;
  check_rooms(tables, broken);
  check_seats(tables, broken);
  check_money(tables, broken);
  return broken;
}

}  // namespace onsale::testing

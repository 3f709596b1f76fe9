#include "api/refusals.h"

#include <utility>

#include "api/problems.h"
#include "http/json.h"

namespace onsale::api {
namespace {

using http::Problem;

std::vector<std::int64_t> numbers(const std::vector<domain::SeatId>& seats) {
  std::vector<std::int64_t> ids;
  for (const domain::SeatId seat : seats) ids.push_back(seat.value);
  return ids;
}

/// `position` of someone who may not hold yet: the place in line, or null outside of it.
Problem not_admitted(engine::Engine& engine, domain::UserId user, domain::RoomId room) {
  const auto visitor = engine.visitor_of(user, room);
  const auto position =
      visitor && visitor->position ? Problem::Value(*visitor->position) : Problem::Value(nullptr);
  return Problem(problems::not_admitted).with("room_id", room.value).with("position", position);
}

Problem insufficient_funds(domain::Money balance, domain::Money required) {
  return Problem(problems::insufficient_funds)
      .with("balance", balance.minor)
      .with("required", required.minor);
}

Problem amount_mismatch(domain::Money total) {
  return http::invalid_field("amount", "must be the total, " + std::to_string(total.minor));
}

}  // namespace

Refused refusal_of(const domain::HoldOutcome& outcome, engine::Engine& engine,
                   domain::UserId user) {
  using enum domain::HoldResult;
  switch (outcome.result) {
    case event_not_found:
      return Problem(http::problems::kNotFound, "There is no such event.");
    case not_admitted:
      return api::not_admitted(engine, user, outcome.room);
    case seat_not_found:
      return Problem(http::problems::kNotFound,
                     "A seat or performance asked for is not of this event.")
          .with("seat_ids", numbers(outcome.seats));
    case sale_not_open:
      return Problem(problems::sale_not_open)
          .with("opens_at", http::format_timestamp(*outcome.opens_at));
    case sale_closed:
      return Problem(problems::sale_closed);
    case seat_limit:
      return Problem(problems::seat_limit).with("seats_max", outcome.seats_max);
    case seat_taken:
      return Problem(problems::seat_taken).with("seat_ids", numbers(outcome.seats));
    case insufficient_funds:
      return api::insufficient_funds(outcome.balance, outcome.required);
    case held:
      return std::nullopt;
  }
  std::unreachable();
}

Refused refusal_of(const domain::EnterOutcome& outcome) {
  using enum domain::EnterResult;
  switch (outcome.result) {
    case room_not_found:
      return Problem(http::problems::kNotFound, "There is no such waiting room.");
    case user_not_found:
      return unknown_user();
    case room_closed:
      return Problem(problems::room_closed);
    case not_present:  // the place was lost just now; with the next try it is a newcomer's
      return http::overloaded();
    case present:
    case entered:
      return std::nullopt;
  }
  std::unreachable();
}

Refused refusal_of(const domain::PayOutcome& outcome) {
  using enum domain::PayResult;
  switch (outcome.result) {
    case not_found:
      return Problem(http::problems::kNotFound);
    case already_paid:
      return Problem(problems::already_paid);
    case reservation_expired:
      return Problem(problems::reservation_expired)
          .with("state", std::string(to_text(outcome.reservation.state)));
    case amount_mismatch:
      return api::amount_mismatch(outcome.reservation.total);
    case insufficient_funds:
      return api::insufficient_funds(outcome.balance, outcome.reservation.total)
          .with("canceled", outcome.canceled);
    case paid:
      return std::nullopt;
  }
  std::unreachable();
}

Refused refusal_of(const domain::PayAllOutcome& outcome) {
  using enum domain::PayAllResult;
  switch (outcome.result) {
    case nothing_held:
      return Problem(http::problems::kNotFound, "Nothing is held.");
    case amount_mismatch:
      return api::amount_mismatch(outcome.total);
    case insufficient_funds:
      return api::insufficient_funds(outcome.balance, outcome.total)
          .with("canceled", outcome.canceled);
    case paid:
      return std::nullopt;
  }
  std::unreachable();
}

Refused refusal_of(const domain::ChargeOutcome& outcome, const domain::Policy& policy) {
  using enum domain::ChargeResult;
  switch (outcome.result) {
    case user_not_found:
      return unknown_user();
    case invalid_amount:
      return http::invalid_field(
          "amount", "must be from 1 to " + std::to_string(policy.wallet.charge_max.minor));
    case balance_limit:
      return Problem(problems::balance_limit).with("balance_max", domain::wallet_balance_max.minor);
    case charged:
      return std::nullopt;
  }
  std::unreachable();
}

Problem unknown_user() { return Problem(problems::user_not_found); }

}  // namespace onsale::api

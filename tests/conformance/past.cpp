#include "tests/conformance/past.h"

#include <chrono>
#include <utility>

namespace onsale::testing {

using namespace domain;
using store::Page;
using store::ReservationsWanted;

namespace {

constexpr int hall_seats = 100;
constexpr int without_limit = 1'000'000;
/// Of a user who has more than that of everything.
constexpr std::size_t page_rows = 10;

IdempotencyKey key_of(UserId fan, std::uint64_t number) {
  return {.user = fan, .route = "POST /v1/reservations", .key = std::to_string(number)};
}

/// Calls `part` with how many are next, until there were `count`.
void in_parts(int count, const std::function<void(int)>& part) {
  constexpr int part_max = hall_seats - 10;
  for (; count > 0; count -= part_max) part(std::min(count, part_max));
}

}  // namespace

Regular::Regular(Box& box) : box_(box) {
  box.open_house(hall_seats, 1, {.seats_per_user_max = without_limit});
  fan_ = box.fans[0];
  venue_ = box.run(CreateVenue{"Old hall", "Seoul", "Asia/Seoul"}).venue.id;
  box.held(fan_, {1});
  box.held(fan_, {2});
}

void Regular::come_again(int count) {
  in_parts(count, [this](int part) {
    cancel_holds(part);
    buy(part);
    charge(part);
    enter_and_leave(part);
    keep_answers(part);
  });
  box_.enter(fan_);
}

void Regular::cancel_holds(int count) {
  box_.enter(fan_);
  std::vector<Command> holds;
  for (int i = 0; i < count; ++i) holds.emplace_back(box_.hold_of(fan_, {10 + i}));
  std::vector<Command> cancels;
  for (const Outcome& outcome : box_.batch(holds)) {
    cancels.emplace_back(Cancel{std::get<HoldOutcome>(outcome).reservation.id, fan_});
  }
  box_.batch(cancels);
}

/// Of a show for which nobody can hold anything any more.
void Regular::buy(int count) {
  const auto show = box_.run(CreateEvent{.title = "Old show",
                                         .artist = "Band",
                                         .venue = venue_,
                                         .sales_open_at = opening - std::chrono::hours{1},
                                         .policy = {.seats_per_user_max = without_limit}});
  const auto night = box_.run(CreatePerformance{.event = show.event.id,
                                                .name = "Old night",
                                                .starts_at = opening + std::chrono::hours{1},
                                                .price_tiers = {{"A", {1}}}});
  box_.run(CreateSeats{night.performance.id, plan_of(count)});
  std::vector<Command> holds;
  must(box_.reader->each_seat(night.performance.id, [&](const store::SeatOnMap& row) {
    holds.emplace_back(
        Hold{.user = fan_, .event = show.event.id, .seats = {{night.performance.id, row.seat.id}}});
  }));
  box_.run(Charge{fan_, {count}});
  std::vector<Command> payments;
  for (const Outcome& outcome : box_.batch(holds)) {
    const auto& held = std::get<HoldOutcome>(outcome).reservation.id;
    payments.emplace_back(Pay{.reservation = held, .user = fan_, .amount = {}});
  }
  box_.batch(payments);
}

void Regular::charge(int count) {
  box_.batch(std::vector<Command>(static_cast<std::size_t>(count), Charge{fan_, {1}}));
}

void Regular::enter_and_leave(int count) {
  std::vector<Command> visits;
  for (int i = 0; i < count; ++i) {
    const auto visit = token(++tokens_);
    visits.emplace_back(Enter{.room = default_room, .user = fan_, .token = visit});
    visits.emplace_back(Leave{.token = visit, .by = fan_});
  }
  box_.batch(visits);
}

void Regular::keep_answers(int count) {
  must(box_.write({}, [&](Rows& rows) {
    for (int i = 0; i < count; ++i) {
      rows.new_idempotency.push_back({.key = key_of(fan_, ++keys_),
                                      .fingerprint = "print",
                                      .status = 201,
                                      .body = "{}",
                                      .created_at = box_.now});
    }
  }));
}

std::vector<Regular::Request> Regular::requests() const {
  const UserId fan = fan_;
  std::vector<Request> all{
      {"nothing", [](Box&) {}},
      {"hold and cancel",
       [fan](Box& box) {
         const auto held = box.run(box.hold_of(fan, {5}));
         box.run(Cancel{held.reservation.id, fan});
       }},
      {"a hold that another has", [fan](Box& box) { box.run(box.hold_of(fan, {1})); }},
      {"pay all, of the wrong amount",
       [fan](Box& box) { box.run(PayAll{.user = fan, .amount = Money{7}}); }},
      {"charge", [fan](Box& box) { box.run(Charge{fan, {1}}); }},
      {"enter again", [fan](Box& box) { box.enter(fan); }},
      {"a key that is new", [fan](Box& box) { box.look({.idempotency_keys = {key_of(fan, 0)}}); }},
      {"a key that was used",
       [fan](Box& box) { box.look({.idempotency_keys = {key_of(fan, 1)}}); }},
      {"tick", [](Box& box) { box.tick(); }},
      {"when to tick next", [](Box& box) { must(box.writer->next_due()); }},
      {"who is here, for the views",
       [](Box& box) { must(box.reader->each_visitor(true, [](const Visitor&) {})); }},
      {"the wallet", [fan](Box& box) { must(box.reader->wallet(fan)); }},
  };
  for (Request& request : pages()) all.push_back(std::move(request));
  return all;
}

/// The first page in both directions, and one from the middle.
std::vector<Regular::Request> Regular::pages() const {
  const UserId fan = fan_;
  std::vector<Request> all;
  for (const bool newest_first : {false, true}) {
    for (const std::int64_t after : {0, 40}) {
      const Page page{.after = after, .limit = page_rows, .newest_first = newest_first};
      const std::string which =
          std::string(newest_first ? ", newest first" : "") + ", after " + std::to_string(after);
      all.push_back({"all reservations" + which, [=](Box& box) {
                       must(box.reader->reservations_of(fan, page, ReservationsWanted::all));
                     }});
      all.push_back(
          {"reservations held or paid" + which, [=](Box& box) {
             must(box.reader->reservations_of(fan, page, ReservationsWanted::held_or_paid));
           }});
      all.push_back(
          {"tickets" + which, [=](Box& box) { must(box.reader->tickets_of(fan, page)); }});
      all.push_back({"transfers" + which,
                     [=](Box& box) { must(box.reader->transfers_of_wallet(fan, page)); }});
    }
  }
  return all;
}

}  // namespace onsale::testing

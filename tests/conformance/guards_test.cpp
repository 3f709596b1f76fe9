// The second guard: rows that no decision would make are refused by the store itself, by
// the name of the guard, and nothing of the batch stays.
#include <gmock/gmock.h>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;

class Guards : public Conformance {
 protected:
  void SetUp() override {
    box.open_house(4, 2);
    fan = box.fans[0];
    box.run(Charge{fan, {5'000}});
    hold = box.held(fan, {1});
  }

  void refuses(const std::string& guard, const Footprint& need,
               const std::function<void(Rows&)>& change) {
    const auto before = dump(*box.reader);
    const auto written = box.write(need, [&](Rows& rows) {
      rows.users.add({77}, {.id = {77}, .email = "early@x.org"});  // goes with the rest
      change(rows);
    });
    ASSERT_FALSE(written) << guard;
    EXPECT_EQ(written.error().failure, store::Failure::constraint) << written.error().message;
    EXPECT_EQ(written.error().message, guard);
    EXPECT_EQ(dump(*box.reader), before) << guard;
  }

  Reservation reservation(std::int64_t id) const {
    return {.id = {id},
            .user = fan,
            .event = box.event,
            .seat_count = 1,
            .created_at = box.now,
            .expires_at = box.now};
  }
  Transfer charge() const {
    return {.id = {90}, .debit = {1}, .credit = wallet(), .amount = {5}, .wallet = wallet()};
  }
  AccountId wallet() const { return must(box.reader->wallet(fan))->id; }
  Ticket ticket(std::int64_t id) const {
    return {
        .id = {id}, .reservation = hold, .seat = {1}, .performance = box.performance, .user = fan};
  }
  Visitor visitor(UserId user, std::int64_t number) const {
    return {.token = token(900),
            .room = default_room,
            .user = user,
            .number = number,
            .order_key = number};
  }

  UserId fan;
  ReservationId hold;
};

TEST_P(Guards, People) {
  refuses("users_email_unique", {},
          [](Rows& rows) { rows.users.add({78}, {.id = {78}, .email = "fan1@x.org"}); });
  refuses("users_email_normal", {},
          [](Rows& rows) { rows.users.add({78}, {.id = {78}, .email = "Fan9@x.org"}); });
  refuses("users_pkey", {},
          [](Rows& rows) { rows.users.add({1}, {.id = {1}, .email = "other@x.org"}); });
}

TEST_P(Guards, Catalogue) {
  refuses("events_references", {}, [](Rows& rows) {
    rows.events.add({9}, {.id = {9}, .title = "t", .venue = {9}, .room = default_room});
  });
  refuses("events_window", {.events = {box.event}},
          [&](Rows& rows) { rows.events.change(box.event).sales_close_at = from_millis(0); });
  refuses("performances_references", {},
          [](Rows& rows) { rows.performances.add({9}, {.id = {9}, .event = {9}, .name = "p"}); });
  refuses("price_tiers_name_unique", {}, [&](Rows& rows) {
    rows.price_tiers.add({9}, {.id = {9}, .performance = box.performance, .name = "A"});
  });
  refuses("price_tiers_price", {}, [&](Rows& rows) {
    rows.price_tiers.add({9},
                         {.id = {9}, .performance = box.performance, .name = "C", .price = {-1}});
  });
}

TEST_P(Guards, NewSeats) {
  const auto with = [&](const std::string& label, const std::string& guid, PriceTierId tier) {
    return [&, label, guid, tier](Rows& rows) {
      rows.new_seats.push_back({{.id = {99}, .performance = box.performance, .label = label},
                                {.guid = guid, .tier = tier}});
    };
  };
  refuses("seats_label_unique", {}, with("A-1", "new", {1}));
  refuses("seat_places_guid_unique", {}, with("new", "guid-1", {1}));
  refuses("seat_places_references", {}, with("new", "new", {99}));
}

TEST_P(Guards, ASeatHasOneOwner) {
  const auto take = [&](SeatStatus status) {
    return [&, status](Rows& rows) {
      rows.reservations.add({90}, reservation(90));
      Seat& seat = rows.seats.change({1});
      seat.status = status;
      seat.reservation = {90};
      seat.held_until.reset();
      if (status == SeatStatus::held) seat.held_until = box.now + std::chrono::hours{1};
    };
  };
  refuses("seats_one_owner", {.seats = {{1}}}, take(SeatStatus::held));
  refuses("seats_one_owner", {.seats = {{1}}}, take(SeatStatus::sold));
  box.run(Pay{hold, fan, std::nullopt});
  box.now += std::chrono::hours{1};
  refuses("seats_one_owner", {.seats = {{1}}}, take(SeatStatus::held));
}

TEST_P(Guards, ASeatIsHeldUntilATimeByAReservation) {
  refuses("seats_held_until", {.seats = {{1}}},
          [](Rows& rows) { rows.seats.change({1}).held_until.reset(); });
  refuses("seats_owner", {.seats = {{1}}}, [](Rows& rows) {
    Seat& seat = rows.seats.change({1});
    seat.status = SeatStatus::sold;
    seat.held_until.reset();
    seat.reservation = {};
  });
  refuses("seats_references", {.seats = {{2}}}, [&](Rows& rows) {
    Seat& seat = rows.seats.change({2});
    seat.status = SeatStatus::sold;
    seat.reservation = {99};
  });
}

TEST_P(Guards, Reservations) {
  refuses("reservations_references", {},
          [&](Rows& rows) { rows.reservations.add({90}, reservation(90)).user = {99}; });
  refuses("reservations_seat_count", {},
          [&](Rows& rows) { rows.reservations.add({90}, reservation(90)).seat_count = 0; });
  refuses("reservations_total", {},
          [&](Rows& rows) { rows.reservations.add({90}, reservation(90)).total = {-1}; });
  refuses("reservations_paid", {.reservations = {hold}},
          [&](Rows& rows) { rows.reservations.change(hold).state = ReservationState::paid; });
  refuses("reservations_ended", {.reservations = {hold}},
          [&](Rows& rows) { rows.reservations.change(hold).state = ReservationState::expired; });
  refuses("reservations_pkey", {},
          [&](Rows& rows) { rows.reservations.add(hold, reservation(hold.value)); });
  refuses("reservation_lines_references", {}, [&](Rows& rows) {
    rows.lines.add({hold, {99}},
                   {.reservation = hold, .seat = {99}, .performance = box.performance});
  });
  refuses("reservation_lines_pkey", {}, [&](Rows& rows) {
    rows.lines.add({hold, {1}}, {.reservation = hold, .seat = {1}, .performance = box.performance});
  });
}

TEST_P(Guards, Tickets) {
  refuses("tickets_seat_unique", {},
          [&](Rows& rows) { rows.new_tickets = {ticket(90), ticket(91)}; });
  refuses("tickets_references", {}, [&](Rows& rows) {
    rows.new_tickets = {ticket(90)};
    rows.new_tickets.back().reservation = {99};
  });
}

TEST_P(Guards, Money) {
  refuses("accounts_balance", {.wallets = {fan}}, [&](Rows& rows) {
    rows.accounts.change(rows.wallets.get(fan)).account.balance -= Money{5'001};
  });
  refuses("accounts_owner_unique", {}, [&](Rows& rows) {
    rows.accounts.add({90}, {.account = {.id = {90}, .owner = fan.value}});
  });
  refuses("accounts_references", {},
          [&](Rows& rows) { rows.accounts.add({90}, {.account = {.id = {90}, .owner = 99}}); });
  const auto broken = [&](const std::function<void(Transfer&)>& change) {
    return [&, change](Rows& rows) {
      Transfer transfer = charge();
      change(transfer);
      rows.new_transfers = {transfer};
    };
  };
  refuses("transfers_amount", {}, broken([](Transfer& t) { t.amount = {0}; }));
  refuses("transfers_sides", {}, broken([](Transfer& t) { t.debit = t.credit; }));
  refuses("transfers_wallet", {}, broken([](Transfer& t) { t.wallet = {99}; }));
  refuses("transfers_balance", {}, broken([](Transfer& t) { t.wallet_balance_after = {-1}; }));
  refuses("transfers_origin", {}, broken([](Transfer& t) { t.cause = TransferCause::refund; }));
  refuses("transfers_references", {}, broken([](Transfer& t) { t.debit = {99}; }));
}

TEST_P(Guards, Visitors) {
  refuses("visitors_live_unique", {},
          [&](Rows& rows) { rows.visitors.add(token(900), visitor(fan, 9)); });
  refuses("visitors_number_unique", {},
          [&](Rows& rows) { rows.visitors.add(token(900), visitor(box.fans[1], 1)); });
  refuses("visitors_token_unique", {}, [&](Rows& rows) {
    Visitor twin = visitor(box.fans[1], 9);
    twin.token = token(1);
    rows.visitors.add(twin.token, twin);
  });
  refuses("visitors_references", {},
          [&](Rows& rows) { rows.visitors.add(token(900), visitor({99}, 9)); });
  refuses("visitors_session", {}, [&](Rows& rows) {
    rows.visitors.add(token(900), visitor(box.fans[1], 9)).state = VisitorState::active;
  });
  refuses("visitors_order", {}, [&](Rows& rows) {
    rows.visitors.add(token(900), visitor(box.fans[1], 9)).order_key = 8;
  });
  refuses("visitors_ended", {.visitors = {token(1)}},
          [&](Rows& rows) { rows.visitors.change(token(1)).ended_at = box.now; });
  refuses("visitors_deadline", {.visitors = {token(1)}}, [&](Rows& rows) {
    Visitor& over = rows.visitors.change(token(1));
    over.state = VisitorState::left;
    over.ended_at = box.now;
  });
}

TEST_P(Guards, Rooms) {
  const auto broken = [](const std::function<void(WaitingRoom&)>& change) {
    return [change](Rows& rows) { change(rows.rooms.change(default_room)); };
  };
  const Footprint room{.rooms = {default_room}};
  refuses("waiting_rooms_counts", room, broken([](WaitingRoom& r) { r.active_count = -1; }));
  refuses("waiting_rooms_policy", room,
          broken([](WaitingRoom& r) { r.policy.active_sessions_max = -1; }));
  refuses("waiting_rooms_work", room, broken([](WaitingRoom& r) { r.policy.entry_work = -1; }));
  refuses("waiting_rooms_seed", room, broken([](WaitingRoom& r) {
            r.draw_seed = "short";
            r.drawn_at = from_millis(1);
          }));
  refuses("waiting_rooms_drawn", room, broken([](WaitingRoom& r) { r.drawn_at = from_millis(1); }));
  refuses("waiting_rooms_draw", room,
          broken([](WaitingRoom& r) { r.draw_seed = std::string(64, '5'); }));
}

TEST_P(Guards, WhatChangesMustExist) {
  refuses("reservations_exist", {}, [&](Rows& rows) {
    rows.reservations.load({99}, reservation(99));
    rows.reservations.change({99});
  });
  refuses("visitors_exist", {}, [&](Rows& rows) {
    rows.visitors.load(token(900), visitor(box.fans[1], 99));
    rows.visitors.change(token(900));
  });
}

TEST_P(Guards, Answers) {
  const IdempotencyRecord answer{.key = {fan, "r", "k"}, .fingerprint = "f", .body = "b"};
  refuses("idempotency_key_unique", {},
          [&](Rows& rows) { rows.new_idempotency = {answer, answer}; });
}

TEST_P(Guards, TheStoreGoesOnAfterARefusal) {
  refuses("users_pkey", {}, [](Rows& rows) { rows.users.add({1}, {.id = {1}}); });
  EXPECT_TRUE(box.held(box.fans[1], {2}));
}

ONSALE_ON_EVERY_STORE(Guards);

}  // namespace
}  // namespace onsale::testing

// What every part of a footprint brings, as domain/footprint.h promises.
#include <gmock/gmock.h>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Loading : public Conformance {};

TEST_P(Loading, ANewStoreHasTheDefaultRoomAndTheFundingAccount) {
  EXPECT_THAT(dump(*box.reader),
              ElementsAre("room 1 'default' - - - - - - - - open - '' - 1 0 0 0 - 0",
                          "account 1 funding 0 0"));
}

TEST_P(Loading, AbsentKeysAreMarkedAbsent) {
  const Rows rows = box.look({.users = {{9}},
                              .emails = {"nobody@x.org"},
                              .wallets = {{9}},
                              .venues = {{9}},
                              .rooms = {{9}},
                              .events = {{9}},
                              .performances = {{9}},
                              .seats = {{9}},
                              .visitors = {token(9)},
                              .visitors_in_room = {{{9}, {9}}},
                              .holders = {{{9}, {9}}},
                              .reservations = {{9}},
                              .holdings = {{9}}});
  EXPECT_FALSE(rows.user_exists.at({9}));
  EXPECT_EQ(rows.users_by_email.find("nobody@x.org"), nullptr);
  EXPECT_EQ(rows.wallets.find({9}), nullptr);
  EXPECT_EQ(rows.venues.find({9}), nullptr);
  EXPECT_EQ(rows.rooms.find({9}), nullptr);
  EXPECT_EQ(rows.events.find({9}), nullptr);
  EXPECT_EQ(rows.performances.find({9}), nullptr);
  EXPECT_EQ(rows.seats.find({9}), nullptr);
  EXPECT_EQ(rows.visitors.find(token(9)), nullptr);
  EXPECT_EQ(rows.reservations.find({9}), nullptr);
  EXPECT_TRUE(rows.presence.at({{9}, {9}}).is_nil());
  EXPECT_THAT(rows.held_or_paid.at({{9}, {9}}), IsEmpty());
  EXPECT_THAT(rows.held_of.at({9}), IsEmpty());
  EXPECT_THAT(rows.room_ids, IsEmpty());
  EXPECT_FALSE(rows.user_exists.contains({8})) << "nobody asked";
}

TEST_P(Loading, KnowsWhichUsersThereAre) {
  const UserId fan = box.add_user("fan");
  const Rows rows = box.look({.users = {fan, {99}, fan}});
  EXPECT_TRUE(rows.user_exists.at(fan));
  EXPECT_FALSE(rows.user_exists.at({99}));
  EXPECT_FALSE(rows.users.asked(fan)) << "more than was asked for";
}

TEST_P(Loading, EmailBringsItsUser) {
  const UserId fan = box.add_user("fan");
  const Rows rows = box.look({.emails = {"fan@x.org", "fan@x.org"}});
  EXPECT_EQ(rows.users_by_email.get("fan@x.org"), fan);
  EXPECT_EQ(rows.users.get(fan).name, "fan");
  EXPECT_EQ(rows.users.entries().size(), 1U);
}

TEST_P(Loading, WalletsBringTheFundingAccount) {
  const UserId fan = box.add_user("fan");
  box.run(Charge{fan, {700}});
  const Rows rows = box.look({.wallets = {fan, fan}});
  EXPECT_EQ(wallet_balance(rows, fan), Money{700});
  EXPECT_EQ(rows.accounts.get(rows.funding).account.kind, AccountKind::funding);
  EXPECT_EQ(rows.accounts.get(rows.funding).loaded_balance, Money{-700});
}

TEST_P(Loading, PerformanceBringsEventRoomAndTiers) {
  box.open_house(3, 0);
  const Rows rows = box.look({.performances = {box.performance}});
  EXPECT_EQ(rows.performances.get(box.performance).seat_count, 3);
  EXPECT_EQ(rows.events.get(box.event).title, "Show");
  EXPECT_EQ(rows.rooms.get(default_room).name, "default");
  EXPECT_THAT(rows.tiers_of.at(box.performance), ElementsAre(PriceTierId{1}, PriceTierId{2}));
  EXPECT_EQ(rows.price_tiers.get({2}).name, "B");
  EXPECT_THAT(rows.room_ids, ElementsAre(default_room));
}

TEST_P(Loading, VisitorBringsItsRoom) {
  const UserId fan = box.add_user("fan");
  const VisitorToken mine = box.enter(fan);
  const Rows rows = box.look({.visitors = {mine}});
  EXPECT_EQ(rows.visitors.get(mine).user, fan);
  EXPECT_EQ(rows.rooms.get(default_room).active_count, 1);
}

TEST_P(Loading, VisitorInRoomIsTheLiveOne) {
  const UserId fan = box.add_user("fan");
  const VisitorToken first = box.enter(fan);
  box.run(Leave{.token = first, .by = fan});
  EXPECT_TRUE(box.look({.visitors_in_room = {{fan, default_room}}})
                  .presence.at({fan, default_room})
                  .is_nil());
  const VisitorToken second = box.enter(fan);
  const Rows rows = box.look({.visitors_in_room = {{fan, default_room}}});
  EXPECT_EQ(rows.presence.at({fan, default_room}), second);
  EXPECT_EQ(rows.visitors.get(second).number, 2);
  EXPECT_EQ(rows.rooms.get(default_room).next_number, 3);
}

TEST_P(Loading, HolderBringsWhatHoldingLooksAt) {
  box.open_house(9, 2);
  const UserId fan = box.fans[0];
  const auto canceled = box.held(fan, {1});
  box.run(Cancel{canceled, fan});
  const auto mine = box.held(fan, {2, 3});
  box.held(box.fans[1], {4});
  const Rows rows = box.look({.holders = {{fan, box.event}}});
  EXPECT_THAT(rows.held_or_paid.at({fan, box.event}), ElementsAre(mine));
  EXPECT_EQ(rows.reservations.get(mine).seat_count, 2);
  EXPECT_EQ(rows.lines.entries().size(), 0U) << "headers only";
  EXPECT_EQ(rows.events.get(box.event).room, default_room);
  EXPECT_NE(active_visitor(rows, fan, default_room, box.now), nullptr);
  EXPECT_FALSE(rows.wallets.asked(fan)) << "the event does not ask for a balance";
  const Rows with_balance = box.look({.holders = {{fan, box.event}}, .balance_at_hold = true});
  EXPECT_EQ(wallet_balance(with_balance, fan), Money{0});
}

TEST_P(Loading, HolderBringsTheWalletIfTheEventAsks) {
  box.open_house(1, 1, {.require_balance_at_hold = true});
  EXPECT_TRUE(box.look({.holders = {{box.fans[0], box.event}}}).wallets.asked(box.fans[0]));
}

TEST_P(Loading, HolderOfAnEventThatNeedsNoBalanceIsSparedTheWallet) {
  box.open_house(1, 1, {.require_balance_at_hold = false});
  const Rows rows = box.look({.holders = {{box.fans[0], box.event}}, .balance_at_hold = true});
  EXPECT_FALSE(rows.wallets.asked(box.fans[0]));
}

TEST_P(Loading, ReservationBringsAllThatPayingLooksAt) {
  box.open_house(9, 1);
  const UserId fan = box.fans[0];
  const auto id = box.held(fan, {3, 1, 2});
  const Rows rows = box.look({.reservations = {id, id}});
  EXPECT_THAT(rows.seats_of.at(id), ElementsAre(SeatId{1}, SeatId{2}, SeatId{3}));
  EXPECT_EQ(rows.lines.get({id, {2}}).price, Money{1'000});
  EXPECT_EQ(rows.seats.get({2}).reservation, id);
  EXPECT_EQ(rows.seats.get({2}).label, "A-2");
  EXPECT_EQ(rows.accounts.get(rows.revenue.get(box.event)).account.kind, AccountKind::revenue);
  EXPECT_EQ(wallet_balance(rows, fan), Money{0});
  EXPECT_NE(active_visitor(rows, fan, default_room, box.now), nullptr);
  EXPECT_EQ(rows.rooms.get(default_room).active_count, 1);
}

TEST_P(Loading, AReservationMayBeAskedForInTwoWays) {
  box.open_house(9, 1);
  const auto id = box.held(box.fans[0], {1, 2});
  const Rows rows = box.look({.holders = {{box.fans[0], box.event}}, .reservations = {id}});
  EXPECT_EQ(rows.seats_of.at(id).size(), 2U);
  EXPECT_EQ(rows.reservations.entries().size(), 1U);
}

TEST_P(Loading, HoldingsBringAllThatPayingLooksAtOfEveryHold) {
  box.open_house(9, 2);
  const EventId other_show = box.event;
  const UserId fan = box.fans[0];
  const auto of_other = box.held(fan, {1, 2});
  box.open_house(9, 0);
  const auto hold_here = [&](UserId user, std::int64_t seat) {
    box.enter(user);
    const Hold hold{.user = user, .event = box.event, .seats = {{box.performance, {seat}}}};
    return box.run(hold).reservation.id;
  };
  const auto canceled = hold_here(fan, 10);
  box.run(Cancel{canceled, fan});
  hold_here(box.fans[1], 11);
  const auto of_this = hold_here(fan, 12);

  const Rows rows = box.look({.holdings = {fan, fan}, .fresh = {.tickets = 2, .transfers = 1}});
  EXPECT_THAT(rows.held_of.at(fan), ElementsAre(of_other, of_this));
  EXPECT_THAT(rows.seats_of.at(of_other), ElementsAre(SeatId{1}, SeatId{2}));
  EXPECT_EQ(rows.lines.get({of_this, {12}}).price, Money{1'000});
  EXPECT_EQ(rows.seats.get({12}).reservation, of_this);
  EXPECT_EQ(rows.events.get(other_show).room, default_room);
  EXPECT_TRUE(rows.accounts.asked(rows.revenue.get(other_show)));
  EXPECT_TRUE(rows.accounts.asked(rows.revenue.get(box.event)));
  EXPECT_EQ(wallet_balance(rows, fan), Money{0});
  EXPECT_NE(active_visitor(rows, fan, default_room, box.now), nullptr);
  EXPECT_EQ(rows.ids.tickets.end - rows.ids.tickets.next, 5) << "of its own two, and a seat each";
  EXPECT_EQ(rows.ids.transfers.end - rows.ids.transfers.next, 4);
}

TEST_P(Loading, WhoHoldsNothingHasAWalletAllTheSame) {
  const UserId fan = box.add_user("fan");
  const Rows rows = box.look({.holdings = {fan}});
  EXPECT_THAT(rows.held_of.at(fan), IsEmpty());
  EXPECT_EQ(wallet_balance(rows, fan), Money{0});
}

TEST_P(Loading, DueBringsWhatHasRunOutLongestOverdueFirst) {
  box.open_house(9, 3);
  const auto first = box.held(box.fans[0], {1});
  box.now += std::chrono::seconds{1};
  const auto second = box.held(box.fans[1], {2});
  box.now += std::chrono::seconds{1};
  box.held(box.fans[2], {3});
  const Timestamp end = box.now + std::chrono::seconds{299};
  Rows rows = box.look({.due = true, .due_at = end});
  EXPECT_THAT(rows.due_reservations, ElementsAre(first, second));
  EXPECT_EQ(rows.seats.get({2}).reservation, second);
  EXPECT_THAT(rows.seats_of.at(second), ElementsAre(SeatId{2}));
  EXPECT_THAT(rows.room_ids, ElementsAre(default_room));
  rows = box.look({.due = true, .due_at = end, .due_max = 1});
  EXPECT_THAT(rows.due_reservations, ElementsAre(first));
}

TEST_P(Loading, DueVisitorsCarryTheirRoom) {
  box.open_house(1, 2);
  const VisitorToken first = box.enter(box.fans[0]);
  box.now += std::chrono::seconds{1};
  box.enter(box.fans[1]);
  const Timestamp end = box.now + std::chrono::seconds{599};
  const Rows rows = box.look({.due = true, .due_at = end});
  EXPECT_THAT(rows.due_visitors, ElementsAre(first));
  EXPECT_EQ(rows.rooms.get(default_room).active_count, 2);
  EXPECT_EQ(must(box.writer->next_due()), end);
}

TEST_P(Loading, NothingIsDueInAnEmptyHouse) {
  const Rows rows = box.look({.due = true, .due_at = box.now});
  EXPECT_THAT(rows.room_ids, IsEmpty()) << "no room has visitors";
  EXPECT_EQ(must(box.writer->next_due()), std::nullopt);
}

ONSALE_ON_EVERY_STORE(Loading);

}  // namespace
}  // namespace onsale::testing

// The texts of states, and the ids a batch may take.
#include "domain/model.h"

#include <gtest/gtest.h>

#include "domain/rows.h"

namespace onsale::testing {
namespace {

using namespace domain;

template <class Enum>
void expect_round_trip(std::initializer_list<Enum> values) {
  for (const Enum value : values) {
    EXPECT_EQ(from_text<Enum>(to_text(value)), value) << to_text(value);
  }
  EXPECT_EQ(from_text<Enum>("nonsense"), std::nullopt);
}

TEST(Model, EveryStateHasATextThatLeadsBackToIt) {
  expect_round_trip({Role::buyer, Role::staff, Role::organiser});
  expect_round_trip(
      {SeatStatus::available, SeatStatus::held, SeatStatus::sold, SeatStatus::blocked});
  expect_round_trip({ReservationState::held, ReservationState::paid, ReservationState::refunded,
                     ReservationState::expired, ReservationState::canceled});
  expect_round_trip({TicketState::issued, TicketState::checked_in, TicketState::void_});
  expect_round_trip({AccountKind::wallet, AccountKind::funding, AccountKind::revenue});
  expect_round_trip({TransferCause::charge, TransferCause::payment, TransferCause::refund});
  expect_round_trip({VisitorState::waiting, VisitorState::active, VisitorState::completed,
                     VisitorState::expired, VisitorState::left});
  expect_round_trip({SessionEnd::payment, SessionEnd::hold});
}

TEST(Rows, AskingForARowOutsideTheFootprintIsABug) {
  Table<UserId, User> users;
  EXPECT_THROW((void)users.find({1}), BrokenInvariant);
  users.load_absent({1});
  EXPECT_EQ(users.find({1}), nullptr);
  EXPECT_THROW(users.change({1}), BrokenInvariant);
  users.add({1}, {.id = {1}});
  EXPECT_THROW(users.add({1}, {.id = {1}}), BrokenInvariant);
  EXPECT_TRUE(users.is_new({1}));
}

TEST(Rows, LoadingTwiceKeepsTheFirst) {
  Table<UserId, User> users;
  users.load({1}, {.id = {1}, .name = "first"});
  EXPECT_FALSE(users.dirty());
  users.change({1}).name = "changed";
  users.load({1}, {.id = {1}, .name = "second"});
  EXPECT_EQ(users.get({1}).name, "changed");
  EXPECT_TRUE(users.dirty());
}

TEST(Rows, NewIdsEndWhereTheFootprintEnded) {
  IdRange<SeatId> range{.next = 5, .end = 6};
  EXPECT_EQ(range.take(), SeatId{5});
  EXPECT_THROW(range.take(), BrokenInvariant);
}

}  // namespace
}  // namespace onsale::testing

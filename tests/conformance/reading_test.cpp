// The reading side of the port: pages, single rows, the journal, one moment at a time.
#include <gmock/gmock.h>

#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Reading : public Conformance {
 protected:
  static std::vector<std::int64_t> ids(const auto& rows, const auto& id_of) {
    std::vector<std::int64_t> found;
    for (const auto& row : rows) found.push_back(id_of(row).value);
    return found;
  }
  std::vector<std::int64_t> tickets(UserId user, store::Page page) {
    return ids(must(box.reader->tickets_of(user, page)),
               [](const store::TicketRow& r) { return r.ticket.id; });
  }
  std::vector<std::int64_t> reservations(
      UserId user, store::Page page,
      store::ReservationsWanted wanted = store::ReservationsWanted::all) {
    return ids(must(box.reader->reservations_of(user, page, wanted)),
               [](const store::ReservationRow& r) { return r.reservation.id; });
  }
  std::vector<std::int64_t> transfers(UserId user, store::Page page) {
    return ids(must(box.reader->transfers_of_wallet(user, page)),
               [](const Transfer& r) { return r.id; });
  }
};

TEST_P(Reading, UsersByIdAndEmail) {
  const UserId fan = box.add_user("fan");
  EXPECT_EQ(must(box.reader->user(fan))->email, "fan@x.org");
  EXPECT_EQ(must(box.reader->user_by_email("fan@x.org"))->id, fan);
  EXPECT_FALSE(must(box.reader->user({99})));
  EXPECT_FALSE(must(box.reader->user_by_email("who@x.org")));
  EXPECT_FALSE(must(box.reader->wallet({99})));
}

TEST_P(Reading, PagesGoBothWays) {
  box.open_house(9, 2);
  const UserId fan = box.fans[0];
  const UserId other = box.fans[1];
  box.run(Charge{fan, {9'000}});
  box.run(Charge{other, {9'000}});
  for (int i = 1; i <= 3; ++i) {
    box.run(Pay{box.held(fan, {i}), fan, std::nullopt});
    box.run(Pay{box.held(other, {i + 3}), other, std::nullopt});
  }
  EXPECT_THAT(tickets(fan, {}), ElementsAre(1, 3, 5));
  EXPECT_THAT(tickets(fan, {.after = 1, .limit = 1}), ElementsAre(3));
  EXPECT_THAT(tickets(fan, {.newest_first = true}), ElementsAre(5, 3, 1));
  EXPECT_THAT(tickets(fan, {.after = 5, .limit = 1, .newest_first = true}), ElementsAre(3));
  EXPECT_THAT(tickets(fan, {.after = 5}), IsEmpty());
  EXPECT_THAT(reservations(other, {.limit = 2}), ElementsAre(2, 4));
  EXPECT_THAT(reservations(other, {.limit = 2, .newest_first = true}), ElementsAre(6, 4));
  EXPECT_THAT(reservations(other, {.after = 4, .newest_first = true}), ElementsAre(2));
  EXPECT_THAT(transfers(fan, {}), ElementsAre(1, 3, 5, 7));
  EXPECT_THAT(transfers(fan, {.after = 7, .limit = 2, .newest_first = true}), ElementsAre(5, 3));
  EXPECT_THAT(transfers({99}, {}), IsEmpty());
}

TEST_P(Reading, ReservationsThatAreHeldOrPaidHavePagesOfTheirOwn) {
  box.open_house(9, 2);
  const UserId fan = box.fans[0];
  box.run(Charge{fan, {1'000}});
  box.run(Cancel{box.held(fan, {1}), fan});
  box.run(Pay{box.held(fan, {2}), fan, std::nullopt});
  box.held(box.fans[1], {3});
  box.held(fan, {4});
  box.now += std::chrono::seconds{300};
  const auto live = store::ReservationsWanted::held_or_paid;
  EXPECT_THAT(reservations(fan, {}, live), ElementsAre(2, 4)) << "4 is past its time, unwritten";
  EXPECT_THAT(reservations(fan, {.limit = 1}, live), ElementsAre(2));
  EXPECT_THAT(reservations(fan, {.after = 2}, live), ElementsAre(4));
  EXPECT_THAT(reservations(fan, {.limit = 1, .newest_first = true}, live), ElementsAre(4));
  EXPECT_THAT(reservations(fan, {.after = 4, .newest_first = true}, live), ElementsAre(2));
  box.tick();
  EXPECT_THAT(reservations(fan, {}, live), ElementsAre(2));
  EXPECT_THAT(reservations(fan, {}), ElementsAre(1, 2, 4));
}

TEST_P(Reading, ASeatWithItsPlace) {
  box.open_house(30, 1);
  EXPECT_EQ(text(*must(box.reader->seat({21}))),
            "seat 21 1 'A-21' 1000 available 0 - place 'guid-21' 'A' '2' '21' 1 10.5 1.25");
  const auto id = box.held(box.fans[0], {21});
  EXPECT_EQ(must(box.reader->seat({21}))->seat.reservation, id);
  EXPECT_FALSE(must(box.reader->seat({31})));
}

TEST_P(Reading, TextsThatPeopleWroteComeBackAsTheyWere) {
  box.open_house(9, 1);
  const UserId fan = box.fans[0];
  const std::string name = "김하늘 \"Sky\" \\ O'Hara\t\n";
  const std::string browser = "{\"deadline\":1}";
  box.run(Enter{default_room, fan, token(7), browser});
  Hold hold = box.hold_of(fan, {1});
  hold.attendee_name = name;
  const auto id = box.run(hold).reservation.id;
  box.run(Enter{default_room, fan, token(8), "another"});
  box.run(Charge{fan, {1'000}});
  box.run(Pay{id, fan, std::nullopt});
  EXPECT_EQ(must(box.reader->reservation(id))->reservation.attendee_name, name);
  EXPECT_EQ(must(box.reader->visitor(token(7)))->browser_id, browser) << "the first one's";
  EXPECT_FALSE(must(box.reader->visitor(token(8))));
  std::size_t said = 0;
  must(box.reader->each_journal_entry({}, [&](const store::JournalEntry& entry) {
    for (const Record& record : entry.records) {
      if (const auto* moved = std::get_if<ReservationMoved>(&record)) {
        EXPECT_EQ(moved->reservation.attendee_name, name);
        ++said;
      } else if (const auto* visit = std::get_if<VisitorMoved>(&record)) {
        EXPECT_EQ(visit->visitor.browser_id, browser);
        ++said;
      }
    }
  }));
  EXPECT_EQ(said, 5U) << "entered, admitted, held, paid, ended";
}

TEST_P(Reading, ATicketCarriesWhatIsPrintedOnIt) {
  box.open_house(30, 1);
  box.run(Charge{box.fans[0], {9'000}});
  box.enter(box.fans[0]);
  Hold hold = box.hold_of(box.fans[0], {21});
  hold.attendee_name = "김하늘";
  box.run(Pay{box.run(hold).reservation.id, box.fans[0], std::nullopt});
  const std::string ticket =
      "ticket 1 1 21 1 1 issued 1900000000000 'A-21' 'A' '2' '21' 1000 1 '김하늘'";
  EXPECT_EQ(text(*must(box.reader->ticket({1}))), ticket);
  EXPECT_EQ(text(must(box.reader->tickets_of(box.fans[0], {})).at(0)), ticket);
  EXPECT_FALSE(must(box.reader->ticket({2})));
}

TEST_P(Reading, AReservationCarriesItsLinesBySeat) {
  box.open_house(9, 1);
  const auto id = box.held(box.fans[0], {3, 1});
  EXPECT_EQ(text(*must(box.reader->reservation(id))),
            "reservation 1 1 1 held 2000 2 1900000000000 1900000300000 - - ''\n"
            "  line 1 1 1 1000 0 A-1\n"
            "  line 1 3 1 1000 0 A-3");
  EXPECT_FALSE(must(box.reader->reservation({9})));
}

TEST_P(Reading, VisitorsByRoomAndNumber) {
  box.policy.room.active_sessions_max = 2;
  for (int i = 0; i < 4; ++i) box.enter(box.add_user(std::to_string(i)));
  box.run(Leave{.token = token(3), .by = {3}});
  std::vector<std::int64_t> live;
  must(box.reader->each_visitor(true, [&](const Visitor& v) { live.push_back(v.number); }));
  EXPECT_THAT(live, ElementsAre(1, 2, 4));
  std::vector<std::int64_t> all;
  must(box.reader->each_visitor(false, [&](const Visitor& v) { all.push_back(v.number); }));
  EXPECT_THAT(all, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(must(box.reader->visitor(token(3)))->state, VisitorState::left);
  EXPECT_FALSE(must(box.reader->visitor(token(99))));
}

TEST_P(Reading, SeatsOfOnePerformanceOrAll) {
  box.open_house(3, 0);
  const auto second = box.run(CreatePerformance{.event = box.event,
                                                .name = "Second night",
                                                .starts_at = opening + std::chrono::hours{48},
                                                .price_tiers = {{"A", {10}}}});
  box.run(CreateSeats{second.performance.id, plan_of(2)});
  const auto seats_of = [&](PerformanceId id) {
    std::vector<std::int64_t> seats;
    must(box.reader->each_seat(
        id, [&](const store::SeatOnMap& row) { seats.push_back(row.seat.id.value); }));
    return seats;
  };
  EXPECT_THAT(seats_of(second.performance.id), ElementsAre(4, 5));
  EXPECT_THAT(seats_of({}), ElementsAre(1, 2, 3, 4, 5));
}

TEST_P(Reading, SeatsOfSomePerformancesOneAfterTheOther) {
  box.open_house(2, 0);
  std::vector<PerformanceId> nights{box.performance};
  for (int night = 2; night <= 4; ++night) {
    nights.push_back(box.run(CreatePerformance{.event = box.event,
                                               .name = "Night",
                                               .starts_at = opening + std::chrono::hours{48},
                                               .price_tiers = {{"A", {10}}}})
                         .performance.id);
  }
  box.run(CreateSeats{nights[3], plan_of(2)});  // before those of the second night
  box.run(CreateSeats{nights[1], plan_of(1)});
  const auto seats_of = [&](const std::vector<PerformanceId>& ids) {
    std::vector<std::int64_t> seats;
    must(box.reader->each_seat_of(ids, [&](const store::SeatOnMap& row) {
      EXPECT_EQ(row.place.section, "A");
      seats.push_back(row.seat.id.value);
    }));
    return seats;
  };
  EXPECT_THAT(seats_of(nights), ElementsAre(1, 2, 5, 3, 4));
  EXPECT_THAT(seats_of({nights[1], nights[2], {99}}), ElementsAre(5));
  EXPECT_THAT(seats_of({}), IsEmpty());
}

TEST_P(Reading, TheJournalIsReadFromAnyPosition) {
  EXPECT_EQ(must(box.reader->journal_end()), JournalId{});
  box.add_user("one");
  box.add_user("two");
  box.add_user("three");
  std::vector<std::string> entries;
  must(box.reader->each_journal_entry(
      {1}, [&](const store::JournalEntry& entry) { entries.push_back(text(entry)); }));
  EXPECT_THAT(entries, ElementsAre("journal 2 0b000000000000000000000000000002 1900000000000 "
                                   "'[{\"record\":\"catalogue\",\"what\":\"user\",\"id\":2}]'",
                                   "journal 3 0b000000000000000000000000000003 1900000000000 "
                                   "'[{\"record\":\"catalogue\",\"what\":\"user\",\"id\":3}]'"));
}

TEST_P(Reading, ASnapshotSeesOneMoment) {
  box.add_user("before");
  const auto work = [&]() -> store::Result<void> {
    const auto first = dump(*box.reader);
    box.add_user("meanwhile");
    EXPECT_EQ(dump(*box.reader), first);
    EXPECT_FALSE(must(box.reader->user_by_email("meanwhile@x.org")));
    EXPECT_EQ(must(box.reader->journal_end()), JournalId{1});
    return {};
  };
  must(box.reader->snapshot(work));
  EXPECT_TRUE(must(box.reader->user_by_email("meanwhile@x.org"))) << "and it ends";
}

TEST_P(Reading, ASnapshotHandsOnTheErrorOfItsWork) {
  const auto failed = box.reader->snapshot(
      [] { return std::unexpected(store::Error{store::Failure::damaged, "found"}); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "found");
  EXPECT_TRUE(box.reader->journal_end());
}

TEST_P(Reading, ASinkMayUseTheStore) {
  box.add_user("one");
  box.add_user("two");
  int seen = 0;
  must(box.reader->each_user([&](const User& user) {
    EXPECT_TRUE(must(box.reader->wallet(user.id)));
    box.run(Charge{user.id, {1}});
    ++seen;
  }));
  EXPECT_EQ(seen, 2);
}

ONSALE_ON_EVERY_STORE(Reading);

}  // namespace
}  // namespace onsale::testing

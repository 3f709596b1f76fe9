// The journal's text: every kind of record comes back as it went in.
#include "store/journal_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/conformance/backend.h"

namespace onsale::store {
namespace {

using namespace domain;
using ::testing::HasSubstr;

std::string written(const std::vector<Record>& records) {
  std::string text;
  write_records(records, text);
  return text;
}

/// Every field takes part in the text, so equal texts mean equal records.
void comes_back(const std::vector<Record>& records) {
  const std::string text = written(records);
  const auto read = read_records(text);
  ASSERT_TRUE(read) << text;
  EXPECT_EQ(read->size(), records.size());
  EXPECT_EQ(written(*read), text);
}

constexpr Timestamp at(std::int64_t ms) { return from_millis(1'900'000'000'000 + ms); }

Visitor visitor() {
  return {.token = testing::token(0x1234567890abcdef),
          .room = {1},
          .user = {2},
          .number = 3,
          .order_key = 3,
          .state = VisitorState::active,
          .issued_at = at(4),
          .activated_at = at(5),
          .expires_at = at(6),
          .ended_at = at(7),
          .claimed = true,
          .deadline = at(8),
          .browser_id = "Fox"};
}

WaitingRoom room() {
  return {.id = {1},
          .name = "Arena",
          .policy = {.active_sessions_max = 2,
                     .admission_rate_per_minute = 3,
                     .session_duration = Duration{4},
                     .claim_timeout = Duration{5},
                     .idle_timeout = Duration{6},
                     .entry_work = 7,
                     .session_ends_on = SessionEnd::hold,
                     .order = RoomOrder::lottery},
          .state = RoomState::paused,
          .opens_at = at(7),
          .draw_seed = std::string(64, 'a'),
          .drawn_at = at(8),
          .silence_from = at(13),
          .next_number = 9,
          .waiting_count = 10,
          .active_count = 11,
          .next_admission_us = 12};
}

Reservation reservation() {
  return {.id = {1},
          .user = {2},
          .event = {3},
          .state = ReservationState::paid,
          .total = {4'000},
          .seat_count = 2,
          .created_at = at(5),
          .expires_at = at(6),
          .paid_at = at(7),
          .ended_at = at(8),
          .attendee_name = "김하늘"};
}

TEST(JournalCodec, WritesReadableJson) {
  EXPECT_EQ(written({}), "[]");
  EXPECT_EQ(written({VisitorMoved{VisitorStep::admitted, visitor()}}),
            R"([{"record":"visitor","step":"admitted","token":"0a000000000000001234567890abcdef",)"
            R"("room":1,"user":2,"number":3,"state":"active","issued_at":1900000000004,)"
            R"("activated_at":1900000000005,"expires_at":1900000000006,)"
            R"("ended_at":1900000000007,"claimed":1,"deadline":1900000000008,)"
            R"("browser_id":"Fox"}])");
  EXPECT_EQ(
      written({ReservationMoved{ReservationStep::held, reservation(), {{{1}, {7}}, {{1}, {8}}}}}),
      R"([{"record":"reservation","step":"held","id":1,"user":2,"event":3,"state":"paid",)"
      R"("total":4000,"seat_count":2,"created_at":1900000000005,)"
      R"("expires_at":1900000000006,"paid_at":1900000000007,"ended_at":1900000000008,)"
      R"("attendee_name":"김하늘","seats":[[1,7],[1,8]]}])");
}

TEST(JournalCodec, EveryKindOfRecordComesBack) {
  for (const auto step : {VisitorStep::entered, VisitorStep::admitted, VisitorStep::heard,
                          VisitorStep::excused, VisitorStep::ended}) {
    comes_back({VisitorMoved{step, visitor()}, VisitorMoved{step, Visitor{}}});
  }
  for (const auto step : {RoomStep::changed, RoomStep::drawn, RoomStep::resumed}) {
    comes_back({RoomMoved{step, room(), {7}}, RoomMoved{step, WaitingRoom{.id = {2}}}});
  }
  for (const auto step : {ReservationStep::held, ReservationStep::paid, ReservationStep::canceled,
                          ReservationStep::expired}) {
    comes_back({ReservationMoved{step, reservation(), {{{1}, {2}}}},
                ReservationMoved{step, Reservation{}, {}}});
  }
  for (const auto cause : {TransferCause::charge, TransferCause::payment, TransferCause::refund}) {
    comes_back({MoneyMoved{{.id = {1},
                            .debit = {2},
                            .credit = {3},
                            .amount = {std::numeric_limits<std::int64_t>::max()},
                            .cause = cause,
                            .wallet = {2},
                            .wallet_balance_after = {std::numeric_limits<std::int64_t>::min()},
                            .reservation = {5},
                            .seat = {6},
                            .created_at = at(7)}}});
  }
  comes_back({PolicyDeclared{}, PolicyDeclared{{.room = {.active_sessions_max = 1,
                                                         .admission_rate_per_minute = 2,
                                                         .session_duration = Duration{3},
                                                         .claim_timeout = Duration{4},
                                                         .idle_timeout = Duration{5},
                                                         .entry_work = 6,
                                                         .session_ends_on = SessionEnd::hold,
                                                         .order = RoomOrder::lottery},
                                                .sales = {.hold_duration = Duration{7},
                                                          .seats_per_user_max = 8,
                                                          .require_balance_at_hold = true},
                                                .wallet = {.charge_max = {9}}}}});
  using What = CatalogueChanged::What;
  for (const auto what :
       {What::user, What::venue, What::room, What::event, What::performance, What::seats}) {
    comes_back({CatalogueChanged{what, 12}});
  }
}

// A server of the program before this one, on the same database while this one is rolled out.
TEST(JournalCodec, APolicyIsNewsOfNobodyToOlderServers) {
  EXPECT_THAT(written({PolicyDeclared{}}),
              ::testing::StartsWith(R"([{"record":"catalogue","what":"user",)"));
}

TEST(JournalCodec, FieldsComeBackInTheirPlaces) {
  const auto read = read_records(written({VisitorMoved{VisitorStep::ended, visitor()}}));
  ASSERT_TRUE(read);
  const auto& moved = std::get<VisitorMoved>(read->front());
  EXPECT_EQ(moved.step, VisitorStep::ended);
  EXPECT_EQ(moved.visitor.token, visitor().token);
  EXPECT_EQ(moved.visitor.deadline, at(8));
  EXPECT_TRUE(moved.visitor.claimed);
}

TEST(JournalCodec, ARoomComesBackWhole) {
  const auto read = read_records(written({RoomMoved{RoomStep::drawn, room(), {7}}}));
  ASSERT_TRUE(read);
  const auto& moved = std::get<RoomMoved>(read->front());
  EXPECT_EQ(moved.step, RoomStep::drawn);
  EXPECT_EQ(moved.by, UserId{7});
  EXPECT_EQ(moved.room, room());
}

TEST(JournalCodec, ANodeOfAnOlderProgramFollowsWhatItDoesNotKnow) {
  EXPECT_THAT(written({VisitorMoved{VisitorStep::excused, visitor()}}),
              HasSubstr(R"("step":"heard")"));
  EXPECT_THAT(written({RoomMoved{RoomStep::resumed, room()}}), HasSubstr(R"("step":"changed")"));
}

TEST(JournalCodec, TheSeedOfADrawAheadIsLeftOut) {
  WaitingRoom ahead = room();
  ahead.drawn_at.reset();
  const std::string text = written({RoomMoved{RoomStep::changed, ahead, {7}}});
  EXPECT_EQ(text.find(ahead.draw_seed), std::string::npos) << text;
  Record record = RoomMoved{RoomStep::changed, ahead, {7}};
  withhold_secrets(record);
  EXPECT_EQ(std::get<RoomMoved>(record).room.draw_seed, "");
  EXPECT_EQ(written({record}), text);
  record = RoomMoved{RoomStep::drawn, room()};
  withhold_secrets(record);
  EXPECT_EQ(std::get<RoomMoved>(record).room, room()) << "no secret any more";
}

TEST(JournalCodec, APlaceThatWasDrawnAndWhoRevokedAVisitComeBack) {
  Visitor drawn = visitor();
  drawn.order_key = std::numeric_limits<std::int64_t>::min() / 2;
  const auto read = read_records(written({VisitorMoved{VisitorStep::ended, drawn, {9}}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<VisitorMoved>(read->front()).visitor.order_key, drawn.order_key);
  EXPECT_EQ(std::get<VisitorMoved>(read->front()).by, UserId{9});
}

TEST(JournalCodec, WhateverTextSomebodyWroteComesBackAsItWas) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  for (const std::string& name : {std::string("김하늘"), std::string(R"("}],\u0000 \")"),
                                  std::string("a\0b\n", 4), every_byte}) {
    Reservation named = reservation();
    named.attendee_name = name;
    Visitor with = visitor();
    with.browser_id = name;
    const auto read = read_records(written({ReservationMoved{ReservationStep::held, named, {}},
                                            VisitorMoved{VisitorStep::entered, with}}));
    ASSERT_TRUE(read) << name;
    EXPECT_EQ(std::get<ReservationMoved>(read->front()).reservation.attendee_name, name);
    EXPECT_EQ(std::get<VisitorMoved>(read->back()).visitor.browser_id, name);
  }
}

TEST(JournalCodec, EntriesFromBeforeNamesBrowsersAndLotteriesAreStillRead) {
  const auto read = read_records(
      R"([{"record":"visitor","step":"entered","token":"0a000000000000001234567890abcdef",)"
      R"("room":1,"user":2,"number":3,"state":"waiting","issued_at":1900000000004,"claimed":0},)"
      R"({"record":"reservation","step":"held","id":1,"user":2,"event":3,"state":"held",)"
      R"("total":4000,"seat_count":1,"created_at":1900000000005,"expires_at":1900000000006,)"
      R"("seats":[[1,7]]}])");
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<VisitorMoved>(read->front()).visitor.browser_id, "");
  EXPECT_EQ(std::get<VisitorMoved>(read->front()).visitor.order_key, 3) << "its number";
  EXPECT_EQ(std::get<ReservationMoved>(read->back()).reservation.attendee_name, "");
  EXPECT_EQ(std::get<ReservationMoved>(read->back()).reservation.total, Money{4'000});
}

TEST(JournalCodec, RefusesWhatItDidNotWrite) {
  for (const char* text : {"", "{}", "[1]", "[{}]", R"([{"record":"unheard of"}])",
                           R"([{"record":"catalogue","what":"user"}])",
                           R"([{"record":"room","step":"changed","id":1,"name":"Arena"}])",
                           R"([{"record":"catalogue","what":"dog","id":1}])",
                           R"([{"record":"catalogue","what":"user","id":"1"}])",
                           R"([{"record":"reservation","step":"held","id":1,"seats":[[1]]}])"}) {
    EXPECT_FALSE(read_records(text)) << text;
  }
}

}  // namespace
}  // namespace onsale::store

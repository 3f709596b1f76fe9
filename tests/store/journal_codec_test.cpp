// The journal's text: every kind of record comes back as it went in.
#include "store/journal_codec.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/conformance/backend.h"

namespace onsale::store {
namespace {

using namespace domain;

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
          .state = VisitorState::active,
          .issued_at = at(4),
          .activated_at = at(5),
          .expires_at = at(6),
          .ended_at = at(7),
          .claimed = true,
          .deadline = at(8)};
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
          .ended_at = at(8)};
}

TEST(JournalCodec, WritesReadableJson) {
  EXPECT_EQ(written({}), "[]");
  EXPECT_EQ(written({VisitorMoved{VisitorStep::admitted, visitor()}}),
            R"([{"record":"visitor","step":"admitted","token":"0a000000000000001234567890abcdef",)"
            R"("room":1,"user":2,"number":3,"state":"active","issued_at":1900000000004,)"
            R"("activated_at":1900000000005,"expires_at":1900000000006,)"
            R"("ended_at":1900000000007,"claimed":1,"deadline":1900000000008}])");
  EXPECT_EQ(
      written({ReservationMoved{ReservationStep::held, reservation(), {{{1}, {7}}, {{1}, {8}}}}}),
      R"([{"record":"reservation","step":"held","id":1,"user":2,"event":3,"state":"paid",)"
      R"("total":4000,"seat_count":2,"created_at":1900000000005,)"
      R"("expires_at":1900000000006,"paid_at":1900000000007,"ended_at":1900000000008,)"
      R"("seats":[[1,7],[1,8]]}])");
}

TEST(JournalCodec, EveryKindOfRecordComesBack) {
  for (const auto step :
       {VisitorStep::entered, VisitorStep::admitted, VisitorStep::heard, VisitorStep::ended}) {
    comes_back({VisitorMoved{step, visitor()}, VisitorMoved{step, Visitor{}}});
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
  using What = CatalogueChanged::What;
  for (const auto what :
       {What::user, What::venue, What::room, What::event, What::performance, What::seats}) {
    comes_back({CatalogueChanged{what, 12}});
  }
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

TEST(JournalCodec, RefusesWhatItDidNotWrite) {
  for (const char* text : {"", "{}", "[1]", "[{}]", R"([{"record":"unheard of"}])",
                           R"([{"record":"catalogue","what":"user"}])",
                           R"([{"record":"catalogue","what":"dog","id":1}])",
                           R"([{"record":"catalogue","what":"user","id":"1"}])",
                           R"([{"record":"reservation","step":"held","id":1,"seats":[[1]]}])"}) {
    EXPECT_FALSE(read_records(text)) << text;
  }
}

}  // namespace
}  // namespace onsale::store

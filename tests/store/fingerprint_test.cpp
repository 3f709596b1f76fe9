// A fingerprint tells two box offices apart, whatever it is that differs.
#include "store/fingerprint.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/table_reader.h"

namespace onsale::testing {
namespace {

using namespace domain;

Tables an_office() {
  Tables tables;
  tables.users[{1}] = {.id = {1}, .email = "a@example.org", .name = "A"};
  tables.rooms[{1}] = {.id = {1}, .name = "default"};
  tables.seats[{7}] = {.id = {7}, .performance = {1}, .label = "A-7", .price = {100}};
  tables.places[{7}] = {.guid = "7", .x = 1.5};
  tables.transfers[{3}] = {.id = {3}, .debit = {1}, .credit = {2}, .amount = {50}};
  tables.journal.push_back({Timestamp{}, {}});
  return tables;
}

store::Fingerprint fingerprint_of(Tables tables) {
  TableReader reader(std::move(tables));
  return *store::fingerprint(reader);
}

TEST(Fingerprint, IsTheSameForTheSame) {
  EXPECT_EQ(fingerprint_of(an_office()), fingerprint_of(an_office()));
  EXPECT_EQ(fingerprint_of(an_office()).rows, 5);
  EXPECT_EQ(fingerprint_of(an_office()).hash.size(), 64U);
}

TEST(Fingerprint, DiffersWhateverDiffers) {
  const std::vector<std::function<void(Tables&)>> changes{
      [](Tables& t) { t.users[{1}].name = "B"; },
      [](Tables& t) { t.users[{1}].email = "a@example.or", t.users[{1}].name = "gA"; },
      [](Tables& t) { t.rooms[{1}].policy.active_sessions_max = 0; },
      [](Tables& t) { t.rooms[{1}].policy.session_ends_on = SessionEnd::payment; },
      [](Tables& t) { t.seats[{7}].held_until = Timestamp{}; },
      [](Tables& t) { t.places[{7}].x = 1.25; },
      [](Tables& t) { t.transfers[{3}].amount = {51}; },
      [](Tables& t) { t.transfers[{4}] = t.transfers[{3}]; },
      [](Tables& t) { t.journal.front().at += Duration{1}; },
      [](Tables& t) { t.journal.clear(); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Tables tables = an_office();
    changes[i](tables);
    EXPECT_NE(fingerprint_of(std::move(tables)).hash, fingerprint_of(an_office()).hash) << i;
  }
}

}  // namespace
}  // namespace onsale::testing

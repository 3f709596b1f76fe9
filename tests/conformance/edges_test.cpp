// Values at the edge of what is allowed, through real commands: every store takes what the rules
// allow and gives it back bit by bit, and what they do not allow never reaches one.
#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <limits>

#include "domain/text.h"
#include "tests/conformance/box.h"

namespace onsale::testing {
namespace {

using namespace domain;
using namespace std::string_literals;

/// Cannot be made smaller: what an index takes of it is what it is.
std::string noise(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>('!' + (state >> 24U) % 94);
  }
  return text;
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all{
      "",
      " ",
      "  in the middle  ",
      "a\nb\tc\x7f",
      "It's \"quoted\" \\ ; -- %s {}",
      "\xc3\x89mile",                          // É
      "\xc3\xa9mile",                          // é, its small letter
      "E\xcc\x81mile",                         // E and the accent on its own
      "\xc4\xb0stanbul \xc4\xb1",              // İ and ı
      "stra\xc3\x9f\x65 \xe1\xba\x9e",         // ß and its capital
      "\xe2\x84\xaa",                          // the sign of kelvin, whose small letter is k
      "\xce\xa3\xcf\x83\xcf\x82",              // Σσς
      "\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba",      // another alphabet
      "\xf0\x9d\x84\x9e \xf0\x9f\x8e\xab",     // beyond the first plane
      "\xef\xbb\xbf\xe2\x80\x8b\xe2\x80\xae",  // not to be seen
      "\xef\xbf\xbf \xf4\x8f\xbf\xbf",         // the last ones
      noise(text_bytes_max),
  };
  return all;
}

const std::vector<std::string>& no_texts() {
  static const std::vector<std::string> all{
      "a\0b"s,
      "\0"s,  // NUL
      "\xff",
      "\x80",  // no beginning
      "\xc3",
      "\xe2\x82",  // no end
      "\xc0\x80",
      "\xe0\x80\x80",  // longer than it must be
      "\xed\xa0\x80",
      "\xf4\x90\x80\x80",  // a surrogate, and beyond the last
      "\xc9mile",          // another encoding
      noise(text_bytes_max + 1),
  };
  return all;
}

class Edges : public Conformance {
 protected:
  enum class Fate { accepted, refused, no_command };

  template <class Command>
  Fate fate(const Command& command) {
    try {
      return box.run(command).executed() ? Fate::accepted : Fate::refused;
    } catch (const BrokenInvariant&) {
      box.writer->abandon();
      return Fate::no_command;
    }
  }
  /// Every command that carries the text, one after the other.
  void expect_fate(const std::string& text, Fate wanted) {
    EXPECT_EQ(fate(CreateUser{unique() + "@x.org", text, "hash"}), wanted) << text;
    EXPECT_EQ(fate(CreateVenue{text, "Seoul", "Asia/Seoul"}), wanted) << text;
    EXPECT_EQ(fate(CreateVenue{"Hall", text, "Asia/Seoul"}), wanted) << text;
    EXPECT_EQ(fate(CreateVenue{"Hall", "Seoul", text}), wanted) << text;
    EXPECT_EQ(fate(CreateEvent{.title = text, .venue = {1}}), wanted) << text;
    EXPECT_EQ(fate(CreateEvent{.artist = text, .venue = {1}}), wanted) << text;
    EXPECT_EQ(fate(CreatePerformance{.event = box.event, .name = text}), wanted) << text;
    EXPECT_EQ(fate(CreatePerformance{.event = box.event, .price_tiers = {{text, {1}}}}), wanted)
        << text;
    EXPECT_EQ(fate(CreateRoom{.name = text}), wanted) << text;
  }
  Fate held_for(const std::string& attendee, UserId user, int seat) {
    Hold hold = box.hold_of(user, {seat});
    hold.attendee_name = attendee;
    return fate(hold);
  }
  std::string unique() { return "n" + std::to_string(++names_); }

 private:
  int names_ = 0;
};

TEST_P(Edges, ATextIsKeptWordForWord) {
  const int people = static_cast<int>(texts().size());
  box.open_house(people, people);
  std::vector<std::string> users;
  std::vector<std::string> tiers;
  for (int at = 0; at < people; ++at) {
    const std::string& text = texts()[static_cast<std::size_t>(at)];
    ASSERT_TRUE(is_text(text));
    expect_fate(text, Fate::accepted);
    const UserId user = box.fans[static_cast<std::size_t>(at)];
    const VisitorToken token = batch_id(static_cast<std::uint64_t>(1000 + at));
    EXPECT_EQ(fate(Enter{.room = default_room, .user = user, .token = token, .browser_id = text}),
              Fate::accepted);
    EXPECT_EQ(must(box.reader->visitor(token))->browser_id, text);
    EXPECT_EQ(held_for(text, user, at + 1), Fate::accepted);
    const auto mine = must(box.reader->reservations_of(user, {}));
    EXPECT_EQ(mine.at(0).reservation.attendee_name, text);
  }
  const std::vector<std::string>& all = texts();
  must(box.reader->each_user([&](const User& user) {
    if (user.id.value > people) users.push_back(user.name);
  }));
  EXPECT_EQ(users, all);
  must(box.reader->each_price_tier([&](const PriceTier& tier) {
    if (tier.performance != box.performance) tiers.push_back(tier.name);
  }));
  EXPECT_EQ(tiers, all);
}

TEST_P(Edges, WhatIsNoTextReachesNoStore) {
  box.open_house(2, 1);
  box.enter(box.fans[0]);
  for (const std::string& text : no_texts()) {
    ASSERT_FALSE(is_text(text));
    expect_fate(text, Fate::no_command);
    EXPECT_EQ(fate(CreateUser{text, "Name", "hash"}), Fate::no_command);
    EXPECT_EQ(fate(ChangeUser{.email = text, .role = Role::staff}), Fate::refused);
    EXPECT_EQ(held_for(text, box.fans[0], 1), Fate::no_command);
    auto plan = std::make_shared<SeatingPlan>(*plan_of(1));
    plan->seats[0].row = text;
    EXPECT_FALSE(validate(*plan));
  }
}

// Capital letters are those of ASCII, whatever the locale of a database takes for one.
TEST_P(Edges, AddressesAreTheSameIfTheirAsciiLettersAre) {
  for (const std::string& text : texts()) {
    const std::string address = text.substr(0, text_bytes_max - 6) + "@x.org";
    const auto made = box.run(CreateUser{address, "Name", "hash"});
    ASSERT_TRUE(made.executed()) << address;
    EXPECT_EQ(must(box.reader->user_by_email(normal_email(address)))->id, made.user.id) << address;
    std::string loud = address;
    for (char& c : loud) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    EXPECT_EQ(fate(CreateUser{loud, "Other", "hash"}), Fate::refused) << loud;
    EXPECT_EQ(box.run(ChangeUser{.email = loud, .role = Role::staff}).user.id, made.user.id);
  }
}

// What looks alike is not the same, whatever rules of comparison a database has.
TEST_P(Edges, NamesAreTheSameIfTheirBytesAre) {
  box.open_house(1, 1);
  const std::vector<std::string> alike{
      "a", "A", "a ", " a", "\xc3\xa1", "a\xcc\x81", "\xef\xbd\x81", "\xc2\xaa", "\xd0\xb0"};
  CreatePerformance command{.event = box.event, .name = "Second night", .starts_at = opening};
  auto plan = std::make_shared<SeatingPlan>(*plan_of(0));
  plan->categories.clear();
  for (const std::string& name : alike) {
    command.price_tiers.push_back({name, {1}});
    plan->categories.push_back({name, ""});
    plan->seats.push_back({.guid = name, .label = name, .number = name, .category = name});
  }
  const PerformanceId performance = box.run(command).performance.id;
  ASSERT_TRUE(validate(*plan));
  EXPECT_EQ(fate(CreateSeats{performance, plan}), Fate::accepted);
  std::vector<std::string> labels;
  must(box.reader->each_seat(performance, [&](const store::SeatOnMap& seat) {
    labels.push_back(seat.seat.label);
    EXPECT_EQ(seat.place.guid, seat.seat.label);
  }));
  EXPECT_EQ(labels, alike);
  command.price_tiers.push_back(command.price_tiers.front());
  EXPECT_EQ(fate(command), Fate::refused);
}

TEST_P(Edges, PlacesAreKeptBitByBit) {
  const std::vector<double> places{0.0,     -0.0,
                                   0.1,     1.0,
                                   -1e6,    1e6,
                                   1e-300,  std::numeric_limits<double>::denorm_min(),
                                   1.0 / 3, std::nextafter(1.0, 2.0)};
  box.open_house(1, 1);
  const PerformanceId performance = box.run(CreatePerformance{.event = box.event,
                                                              .name = "Second night",
                                                              .starts_at = opening,
                                                              .price_tiers = {{"A", {1}}}})
                                        .performance.id;
  auto plan = std::make_shared<SeatingPlan>(*plan_of(static_cast<int>(places.size())));
  for (std::size_t at = 0; at < places.size(); ++at) {
    plan->seats[at].x = places[at];
    plan->seats[at].y = -places[at];
  }
  ASSERT_TRUE(validate(*plan));
  ASSERT_EQ(fate(CreateSeats{performance, plan}), Fate::accepted);
  std::size_t at = 0;
  const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value + 0.0); };
  must(box.reader->each_seat(performance, [&](const store::SeatOnMap& seat) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(seat.place.x), bits(places[at])) << places[at];
    EXPECT_EQ(std::bit_cast<std::uint64_t>(seat.place.y), bits(-places[at])) << places[at];
    ++at;
  }));
}

TEST_P(Edges, Money) {
  box.open_house(1, 1);
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  box.policy.wallet.charge_max = {most};
  const std::int64_t full = wallet_balance_max.minor;
  for (const std::int64_t amount : {least, std::int64_t{-1}, std::int64_t{0}, full + 1}) {
    EXPECT_EQ(fate(Charge{box.fans[0], {amount}}), Fate::refused) << amount;
  }
  for (const std::int64_t amount : {std::int64_t{1}, full - 1}) {
    EXPECT_EQ(fate(Charge{box.fans[0], {amount}}), Fate::accepted) << amount;
  }
  EXPECT_EQ(fate(Charge{box.fans[0], {1}}), Fate::refused);
  EXPECT_EQ(must(box.reader->wallet(box.fans[0]))->balance.minor, full);
  for (const std::int64_t price : {std::int64_t{0}, full}) {
    EXPECT_EQ(fate(CreatePerformance{.event = box.event, .price_tiers = {{"A", {price}}}}),
              Fate::accepted)
        << price;
  }
}

TEST_P(Edges, Times) {
  box.open_house(1, 1);
  const std::vector<std::int64_t> times{
      std::numeric_limits<std::int64_t>::min(),  // what a store can hold
      -62'167'219'200'000,                       // the year 0, which a request can name
      -1,
      0,
      1,
      253'402'300'799'999,  // the end of the year 9999
      std::numeric_limits<std::int64_t>::max() - 1};
  for (const std::int64_t time : times) {
    const Timestamp at = from_millis(time);
    const Timestamp after = from_millis(time + 1);
    EXPECT_EQ(fate(CreateEvent{.venue = {1}, .sales_open_at = at}), Fate::accepted) << time;
    EXPECT_EQ(fate(CreateEvent{.venue = {1}, .sales_open_at = at, .sales_close_at = after}),
              Fate::accepted);
    EXPECT_EQ(fate(CreateEvent{.venue = {1}, .sales_open_at = at, .sales_close_at = at}),
              Fate::refused);
    EXPECT_EQ(fate(CreateEvent{.venue = {1}, .sales_open_at = after, .sales_close_at = at}),
              Fate::refused);
    EXPECT_EQ(
        fate(CreatePerformance{
            .event = box.event, .starts_at = at, .sales_open_at = at, .sales_close_at = after}),
        Fate::accepted);
    EXPECT_EQ(
        fate(CreatePerformance{.event = box.event, .sales_open_at = at, .sales_close_at = at}),
        Fate::refused);
    EXPECT_EQ(fate(CreateRoom{.name = "Room", .opens_at = at}), Fate::accepted);
  }
}

TEST_P(Edges, WhatARoomMaySet) {
  const std::int64_t longest = room_duration_max.count();
  struct Bounds {
    std::function<void(RoomPolicyOverrides&, std::int64_t)> set;
    std::int64_t min;
    std::int64_t max;
  };
  const std::vector<Bounds> all{
      {[](auto& p, auto v) { p.active_sessions_max = v; }, 1, room_count_max},
      {[](auto& p, auto v) { p.admission_rate_per_minute = v; }, 0, room_count_max},
      {[](auto& p, auto v) { p.session_duration = Duration{v}; }, 1, longest},
      {[](auto& p, auto v) { p.claim_timeout = Duration{v}; }, 1, longest},
      {[](auto& p, auto v) { p.idle_timeout = Duration{v}; }, 0, longest},
      {[](auto& p, auto v) { p.entry_work = v; }, 0, entry_work_max},
  };
  for (const auto& [set, min, max] : all) {
    const auto room_with = [&](std::int64_t value) {
      CreateRoom command{.name = "Room"};
      set(command.policy, value);
      return fate(command);
    };
    EXPECT_EQ(room_with(min), Fate::accepted);
    EXPECT_EQ(room_with(max), Fate::accepted);
    EXPECT_EQ(room_with(min - 1), Fate::refused);
    EXPECT_EQ(room_with(max + 1), Fate::refused);
    EXPECT_EQ(room_with(std::numeric_limits<std::int64_t>::min()), Fate::refused);
    EXPECT_EQ(room_with(std::numeric_limits<std::int64_t>::max()), Fate::refused);
  }
}

// The fastest and the slowest rate there is, and a clock at its edges: what is written down of the
// budget is what every store's guards allow.
TEST_P(Edges, TheBudgetOfARate) {
  box.open_house(1, 8);
  std::size_t next = 0;
  for (const std::int64_t rate : {std::int64_t{1}, room_count_max}) {
    for (const Timestamp now : {from_millis(1), from_millis(253'402'300'799'000)}) {
      box.now = now;
      const RoomId room =
          box.run(CreateRoom{.name = "Room", .policy = {.admission_rate_per_minute = rate}})
              .room.id;
      box.enter(box.fans[next++], room);
      box.enter(box.fans[next++], room);
      box.tick();
    }
  }
}

ONSALE_ON_EVERY_STORE(Edges);

}  // namespace
}  // namespace onsale::testing

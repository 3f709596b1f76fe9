// The published draw: what is signed, what is written, and that every change is noticed and named.
#include "api/draw_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>
#include <utility>

#include "domain/draw.h"

namespace onsale::api {
namespace {

using ::testing::HasSubstr;

const std::string seed = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const SigningKey& key() {
  static const SigningKey made(std::string(64, '7'));
  return made;
}

/// Eight came early, of whom numbers 2 and 5 had left. The order was worked out by another program.
DrawList honest() {
  DrawList list{
      .room_id = {3},
      .room_name = "Hall: \"A\"",
      .opens_at = domain::from_millis(1'700'000'000'000),
      .drawn_at = domain::from_millis(1'700'000'000'025),
      .seed_hash = "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e",
      .seed = seed,
      .numbers = {8, 7, 4, 5, 6, 3, 1, 2},
      .left = {2, 5},
  };
  sign_draw(list, key());
  return list;
}

/// What check_draw() says of the list once it was changed; empty for nothing.
std::string said(const std::function<void(DrawList&)>& change, bool sign_again = false) {
  DrawList list = honest();
  change(list);
  if (sign_again) sign_draw(list, key());
  const auto checked = check_draw(list);
  return checked ? "" : checked.error();
}

TEST(DrawList, SignsAllOfIt) {
  EXPECT_EQ(draw_text(honest()),
            "onsale-draw:1:3:1700000000000:1700000000025:"
            "a8ae6e6ee929abea3afcfc5258c8ccd6f85273e0d4626d26c7279f3250f77c8e:" +
                seed + ":8,7,4,5,6,3,1,2:2,5:Hall: \"A\"");
  EXPECT_EQ(honest().public_key, key().public_key());
}

TEST(DrawList, AnHonestOneHolds) {
  EXPECT_EQ(said([](DrawList&) {}), "");
}

TEST(DrawList, OneOfNobodyHolds) {
  EXPECT_EQ(said([](DrawList& list) { list.numbers = list.left = {}; }, /*sign_again=*/true), "");
}

TEST(DrawList, AHundredThousandHold) {
  const auto many = [](DrawList& list) {
    list.left.clear();
    list.numbers.resize(100'000);
    std::iota(list.numbers.begin(), list.numbers.end(), 1);
    list.numbers = domain::drawn_order(list.seed, list.room_id, list.numbers);
  };
  EXPECT_EQ(said(many, /*sign_again=*/true), "");
}

TEST(DrawList, AnotherSeedOrHash) {
  EXPECT_THAT(said([](DrawList& list) { list.seed.back() = '0'; }, true),
              HasSubstr("the seed is not the one of the published hash: its hash is"));
  EXPECT_THAT(said([](DrawList& list) { list.seed_hash.front() = '0'; }, true),
              HasSubstr("published was 08ae6e6e"));
}

TEST(DrawList, AnotherOrderEvenIfItIsSigned) {
  EXPECT_EQ(said([](DrawList& list) { std::swap(list.numbers[2], list.numbers[5]); }, true),
            "place 3: the list has number 3, the seed puts number 4 there");
  EXPECT_EQ(said([](DrawList& list) { list.room_id = {4}; }, true).substr(0, 7), "place 1");
}

TEST(DrawList, NumbersThatCannotBe) {
  EXPECT_EQ(said([](DrawList& list) { list.numbers[1] = 8; }, true), "numbers: 8 is there twice");
  EXPECT_EQ(said([](DrawList& list) { list.numbers[1] = 0; }, true),
            "numbers: 0 is not an arrival number");
  EXPECT_EQ(said([](DrawList& list) { list.left = {2, 2}; }, true), "left: 2 is there twice");
  EXPECT_EQ(said([](DrawList& list) { list.left = {9}; }, true),
            "left: 9 is not one of the numbers");
}

TEST(DrawList, WhateverWasChangedAfterItWasSigned) {
  const std::pair<const char*, std::function<void(DrawList&)>> changes[] = {
      {"name", [](DrawList& list) { list.room_name += "!"; }},
      {"opening", [](DrawList& list) { list.opens_at -= domain::Duration{1}; }},
      {"draw", [](DrawList& list) { list.drawn_at += domain::Duration{1}; }},
      {"the last one less",
       [](DrawList& list) { std::erase(list.numbers, std::ssize(list.numbers)); }},
      {"nobody left", [](DrawList& list) { list.left.clear(); }},
      {"signature", [](DrawList& list) { list.signature.front() ^= 1; }},
      {"no signature", [](DrawList& list) { list.signature.clear(); }},
      {"key", [](DrawList& list) { list.public_key = SigningKey(seed).public_key(); }},
      {"no key", [](DrawList& list) { list.public_key = "mine"; }},
  };
  for (const auto& [name, change] : changes) {
    EXPECT_THAT(said(change), HasSubstr("the signature is not that of the key")) << name;
  }
}

TEST(DrawList, WhatNoDrawPublishesWhoeverSignsIt) {
  EXPECT_THAT(said([](DrawList& list) { std::erase(list.numbers, 1); }),
              HasSubstr("numbers: 1 is missing"));
  EXPECT_THAT(said([](DrawList& list) { list.drawn_at = list.opens_at - domain::Duration{1}; }),
              HasSubstr("drawn before the opening"));
}

TEST(DrawListJson, ComesBackAsItWas) {
  const auto read = parse_draw_list(write_draw_list(honest()));
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_EQ(draw_text(*read), draw_text(honest()));
  EXPECT_TRUE(check_draw(*read).has_value());
}

TEST(DrawListJson, PassesOverWhatItDoesNotKnow) {
  std::string text = write_draw_list(honest());
  text.insert(1, R"("venue":"Seoul",)");
  EXPECT_TRUE(parse_draw_list(text).has_value());
}

TEST(DrawListJson, SaysWhatIsWrong) {
  const auto error = [](std::string_view text) { return parse_draw_list(text).error(); };
  EXPECT_THAT(error("{\"room_id\":"), ::testing::Not(""));
  EXPECT_THAT(error(""), ::testing::Not(""));
  EXPECT_EQ(error("[]"), "must be an object");
  EXPECT_EQ(error("{}"), "room_id is required");
  std::string text = write_draw_list(honest());
  text.replace(text.find(seed), 1, "");
  EXPECT_THAT(error(text), HasSubstr("seed must have"));
}

}  // namespace
}  // namespace onsale::api

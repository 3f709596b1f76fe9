// `onsale draw verify` as somebody runs it who has nothing but the published file.
#include "domain/draw.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "api/draw_list.h"
#include "app/command_line.h"
#include "tests/app/temporary_folder.h"

namespace onsale::app {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string seed(domain::draw_seed_length, 'd');

const api::SigningKey& key() {
  static const api::SigningKey made(std::string(64, '7'));
  return made;
}

/// Twenty came early, of whom number 3 had left.
api::DrawList honest() {
  api::DrawList list{.room_id = {2},
                     .room_name = "Main hall",
                     .opens_at = domain::from_millis(1'700'000'000'000),
                     .drawn_at = domain::from_millis(1'700'000'000'025),
                     .seed_hash = domain::seed_hash(seed),
                     .seed = seed,
                     .left = {3}};
  for (std::int64_t number = 1; number <= 20; ++number) list.numbers.push_back(number);
  list.numbers = domain::drawn_order(seed, list.room_id, list.numbers);
  sign_draw(list, key());
  return list;
}

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

class DrawVerify : public testing::Test {
 protected:
  Ended verify(std::string_view text, const std::vector<std::string>& options = {}) {
    return run(folder_.write("draw.json", text), options);
  }
  static Ended run(const std::string& file, const std::vector<std::string>& options = {}) {
    std::vector<const char*> arguments{"onsale", "draw", "verify", file.c_str()};
    for (const std::string& option : options) arguments.push_back(option.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_command_line(static_cast<int>(arguments.size()), arguments.data());
    return {code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
  }
  Ended verify(const api::DrawList& list, const std::vector<std::string>& options = {}) {
    return verify(write_draw_list(list), options);
  }
  /// Must fail with one line that says so.
  static void expect_refused(const Ended& ended, std::string_view why) {
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, AllOf(HasSubstr("draw.json: "), HasSubstr(why)));
    EXPECT_EQ(std::ranges::count(ended.err, '\n'), 1) << ended.err;
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(DrawVerify, AGoodFilePassesAndSaysWhatWasChecked) {
  const Ended ended = verify(honest());
  EXPECT_EQ(ended.code, 0) << ended.err;
  for (const char* words : {"2, Main hall", "2023-11-14T22:13:20.025Z", "1 to 20, each once",
                            "1 had left before the draw", "drawn again from the seed: the same",
                            "the draw is what the seed gives", "--public-key"}) {
    EXPECT_THAT(ended.out, HasSubstr(words));
  }
  EXPECT_THAT(ended.out, HasSubstr(domain::seed_hash(seed)));
  EXPECT_THAT(ended.out, HasSubstr("good, by " + key().public_key()));
}

TEST_F(DrawVerify, TheKeyOfTheBoxOfficeMayBeGiven) {
  std::string upper = key().public_key();
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  for (const std::string& given : {key().public_key(), upper}) {
    const Ended ended = verify(honest(), {"--public-key", given});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.out, testing::Not(HasSubstr("--public-key")));
  }
}

TEST_F(DrawVerify, AnotherKeyThanTheBoxOffices) {
  const api::SigningKey other(seed);
  api::DrawList forged = honest();
  sign_draw(forged, other);
  EXPECT_EQ(verify(forged).code, 0) << "only whoever knows the key can tell";
  expect_refused(verify(forged, {"--public-key", key().public_key()}),
                 "signed with another key: " + other.public_key());
  expect_refused(verify(honest(), {"--public-key", "me"}), "signed with another key");
}

TEST_F(DrawVerify, NobodyTookPart) {
  api::DrawList list = honest();
  list.numbers.clear();
  list.left.clear();
  sign_draw(list, key());
  const Ended ended = verify(list);
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("nobody took part"));
}

TEST_F(DrawVerify, AChangedSeed) {
  api::DrawList list = honest();
  list.seed.front() = 'e';
  sign_draw(list, key());
  expect_refused(verify(list), "the seed is not the one of the published hash");
}

TEST_F(DrawVerify, SwappedNumbers) {
  api::DrawList list = honest();
  std::swap(list.numbers[4], list.numbers[7]);
  expect_refused(verify(list), "place 5: the list has number " + std::to_string(list.numbers[4]));
}

TEST_F(DrawVerify, ARemovedNumber) {
  api::DrawList list = honest();
  std::erase(list.numbers, 11);
  // Not even who has the key may leave anybody out: early numbers are given without a gap.
  sign_draw(list, key());
  expect_refused(verify(list), "numbers: 11 is missing");
}

TEST_F(DrawVerify, AnAddedNumber) {
  api::DrawList list = honest();
  list.numbers.push_back(21);
  list.numbers = domain::drawn_order(seed, list.room_id, list.numbers);
  expect_refused(verify(list), "the signature is not that of the key");
  list.numbers.push_back(21);
  expect_refused(verify(list), "numbers: 21 is there twice");
}

TEST_F(DrawVerify, AForgedSignature) {
  api::DrawList list = honest();
  list.signature.replace(10, 4, "0000");
  expect_refused(verify(list), "the signature is not that of the key " + key().public_key());
}

TEST_F(DrawVerify, WhatIsNoDrawList) {
  const std::string text = write_draw_list(honest());
  expect_refused(verify("nonsense"), "is no draw list: ");
  expect_refused(verify(""), "is no draw list: ");
  expect_refused(verify(text.substr(0, text.size() / 2)), "is no draw list: ");
  expect_refused(verify("[1, 2, 3]"), "is no draw list: must be an object");
  expect_refused(verify(R"({"room_id": 1})"), "is no draw list: room_name is required");
  expect_refused(verify(std::string(1000, '[')), "is no draw list: ");
  expect_refused(run("nowhere/draw.json"), "");
}

TEST_F(DrawVerify, WritesNothingThatATerminalWouldObey) {
  api::DrawList list = honest();
  list.room_name = "\x1b[2Jfair";
  sign_draw(list, key());
  EXPECT_THAT(verify(list).out, HasSubstr("?[2Jfair"));
  list.public_key = "\x1b[2J";
  expect_refused(verify(list), "the key ?[2J");
}

}  // namespace
}  // namespace onsale::app

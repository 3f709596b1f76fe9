#include "http/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace onsale::http {
namespace {

using namespace std::string_literals;

TEST(Utf8, AKnownCharacterHasItsLength) {
  const std::pair<std::string, std::size_t> all[] = {{"", 0},
                                                     {"\0"s, 1},
                                                     {"az", 1},
                                                     {"\x7f", 1},
                                                     {"é!", 2},
                                                     {"추첨", 3},
                                                     {"\xED\x9F\xBF", 3},
                                                     {"🎫", 4},
                                                     {"\xF4\x8F\xBF\xBF", 4}};
  for (const auto& [text, length] : all) EXPECT_EQ(character_length(text), length) << text;
}

TEST(Utf8, WhatIsNoCharacterHasNone) {
  for (const char* text : {"\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80",
                           "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xFF"}) {
    EXPECT_EQ(character_length(text), 0) << text;
  }
}

}  // namespace
}  // namespace onsale::http

#include "api/draw_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <iterator>
#include <utility>

namespace onsale::api {
namespace {

using Checked = std::expected<void, std::string>;
using Numbers = boost::unordered_flat_set<std::int64_t>;

template <class... Args>
std::unexpected<std::string> wrong(fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(fmt::format(text, std::forward<Args>(args)...));
}

Checked check_seed(const DrawList& list) {
  const std::string hash = domain::seed_hash(list.seed);
  if (hash == list.seed_hash) return {};
  return wrong("the seed is not the one of the published hash: its hash is {}, published was {}",
               hash, list.seed_hash);
}

/// Adds `numbers` to `seen`.
Checked check_unique(const std::vector<std::int64_t>& numbers, std::string_view name,
                     Numbers& seen) {
  seen.reserve(numbers.size());
  for (const std::int64_t number : numbers) {
    if (number < 1) return wrong("{}: {} is not an arrival number", name, number);
    if (!seen.insert(number).second) return wrong("{}: {} is there twice", name, number);
  }
  return {};
}

Checked check_numbers(const DrawList& list) {
  Numbers numbers;
  Numbers left;
  if (auto checked = check_unique(list.numbers, "numbers", numbers); !checked) return checked;
  for (std::int64_t number = 1; number <= std::ssize(list.numbers); ++number) {
    if (!numbers.contains(number)) return wrong("numbers: {} is missing", number);
  }
  if (list.opens_at > list.drawn_at) return wrong("it was drawn before the opening");
  if (auto checked = check_unique(list.left, "left", left); !checked) return checked;
  for (const std::int64_t number : list.left) {
    if (!numbers.contains(number)) return wrong("left: {} is not one of the numbers", number);
  }
  return {};
}

Checked check_order(const DrawList& list) {
  const auto drawn = domain::drawn_order(list.seed, list.room_id, list.numbers);
  const auto [given, right] = std::ranges::mismatch(list.numbers, drawn);
  if (given == list.numbers.end()) return {};
  return wrong("place {}: the list has number {}, the seed puts number {} there",
               given - list.numbers.begin() + 1, *given, *right);
}

Checked check_signature(const DrawList& list) {
  if (signature_holds(list.public_key, draw_text(list), list.signature)) return {};
  return wrong(
      "the signature is not that of the key {}: something was changed, added or removed after it "
      "was signed, or somebody else signed it",
      list.public_key);
}

}  // namespace

std::string draw_text(const DrawList& list) {
  return fmt::format("onsale-draw:1:{}:{}:{}:{}:{}:{}:{}:{}", list.room_id.value,
                     domain::to_millis(list.opens_at), domain::to_millis(list.drawn_at),
                     list.seed_hash, list.seed, fmt::join(list.numbers, ","),
                     fmt::join(list.left, ","), list.room_name);
}

void sign_draw(DrawList& list, const SigningKey& key) {
  list.public_key = key.public_key();
  list.signature = key.sign(draw_text(list));
}

std::string write_draw_list(const DrawList& list) { return http::write(list); }

std::expected<DrawList, std::string> parse_draw_list(std::string_view text) {
  auto parsed = http::parse<DrawList>(text, http::Unknown::ignore);
  if (parsed) return std::move(*parsed);
  const http::ParseError& error = parsed.error();
  if (error.malformed()) return std::unexpected(error.message);
  const http::FieldError& first = error.fields.front();
  return std::unexpected(first.field.empty() ? first.message : first.field + " " + first.message);
}

Checked check_draw(const DrawList& list) {
  for (const auto check : {check_seed, check_numbers, check_order, check_signature}) {
    if (auto checked = check(list); !checked) return checked;
  }
  return {};
}

}  // namespace onsale::api

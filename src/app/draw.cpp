// `onsale draw verify`: draws a lottery again from its published list. It needs no database and
// asks no server: whoever has the file can do it.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "api/draw_list.h"
#include "app/commands.h"
#include "app/event_file.h"

namespace onsale::app {
namespace {

/// Room for some ten million numbers.
constexpr std::size_t draw_file_bytes_max = std::size_t{256} * 1024 * 1024;

struct Options {
  std::string file;
  std::string public_key;
};

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string words_of_numbers(const api::DrawList& list) {
  if (list.numbers.empty()) return "nobody took part";
  return fmt::format("1 to {}, each once; {} had left before the draw", list.numbers.size(),
                     list.left.size());
}

std::string words_of(const api::DrawList& list, bool key_was_given) {
  const auto line = [](std::string_view name, std::string_view text) {
    return fmt::format("{:>16} {}\n", name, printable(text));
  };
  std::string words = line("room", fmt::format("{}, {}", list.room_id.value, list.room_name));
  words += line("opened", http::format_timestamp(list.opens_at));
  words += line("drawn", http::format_timestamp(list.drawn_at));
  words += line("seed", list.seed);
  words += line("hash of the seed", list.seed_hash + "; is the seed's");
  words += line("numbers", words_of_numbers(list));
  words += line("order", "drawn again from the seed: the same");
  words += line("signature", "good, by " + list.public_key);
  words += "the draw is what the seed gives";
  words += "\nto be sure, compare the hash with the one that was published before the draw";
  if (!key_was_given) {
    words += ",\nand give the key of the box office, from where you trust it, with --public-key";
  }
  return words;
}

Done verify(const Options& options) {
  const auto text = read_text_file(options.file, draw_file_bytes_max);
  if (!text) return failed(text.error());
  const auto wrong = [&](std::string_view what) {
    return failed(fmt::format("{}: {}", options.file, printable(what)));
  };
  const auto list = api::parse_draw_list(*text);
  if (!list) return wrong("is no draw list: " + list.error());
  const std::string key = lower_case(options.public_key);
  if (!key.empty() && key != list->public_key) {
    return wrong(fmt::format("signed with another key: {}, not {}", list->public_key, key));
  }
  if (const auto checked = api::check_draw(*list); !checked) return wrong(checked.error());
  print(words_of(*list, !key.empty()));
  return {};
}

}  // namespace

Command add_draw(CLI::App& root) {
  auto options = std::make_shared<Options>();
  auto* draw = root.add_subcommand("draw", "Draw a waiting room's lottery again");
  draw->require_subcommand(1);
  auto* app = draw->add_subcommand(
      "verify", "Check what a draw published: seed, order and signature; exit 1 if it is not so");
  app->add_option("FILE", options->file, "What GET /v1/waiting-rooms/{id}/draw answered")
      ->required();
  app->add_option("--public-key", options->public_key, "The key it must be signed with")
      ->type_name("HEX");
  return {app, [options] { return verify(*options); }};
}

}  // namespace onsale::app

#include "rush/dialects/dialect_sale.h"

namespace onsale::rush {
namespace {

/// The one that guards all that dialects sell.
constexpr std::int64_t dialect_room = 1;

}  // namespace

asio::awaitable<std::expected<Night, std::string>> DialectSale::find() {
  const auto all = co_await nights();
  if (!all) co_return std::unexpected(all.error());
  co_return found_in(*all);
}

std::expected<Night, std::string> DialectSale::found_in(const std::vector<Night>& nights) const {
  auto night = choose(nights, wanted_);
  if (!night || night->waiting_room == dialect_room) return night;
  return std::unexpected(
      fmt::format("performance {} is sold in waiting room {}, and a dialect knows only room {}",
                  night->performance, night->waiting_room, dialect_room));
}

asio::awaitable<std::expected<void, std::string>> DialectSale::speaks(std::string path) {
  const Answer answer = co_await peek(path);
  if (answer.status == 0) co_return std::unexpected(answer.trouble);
  if (not_found(answer)) {
    co_return std::unexpected(
        fmt::format("{} answers 404: the server does not speak this dialect", path));
  }
  co_return std::expected<void, std::string>();
}

}  // namespace onsale::rush

// What the sales of all APIs share: what is asked counts, and what is answered is read.
#pragma once

#include <fmt/format.h>

#include <random>

#include "http/json.h"
#include "rush/nights.h"
#include "rush/sale.h"

namespace onsale::rush {

class AskingSale : public Sale {
 protected:
  AskingSale(Client& client, Tally& tally) : client_(client), tally_(tally) {}

  /// Before the rush: not counted. Or why it cannot be read.
  template <class T>
  asio::awaitable<std::expected<T, std::string>> read(std::string path) {
    const Answer answer = co_await peek(path);
    if (answer.status == 0) co_return std::unexpected(answer.trouble);
    if (!answer.fine()) {
      co_return std::unexpected(fmt::format("{} answers {}", path, answer.status));
    }
    auto value = onsale::http::parse<T>(answer.body, onsale::http::Unknown::ignore);
    if (!value) co_return std::unexpected(fmt::format("{} answers what is not understood", path));
    co_return *std::move(value);
  }

  /// All that the native catalogue shows, by event. Before the rush.
  asio::awaitable<std::expected<std::vector<Night>, std::string>> nights();

  /// Before the rush, as nobody in particular.
  asio::awaitable<Answer> peek(std::string path);
  /// In it. What the server cannot do just now is asked again for a while: see retry.h.
  asio::awaitable<Answer> ask(Ask what, Request request, Moment meant_at);
  /// The same, and the answer is yet to be counted.
  asio::awaitable<Answer> persist(Ask what, Request request);
  void count(Ask what, const Answer& answer, Moment meant_at);

  template <class T>
  std::expected<T, Refusal> parsed(const Answer& answer) {
    if (!answer.fine()) return std::unexpected(refusal_of(answer));
    auto value = onsale::http::parse<T>(answer.body, onsale::http::Unknown::ignore);
    if (value) return *std::move(value);
    tally_.complain(fmt::format("an answer with status {} is not understood", answer.status));
    return std::unexpected(Refusal::failed);
  }

  static std::expected<void, Refusal> done(const Answer& answer) {
    if (answer.fine()) return {};
    return std::unexpected(refusal_of(answer));
  }

  static Place place(Place::State state, std::string token, const Answer& answer) {
    Place place{.state = state, .token = std::move(token)};
    if (answer.retry_after) place.look_again = *answer.retry_after;
    return place;
  }

 private:
  static Refusal refusal_of(const Answer& answer) {
    return answer.status >= 400 && answer.status < 500 ? Refusal::no : Refusal::failed;
  }

  [[nodiscard]] std::chrono::milliseconds part_of(std::chrono::milliseconds longest);

  Client& client_;
  Tally& tally_;
  std::minstd_rand random_;
};

}  // namespace onsale::rush

// An on-sale as its buyers see it from outside, in one of the APIs that the server speaks.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rush/client.h"
#include "rush/nights.h"
#include "rush/tally.h"

namespace onsale::rush {

/// One person with an account.
struct Person {
  std::string access_token;
  std::int64_t user = 0;     ///< their number, where the API wants it; else 0
  std::uint64_t writes = 0;  ///< so far; names the next one's Idempotency-Key
};

/// Where somebody stands.
struct Place {
  enum class State : std::uint8_t { waiting, active, over };
  State state = State::over;
  std::string token;
  std::chrono::milliseconds look_again{1000};  ///< as the server advises
};

struct HeldSeats {
  std::string reservation;
  std::int64_t total = 0;
};

/// What the server said instead of what was wanted.
enum class Refusal : std::uint8_t {
  no,      ///< not now, or not this: a seat that is gone, a session that is over
  failed,  ///< 5xx or no answer, or one that could not be read; it is in the tally's complaints
};

template <class T>
using Said = asio::awaitable<std::expected<T, Refusal>>;

/// All buyers share one: it knows the event, and the seats as last seen. Each call asks once, and
/// counts in the tally from `meant_at` on; where the API has no such step it does nothing and is
/// not counted. One thread.
class Sale {
 public:
  using Moment = Tally::Clock::time_point;

  virtual ~Sale() = default;

  /// Finds what is on sale. Or why that cannot be.
  virtual asio::awaitable<std::expected<void, std::string>> open() = 0;

  virtual Said<Place> enter(Person& person, Moment meant_at) = 0;
  virtual Said<Place> look(Person& person, const Place& place, Moment meant_at) = 0;
  virtual Said<void> leave(Person& person, const Place& place, Moment meant_at) = 0;
  /// Looks which seats are free; `available()` then is as of now.
  virtual Said<void> see_seats(Person& person, const Place& place, Moment meant_at) = 0;
  /// Ids of seats of one performance, in the order of the map.
  [[nodiscard]] virtual const std::vector<std::int64_t>& available() = 0;
  virtual Said<HeldSeats> hold(Person& person, const Place& place,
                               const std::vector<std::int64_t>& seats, Moment meant_at) = 0;
  virtual Said<void> charge(Person& person, const Place& place, std::int64_t amount,
                            Moment meant_at) = 0;
  virtual Said<void> pay(Person& person, const Place& place, const HeldSeats& held,
                         Moment meant_at) = 0;
};

/// In the native API, which takes an id. What is referred to must outlive it.
[[nodiscard]] std::unique_ptr<Sale> native_sale(Client& client, Tally& tally, const Wanted& wanted);

}  // namespace onsale::rush

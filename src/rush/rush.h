// A rush: very many buyers at once, each with a mind of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "rush/arrivals.h"
#include "rush/sale.h"
#include "rush/tally.h"

namespace onsale::rush {

/// Which seats somebody wants.
enum class Taste : std::uint8_t {
  any,    ///< some that are free, anywhere
  front,  ///< the first that are free: what everybody wants
};

struct Plan {
  std::vector<Person> people;
  ArrivalCurve curve = ArrivalCurve::burst;
  std::chrono::milliseconds arrive_within{10'000};
  std::chrono::milliseconds patience{600'000};  ///< in line, at most; a person's own is up to that
  std::chrono::milliseconds think{1000};        ///< before each step, on average
  int party_max = 2;                            ///< seats that somebody wants: 1 to this many
  int tries_max = 5;                            ///< holds, when others are faster
  double pays = 1;                              ///< the share of those with seats who pay for them
  Taste taste = Taste::any;
  std::uint64_t seed = 1;
};

/// Plays it once. Arrivals do not wait for answers: each buyer comes when the plan says, whatever
/// became of the others, and what was meant to happen at a moment counts from that moment on. A
/// buyer waits for each answer before going on, as people do. One thread.
class Rush {
 public:
  /// All that is referred to must outlive it. `sale` is open.
  Rush(const Plan& plan, Sale& sale, Tally& tally);

  /// Ends when the last buyer is done. `each_second` is called at the end of each second and of
  /// the whole.
  asio::awaitable<void> play(std::function<void(const Second&)> each_second);

 private:
  struct Buyer;

  asio::awaitable<void> live(Buyer& buyer);
  asio::awaitable<Stage> story(Buyer& buyer);
  asio::awaitable<Stage> wait_in_line(Buyer& buyer);
  asio::awaitable<Stage> shop(Buyer& buyer);
  asio::awaitable<Stage> choose(Buyer& buyer);
  asio::awaitable<Stage> settle(Buyer& buyer);
  asio::awaitable<void> ponder(Buyer& buyer);
  asio::awaitable<void> until(Sale::Moment at);
  void become(Buyer& buyer, Stage stage);
  std::vector<std::int64_t> choice(Buyer& buyer, std::size_t count);

  const Plan& plan_;
  Sale& sale_;
  Tally& tally_;
  std::size_t under_way_ = 0;
  bool seats_seen_ = false;  ///< by anybody
};

}  // namespace onsale::rush

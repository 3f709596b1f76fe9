// A crowd that does anything at any time: enters, leaves, shows up, holds, pays, cancels,
// charges, out of turn and too late; and an organiser who pauses, closes and tunes the room and
// throws people out. Seeded: the same seed does the same again.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/support/office.h"

namespace onsale::testing {

class Crowd {
 public:
  /// Opens a small house with room policies drawn from the seed; sometimes with a lottery.
  Crowd(std::uint32_t seed, int fans);

  /// Some time passes and a batch of up to `most` commands comes in.
  void step(std::int64_t most);

  [[nodiscard]] const Office& office() const { return office_; }
  [[nodiscard]] domain::Timestamp now() const { return now_; }
  [[nodiscard]] bool ticked() const { return tick_; }

 private:
  struct Fan {
    domain::UserId id;
    domain::VisitorToken token{};
    domain::ReservationId latest{999'999};
  };

  std::int64_t between(std::int64_t low, std::int64_t high);
  void open_house();
  Command draw();
  /// Much of it is refused. A pause does not last long.
  Command organise(const Fan& fan);
  domain::Hold hold(const Fan& fan);
  void note(const Command& command, const Outcome& outcome);

  std::mt19937 random_;
  Office office_;
  domain::Timestamp now_{std::chrono::hours{1000}};
  bool tick_ = false;
  domain::EventId event_;
  std::vector<Fan> fans_;
};

}  // namespace onsale::testing

// Whatever a crowd and its organiser do, in whatever batches: nobody overtakes, nobody is let in
// beyond a limit or into a room that admits nobody, no slot is lost, no seat has two owners and no
// money appears from nowhere. The seed of a failure is printed; running
// with RC_PARAMS="seed=..." repeats it.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/support/crowd.h"
#include "tests/support/invariants.h"

namespace onsale::testing {
namespace {

using domain::VisitorMoved;
using domain::VisitorState;
using domain::VisitorStep;

/// Follows the journal as a reader would: who waits, and who is let in.
class Line {
 public:
  explicit Line(const Office& office)
      : policy_(office.policy.room), room_(office.tables().rooms.at(domain::default_room)) {}

  /// Takes the newest batches; says what was out of order.
  std::vector<std::string> follow(const std::vector<JournalBatch>& journal) {
    std::vector<std::string> wrong;
    moves_ = dropped_ = 0;
    for (; read_ < journal.size(); ++read_) {
      for (const auto& record : journal[read_].records) {
        if (const auto* moved = std::get_if<VisitorMoved>(&record)) {
          take(*moved, journal[read_].at, wrong);
        } else if (const auto* changed = std::get_if<domain::RoomMoved>(&record)) {
          room_ = changed->room;
          ++moves_;
        }
      }
    }
    return wrong;
  }
  /// How many steps visitors and the room made in the batches just followed.
  [[nodiscard]] std::int64_t moves() const { return moves_; }
  /// Visitors whose end was written down although they only waited.
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }
  /// Numbers in the order of admission.
  [[nodiscard]] std::vector<std::int64_t> waiting() const {
    std::vector<std::int64_t> numbers;
    for (const auto& [key, number] : waiting_) numbers.push_back(number);
    return numbers;
  }
  [[nodiscard]] bool has_positions() const { return !room_.draw_ahead(); }

 private:
  void take(const VisitorMoved& moved, domain::Timestamp at, std::vector<std::string>& wrong) {
    const std::int64_t number = moved.visitor.number;
    const std::pair place{moved.visitor.order_key, number};
    const auto say = [&](const char* what) {
      wrong.push_back("number " + std::to_string(number) + " " + what);
    };
    ++moves_;
    if (moved.step == VisitorStep::entered) {
      if (number != ++last_) say("out of turn");
      if (room_.state == domain::RoomState::closed) say("entered a closed room");
      waiting_.insert(place);
    } else if (moved.step == VisitorStep::admitted) {
      if (waiting_.empty() || *waiting_.begin() != place) say("overtook");
      if (room_.state != domain::RoomState::open) say("got into a room that admits nobody");
      if (room_.opens_at && at < *room_.opens_at) say("came in before the opening");
      if (room_.draw_ahead()) say("came in before the draw");
      if (++active_ > room_.policy.over(policy_).active_sessions_max) say("is one too many");
      waiting_.erase(place);
    } else if (moved.step == VisitorStep::ended) {
      waiting_.erase(place) == 1 ? ++dropped_ : --active_;
    }
  }

  std::size_t read_ = 0;
  std::int64_t last_ = 0;
  std::int64_t moves_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t active_ = 0;
  const domain::RoomPolicy policy_;
  domain::WaitingRoom room_;
  std::set<std::pair<std::int64_t, std::int64_t>> waiting_;
};

/// The place of everybody who waits, counted one by one.
void check_positions(const Crowd& crowd, const Line& line) {
  std::int64_t place = 0;
  for (const std::int64_t number : line.waiting()) {
    const auto& visitor = crowd.office().tables().visitors.at({domain::default_room, number});
    RC_ASSERT(visitor.state == VisitorState::waiting);
    const auto expected = line.has_positions() ? std::optional(++place) : std::nullopt;
    RC_ASSERT(crowd.office().position(visitor) == expected);
  }
}

/// Nobody is left waiting who could have been let in.
void check_no_slot_lost(const Crowd& crowd, const Line& line) {
  const auto& room = crowd.office().tables().rooms.at(domain::default_room);
  const auto could = admissible(room, crowd.now(), crowd.office().policy);
  // A place that fell to somebody idle is given in the next batch (see admit()).
  if (line.dropped() == 0) RC_ASSERT(could == 0);
}

void run_crowd(std::uint32_t seed, int fans, int batches, std::int64_t batch_max) {
  Crowd crowd(seed, fans);
  Line line(crowd.office());
  for (int i = 0; i < batches; ++i) {
    crowd.step(batch_max);
    RC_ASSERT(line.follow(crowd.office().tables().journal) == std::vector<std::string>{});
    RC_ASSERT(broken_invariants(crowd.office().tables()) == std::vector<std::string>{});
    check_positions(crowd, line);
    // Only a batch that has to do with the room looks who can be admitted.
    if (crowd.ticked() || line.moves() > 0) check_no_slot_lost(crowd, line);
  }
}

RC_GTEST_PROP(CrowdProperty, SmallCrowdsInSmallBatches, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint32_t>().as("seed");
  const auto fans = *rc::gen::inRange(1, 40).as("fans");
  const auto batch_max = *rc::gen::inRange<std::int64_t>(1, 30).as("largest batch");
  run_crowd(seed, fans, 60, batch_max);
}

RC_GTEST_PROP(CrowdProperty, ThousandsInLargeBatches, ()) {
  static int runs = 0;
  if (++runs > 5) return;  // each is long; the small crowds do the searching
  const auto seed = *rc::gen::arbitrary<std::uint32_t>().as("seed");
  run_crowd(seed, 3000, 25, 1500);
}

}  // namespace
}  // namespace onsale::testing

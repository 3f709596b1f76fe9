// Whatever a crowd does, in whatever batches: nobody overtakes, no slot is lost, no seat has
// two owners and no money appears from nowhere. The seed of a failure is printed; running
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
  /// Takes the newest batches; says what was out of order.
  std::vector<std::string> follow(const std::vector<JournalBatch>& journal) {
    std::vector<std::string> wrong;
    moves_ = dropped_ = 0;
    for (; read_ < journal.size(); ++read_) {
      for (const auto& record : journal[read_].records) {
        if (const auto* moved = std::get_if<VisitorMoved>(&record)) take(*moved, wrong);
      }
    }
    return wrong;
  }
  /// How many steps visitors made in the batches just followed.
  [[nodiscard]] std::int64_t moves() const { return moves_; }
  /// Visitors whose end was written down although they only waited.
  [[nodiscard]] std::int64_t dropped() const { return dropped_; }
  [[nodiscard]] const std::set<std::int64_t>& waiting() const { return waiting_; }

 private:
  void take(const VisitorMoved& moved, std::vector<std::string>& wrong) {
    const std::int64_t number = moved.visitor.number;
    ++moves_;
    if (moved.step == VisitorStep::entered) {
      if (number != ++last_) wrong.push_back("number " + std::to_string(number) + " out of turn");
      waiting_.insert(number);
    } else if (moved.step == VisitorStep::admitted) {
      if (waiting_.empty() || *waiting_.begin() != number) {
        wrong.push_back("number " + std::to_string(number) + " overtook");
      }
      waiting_.erase(number);
    } else if (moved.step == VisitorStep::ended) {
      dropped_ += static_cast<std::int64_t>(waiting_.erase(number));
    }
  }

  std::size_t read_ = 0;
  std::int64_t last_ = 0;
  std::int64_t moves_ = 0;
  std::int64_t dropped_ = 0;
  std::set<std::int64_t> waiting_;
};

/// The place of everybody who waits, counted one by one.
void check_positions(const Crowd& crowd, const Line& line) {
  std::int64_t place = 0;
  for (const std::int64_t number : line.waiting()) {
    const auto& visitor = crowd.office().tables().visitors.at({domain::default_room, number});
    RC_ASSERT(visitor.state == VisitorState::waiting);
    RC_ASSERT(crowd.office().position(visitor) == ++place);
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
  Line line;
  for (int i = 0; i < batches; ++i) {
    crowd.step(batch_max);
    RC_ASSERT(line.follow(crowd.office().tables().journal) == std::vector<std::string>{});
    RC_ASSERT(broken_invariants(crowd.office().tables(), crowd.office().policy.room) ==
              std::vector<std::string>{});
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

/// Times at which a room with this rate admits the crowd that waits before it, if ticks
/// come by at random, with long pauses among them.
std::vector<domain::Timestamp> admission_times(std::int64_t rate, std::uint32_t seed) {
  std::mt19937 random(seed);
  Office office;
  domain::Timestamp now{std::chrono::hours{1000}};
  auto& room = office.scene().rooms.at(domain::default_room);
  room.policy = {.active_sessions_max = 1'000'000, .admission_rate_per_minute = rate};
  std::vector<domain::Timestamp> times;
  for (int i = 0; i < 300; ++i) {
    now += domain::Duration{random() % 20 == 0 ? 100'000 : random() % 700};
    std::vector<Command> commands;
    for (auto n = random() % 4; n > 0; --n) {
      const auto user =
          office.run(domain::CreateUser{std::to_string(random()) + "@", "fan", "hash"}, now);
      if (user.executed()) {
        commands.emplace_back(
            domain::Enter{domain::default_room, user.user.id, office.new_token()});
      }
    }
    office.batch(commands, now, /*tick=*/true);
  }
  for (const auto& [key, visitor] : office.tables().visitors) {
    if (visitor.activated_at) times.push_back(*visitor.activated_at);
  }
  return times;  // by number, and so by time
}

RC_GTEST_PROP(RateProperty, NoWindowSeesMoreThanTheRateAndOneSecondsWorth, ()) {
  const auto rate =
      *rc::gen::elementOf(std::vector<std::int64_t>{1, 7, 59, 60, 61, 119, 120, 300, 1000, 100'000})
           .as("admissions per minute");
  const auto seed = *rc::gen::arbitrary<std::uint32_t>().as("seed");
  const auto times = admission_times(rate, seed);
  const std::int64_t burst = std::max<std::int64_t>(1, rate / 60);
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (std::size_t j = i; j < times.size(); ++j) {
      const auto admitted = static_cast<std::int64_t>(j - i + 1);
      const std::int64_t earned = (times[j] - times[i]).count() * rate / 60'000;
      RC_ASSERT(admitted <= burst + earned);
    }
  }
}

TEST(Rate, IsALimitAlsoWhereItDoesNotDivideAMinute) {
  for (const std::int64_t rate : {7, 59, 7'000'000, 45'000'000}) {
    Office office;
    office.scene().rooms.at(domain::default_room).policy.admission_rate_per_minute = rate;
    const domain::Timestamp now{std::chrono::hours{1000}};
    const auto user = office.run(domain::CreateUser{"fan@example.org", "fan", "hash"}, now).user;
    office.run(domain::Enter{domain::default_room, user.id, office.new_token()}, now);
    const auto& room = office.tables().rooms.at(domain::default_room);
    const std::int64_t interval_us = room.next_admission_us - domain::to_millis(now) * 1000;
    EXPECT_GE(interval_us * rate, 60'000'000) << rate;
  }
}

TEST(Rate, TimeToNextAdmissionIsWhenOneIsAdmissible) {
  for (const std::int64_t rate : {1, 7, 59, 61, 120, 1000, 6001, 7'000'000}) {
    domain::WaitingRoom room{.id = {1}, .waiting_count = 10};
    room.policy.admission_rate_per_minute = rate;
    const domain::Timestamp now{std::chrono::hours{1000}};
    room.next_admission_us = domain::to_millis(now) * 1000 + 1'234'567;
    const auto at = *next_admission_at(room, now, {});
    EXPECT_GT(admissible(room, at, {}), 0) << rate;
    EXPECT_TRUE(at == now || admissible(room, at - domain::Duration{1}, {}) == 0) << rate;
  }
}

}  // namespace
}  // namespace onsale::testing

// Random sequences of commands, decided on two stores in parallel: the same outcomes, the
// same tables, the same journal. The seed is in the test's name.
#include <gmock/gmock.h>

#include <random>

#include "domain/draw.h"
#include "store/audit.h"
#include "tests/conformance/box.h"
#include "tests/conformance/dump.h"

namespace onsale::testing {
namespace {

using namespace domain;

/// Draws what a crowd might do, sensible or not.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  Command command(const Box& box) {
    const UserId fan{between(1, 12)};
    switch (between(0, 12)) {
      case 0:
      case 1:
        return Enter{some_room(), fan, token(1'000 + ++tokens_), some_text()};
      case 11:
        return Leave{.token = token(1'000 + some(tokens_)), .by = fan, .organiser = true};
      case 12:
        return change_room(box);
      case 2:
        return Leave{.token = token(1'000 + some(tokens_)), .by = fan};
      case 3:
        return Touch{token(1'000 + some(tokens_))};
      case 4:
        return Charge{fan, {between(0, 3'000)}};
      case 5:
      case 6:
        return Pay{some_reservation(), fan, std::nullopt, between(0, 3) == 0};
      case 7:
        return Cancel{some_reservation(), fan};
      case 8:
        return PayAll{fan, std::nullopt, between(0, 3) == 0};
      default: {
        const int seat = static_cast<int>(between(1, 21));
        Hold hold =
            box.hold_of(fan, between(0, 1) ? std::vector{seat} : std::vector{seat, seat + 1});
        hold.attendee_name = some_text();
        return hold;
      }
    }
  }
  std::vector<Command> batch(Box& box) {
    known_ = box.look({.fresh = {.reservations = 1}}).ids.reservations.next - 1;
    std::vector<Command> commands;
    for (auto n = between(0, 12); n > 0; --n) commands.push_back(command(box));
    return commands;
  }

 private:
  std::uint64_t some(std::uint64_t last) {
    return static_cast<std::uint64_t>(between(1, static_cast<std::int64_t>(last) + 1));
  }

  /// One that somebody may know of: nobody can name the reservations of a batch before its
  /// answers are out.
  ReservationId some_reservation() { return {between(1, std::max<std::int64_t>(1, known_))}; }

  RoomId some_room() { return {between(1, 3)}; }

  /// Rooms 2 and 3 are lotteries whose opening may move while nobody was drawn.
  ChangeRoom change_room(const Box& box) {
    ChangeRoom change{.room = some_room(), .by = {1}, .fresh_seed = seed_hash("again")};
    switch (between(0, 4)) {
      case 0:
        change.state = static_cast<RoomState>(between(0, 2));
        break;
      case 1:
        change.policy.active_sessions_max = between(1, 6);
        break;
      case 2:
        change.policy.admission_rate_per_minute = between(0, 900);
        break;
      case 3:
        change.opens_at = box.now + Duration{between(-1'000, 9'000)};
        break;
      default:
        change.state = RoomState::open;
    }
    return change;
  }

  std::string some_text() { return between(0, 1) ? "" : "Fan \"" + std::to_string(between(1, 9)); }

  std::mt19937 random_;
  std::int64_t known_ = 0;
  std::uint64_t tokens_ = 0;
};

/// What an outcome says, as far as it can be compared.
std::string text_of(const Outcome& outcome) {
  std::string said = std::to_string(outcome.index());
  std::visit(
      [&](const auto& o) {
        if constexpr (requires { o.result; }) said += " " + std::to_string(int(o.result));
        if constexpr (requires { o.reservation; }) said += " " + text(o.reservation);
        if constexpr (requires { o.visitor; }) said += " " + text(o.visitor);
        if constexpr (requires { o.room.name; }) said += " " + text(o.room) + o.message;
        if constexpr (requires { o.transfer; }) said += " " + text(o.transfer);
        if constexpr (requires { o.canceled; }) said += o.canceled ? " canceled" : "";
        if constexpr (requires { o.reservations; }) {
          for (const auto& paid : o.reservations) said += " " + text(paid.reservation);
        }
        if constexpr (requires { o.changed; }) said += o.changed ? " changed" : "";
      },
      outcome);
  return said;
}

class Differential : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  static void prepare(Box& box) {
    box.policy.room = {.active_sessions_max = 4,
                       .admission_rate_per_minute = 600,
                       .session_duration = std::chrono::seconds{40},
                       .claim_timeout = std::chrono::seconds{5},
                       .idle_timeout = std::chrono::seconds{15}};
    box.policy.sales.hold_duration = std::chrono::seconds{10};
    box.open_house(22, 12);
    for (const std::int64_t later : {20, 60}) {
      box.run(CreateRoom{.name = "Lottery",
                         .by = {1},
                         .policy = {.order = RoomOrder::lottery},
                         .opens_at = opening + std::chrono::seconds{later},
                         .fresh_seed = seed_hash(std::to_string(later))});
    }
  }
};

TEST_P(Differential, EveryStoreDoesTheSame) {
  TempDir dir;
  std::vector<std::unique_ptr<Box>> boxes;
  for (const Backend& backend : backends) {
    boxes.push_back(std::make_unique<Box>(open_store(backend, dir)));
    prepare(*boxes.back());
  }
  Box& model = *boxes.front();
  Dice dice(GetParam());
  for (int step = 0; step < 120; ++step) {
    const auto commands = dice.batch(model);
    const bool tick = dice.between(0, 2) == 0;
    const Duration pause{dice.between(0, 1'500)};
    std::vector<std::string> expected;
    for (const auto& box : boxes) {
      box->now += pause;
      std::vector<std::string> said;
      for (const auto& outcome : box->batch(commands, tick)) said.push_back(text_of(outcome));
      if (box == boxes.front()) expected = said;
      ASSERT_EQ(said, expected) << "step " << step << " on " << box->store->describe();
      ASSERT_EQ(must(box->writer->next_due()), must(model.writer->next_due())) << "step " << step;
    }
  }
  const auto expected = dump(*model.reader);
  for (const auto& box : boxes) {
    EXPECT_EQ(dump(*box->reader), expected) << box->store->describe();
    EXPECT_THAT(must(store::audit(*box->reader)).violations, ::testing::IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Differential, ::testing::Range(1U, 9U));

}  // namespace
}  // namespace onsale::testing

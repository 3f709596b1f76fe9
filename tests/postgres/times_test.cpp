// Within a room, times follow the order of the commits, whichever node decided: several nodes on
// one database, as engines in one process, and their clocks do not agree.
#include <gmock/gmock.h>

#include <deque>
#include <future>

#include "domain/room_control.h"
#include "engine/office_clock.h"
#include "engine/store_clock.h"
#include "store/audit.h"
#include "store/fairness.h"
#include "store/postgres/connection.h"
#include "tests/conformance/backend.h"
#include "tests/engine/box_office.h"
#include "tests/support/postgres_database.h"

namespace onsale::testing {
namespace {

using namespace domain;
using namespace std::chrono_literals;
using store::postgres::Connection;
using test::call;
using test::eventually;
using test::submit;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// This machine with its time of day set wrong. Time can be let pass.
class WrongMachine final : public engine::Machine {
 public:
  explicit WrongMachine(Duration ahead) : ahead_(ahead) {}
  [[nodiscard]] Wall wall() const override {
    return engine::this_machine().wall() + ahead_ + passed;
  }
  [[nodiscard]] Steady steady() const override { return engine::this_machine().steady() + passed; }

  Duration passed{0};

 private:
  const Duration ahead_;
};

/// A clock that nobody leads: as if the database's could not be measured.
class OwnClock final : public engine::Clock {
 public:
  explicit OwnClock(Duration ahead) : machine_(ahead) {}
  [[nodiscard]] Timestamp now() const override { return clock_.now(); }
  void not_before(Timestamp decided) const override { clock_.not_before(decided); }

 private:
  const WrongMachine machine_;
  const engine::OfficeClock clock_{machine_};
};

/// Two nodes; the clock of the second is wrong by `apart`.
struct TwoNodes {
  explicit TwoNodes(Duration apart, Policy with = {}) : second_clock(apart), policy(with) {
    for (const auto* clock : {&first_clock, &second_clock}) {
      stores.push_back(must(store::open(url, store::Access::read_write)));
      nodes.push_back(must(engine::Engine::start(*stores.back(), *clock, policy, {}, 1)));
    }
  }

  std::vector<UserId> people(int count) {
    std::vector<std::future<test::ReplyTo<CreateUser>>> made;
    for (int i = 0; i < count; ++i) {
      made.push_back(submit(*nodes[0], CreateUser{.email = "fan" + std::to_string(i) + "@x.org",
                                                  .name = "Fan",
                                                  .password_hash = "-"}));
    }
    std::vector<UserId> ids;
    for (auto& one : made) ids.push_back(std::get<CreateUserOutcome>(one.get()).user.id);
    return ids;
  }
  /// In turn through the one and the other, `at_a_time` of them before their answers are there.
  void enter_all(const std::vector<UserId>& users, std::size_t at_a_time) {
    std::deque<std::future<test::ReplyTo<Enter>>> entering;
    const auto entered = [&] {
      ASSERT_TRUE(std::get<EnterOutcome>(entering.front().get()).executed());
      entering.pop_front();
    };
    for (const UserId user : users) {
      const auto id = static_cast<std::uint64_t>(user.value);
      VisitorToken token{};
      token.data[0] = 7;
      for (std::size_t i = 0; i < 8; ++i) {
        token.data[15 - i] = static_cast<std::uint8_t>(id >> (8 * i));
      }
      entering.push_back(submit(*nodes[id % 2], Enter{default_room, user, token}));
      if (entering.size() >= at_a_time) entered();
    }
    while (!entering.empty()) entered();
  }
  std::int64_t active() {
    return nodes[0]->views().room(default_room)->room(first_clock.now()).active;
  }

  /// Both proofs, and that the journal's times never go backwards in the one room there is.
  void expect_in_order() {
    const auto reader = must(stores[0]->reader());
    EXPECT_THAT(must(store::audit(*reader)).violations, IsEmpty());
    EXPECT_THAT(must(store::audit_fairness(*reader, policy)).violations, IsEmpty());
    Timestamp last{};
    int backwards = 0;
    must(reader->each_journal_entry({}, [&](const store::JournalEntry& entry) {
      for (const Record& record : entry.records) {
        if (!std::holds_alternative<VisitorMoved>(record)) continue;
        backwards += entry.at < last ? 1 : 0;
        last = std::max(last, entry.at);
      }
    }));
    EXPECT_EQ(backwards, 0);
  }

  const std::string url = new_postgres_database();
  const OwnClock first_clock{0s};
  const OwnClock second_clock;
  const Policy policy;
  std::vector<std::unique_ptr<store::Store>> stores;
  std::vector<std::unique_ptr<engine::Engine>> nodes;
};

TEST(Times, AThousandEntriesThroughTwoNodesAreInOrder) {
  TwoNodes two(0s);
  two.enter_all(two.people(1000), 16);
  two.expect_in_order();
}

class ClocksApart : public ::testing::TestWithParam<int> {};

TEST_P(ClocksApart, TheRateHoldsAndNobodyIsOvertaken) {
  TwoNodes two(Duration{GetParam()}, {.room = {.admission_rate_per_minute = 60}});
  const auto people = two.people(100);
  const auto began = std::chrono::steady_clock::now();
  two.enter_all(people, 4);
  eventually([&] { return two.active() >= 3; });
  const auto took = std::chrono::steady_clock::now() - began;
  const auto apart = std::chrono::abs(Duration{GetParam()});
  // One at once, and one a second of the faster clock, which was ahead from the start or met
  // the other one on the way.
  EXPECT_LE(two.active(), 2 + std::chrono::ceil<std::chrono::seconds>(took + apart).count());
  two.expect_in_order();
}

// ---- one clock ------------------------------------------------------------------------

TEST(OneClock, TheDatabasesDecidesWhateverAMachineBelieves) {
  const std::string url = new_postgres_database();
  const auto store = must(store::open(url, store::Access::read_write));
  const engine::OfficeClock right;
  const WrongMachine machine(5s);
  const engine::OfficeClock wrong(machine);
  const auto one = must(engine::Engine::start(*store, right, {}, {}, 1));
  const auto two = must(engine::Engine::start(*store, wrong, {}, {}, 1));
  const auto earliest = one->now() - engine::StoreClock::off_max;
  const auto shown = two->now();
  EXPECT_GE(shown, earliest);
  EXPECT_LE(shown, one->now() + engine::StoreClock::off_max);
  EXPECT_THAT(one->warnings(), IsEmpty());
  EXPECT_THAT(two->warnings(), ElementsAre(HasSubstr("s ahead of the database's")));
  EXPECT_NEAR(static_cast<double>(two->machine_ahead()->count()), 5000, 250);
}

TEST(OneClock, SaysWhenTheDatabasesCannotBeAsked) {
  const std::string url = new_postgres_database();
  const auto store = must(store::open(url, store::Access::read_write));
  const auto reader = must(store->reader());
  WrongMachine machine(0s);
  const engine::OfficeClock clock(machine);
  engine::StoreClock measured(clock);
  measured.measure(*reader);
  EXPECT_TRUE(measured.machine_ahead());
  const auto name = Connection(url).query("select current_database()").row(0).next<std::string>();
  Connection elsewhere(new_postgres_database());
  const auto let_connect = [&](const char* whether) {
    elsewhere.exec(("alter database " + name + " allow_connections " + whether).c_str());
  };
  let_connect("false");
  elsewhere.exec(
      ("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'")
          .c_str());
  machine.passed += 2s;
  measured.measure(*reader);
  EXPECT_EQ(measured.warning(), "") << "not for a moment's sake";
  machine.passed += 10s;
  measured.measure(*reader);
  EXPECT_THAT(measured.warning(), HasSubstr("the database's clock cannot be measured: "));
  EXPECT_FALSE(measured.machine_ahead());
  let_connect("true");
  eventually([&] {
    machine.passed += 2s;
    measured.measure(*reader);
    return measured.machine_ahead().has_value();
  });
  EXPECT_THAT(measured.warning(), HasSubstr("ahead of the database's"))
      << "by what has passed here";
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, ClocksApart, ::testing::Values(1500, -1500, 5000, -5000));

}  // namespace
}  // namespace onsale::testing

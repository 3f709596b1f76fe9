// A box office on a store: runs commands through the real decisions, the way the engine
// does, batch by batch and in one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/conformance/backend.h"
#include "tests/support/office.h"

namespace onsale::testing {

inline const domain::Timestamp opening = domain::from_millis(1'900'000'000'000);

inline std::shared_ptr<const domain::SeatingPlan> plan_of(int seats) {
  auto plan = std::make_shared<domain::SeatingPlan>();
  plan->name = "plan";
  plan->width = plan->height = 100;
  plan->categories.push_back({"A", ""});
  for (int i = 1; i <= seats; ++i) {
    plan->seats.push_back({.guid = "guid-" + std::to_string(i),
                           .label = "A-" + std::to_string(i),
                           .section = "A",
                           .row = std::to_string(i / 10),
                           .number = std::to_string(i),
                           .category = "A",
                           .x = 0.5 * i,
                           .y = 1.25});
  }
  return plan;
}

class Box {
 public:
  explicit Box(std::unique_ptr<store::Store> of)
      : store(std::move(of)), writer(must(store->writer())), reader(must(store->reader())) {}

  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<store::Reader> reader;
  domain::Policy policy;
  domain::Timestamp now = opening;

  store::BatchId next_batch() { return batch_id(++batches_); }

  /// Runs one batch; a tick also writes down what has run out.
  std::vector<Outcome> batch(const std::vector<Command>& commands, bool tick = false) {
    domain::Footprint need;
    for (const Command& command : commands) {
      std::visit([&](const auto& c) { footprint(c, policy, need); }, command);
    }
    need.due = tick;
    need.due_at = now;
    domain::Rows rows;
    must(writer->load(need, rows));
    publish_due_draws(rows, now);
    std::vector<Outcome> outcomes;
    for (const Command& command : commands) {
      outcomes.push_back(std::visit(
          [&](const auto& c) { return Outcome{decide(rows, c, now, policy)}; }, command));
    }
    if (tick) {
      end_due_visits(rows, now);
      expire_due_reservations(rows, now);
    }
    admit_all(rows);
    if (rows.dirty()) {
      must(writer->commit(rows, next_batch(), now));
    } else {
      writer->abandon();
    }
    return outcomes;
  }

  template <class One>
  auto run(const One& command) {
    auto outcomes = batch({Command{command}});
    domain::Rows* none = nullptr;
    return std::get<decltype(decide(*none, command, now, policy))>(std::move(outcomes.front()));
  }

  void tick() { batch({}, /*tick=*/true); }

  /// Writes whatever `change` makes of the rows in `need`, as no decision would.
  store::Result<domain::JournalId> write(const domain::Footprint& need,
                                         const std::function<void(domain::Rows&)>& change) {
    domain::Rows rows;
    must(writer->load(need, rows));
    change(rows);
    return writer->commit(rows, next_batch(), now);
  }

  /// What is in the store for these keys; no batch is left open.
  domain::Rows look(const domain::Footprint& need) {
    domain::Rows rows;
    must(writer->load(need, rows));
    writer->abandon();
    return rows;
  }

  // ---- a scene ---------------------------------------------------------------------

  domain::UserId add_user(const std::string& name) {
    return run(domain::CreateUser{name + "@x.org", name, "hash"}).user.id;
  }
  void open_house(int seats, int users, domain::SalesPolicyOverrides sales = {}) {
    const auto venue = run(domain::CreateVenue{"Hall", "Seoul", "Asia/Seoul"}).venue.id;
    event = run(domain::CreateEvent{.title = "Show",
                                    .artist = "Band",
                                    .venue = venue,
                                    .sales_open_at = opening - std::chrono::hours{1},
                                    .policy = sales})
                .event.id;
    performance = run(domain::CreatePerformance{.event = event,
                                                .name = "First night",
                                                .starts_at = opening + std::chrono::hours{24},
                                                .price_tiers = {{"A", {1'000}}, {"B", {500}}}})
                      .performance.id;
    run(domain::CreateSeats{performance, plan_of(seats)});
    for (int i = 1; i <= users; ++i) fans.push_back(add_user("fan" + std::to_string(i)));
  }
  [[nodiscard]] domain::Hold hold_of(domain::UserId user, std::vector<int> seats) const {
    domain::Hold hold{.user = user, .event = event, .seats = {}};
    for (const int seat : seats) hold.seats.push_back({performance, {seat}});
    return hold;
  }
  domain::VisitorToken enter(domain::UserId user, domain::RoomId room = domain::default_room) {
    return run(domain::Enter{room, user, token(++tokens_)}).token;
  }
  domain::ReservationId held(domain::UserId user, std::vector<int> seats) {
    enter(user);
    return run(hold_of(user, std::move(seats))).reservation.id;
  }

  domain::EventId event;
  domain::PerformanceId performance;
  std::vector<domain::UserId> fans;

 private:
  void admit_all(domain::Rows& rows) {
    for (const domain::RoomId room : rows.room_ids) {
      const auto count = domain::admissible(rows.rooms.get(room), now, policy);
      must(writer->load_first_waiting(room, count, rows));
      admit(rows, room, now, policy);
    }
  }

  std::uint64_t batches_ = 0;
  std::uint64_t tokens_ = 0;
};

/// One test on one of the stores. Each file derives its own suite from it.
class Conformance : public ::testing::TestWithParam<Backend> {
 protected:
  TempDir dir;
  Box box{open_store(GetParam(), dir)};
};

inline std::string backend_name(const ::testing::TestParamInfo<Backend>& of) {
  return of.param.name;
}

#define ONSALE_ON_EVERY_STORE(suite) \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, ::testing::ValuesIn(backends), backend_name)

}  // namespace onsale::testing

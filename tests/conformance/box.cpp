#include "tests/conformance/box.h"

#include <chrono>
#include <utility>
#include <variant>

namespace onsale::testing {

std::shared_ptr<const domain::SeatingPlan> plan_of(int seats) {
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

Box::Box(std::unique_ptr<store::Store> of)
    : store(std::move(of)), writer(must(store->writer())), reader(must(store->reader())) {}
Box::~Box() = default;

store::BatchId Box::next_batch() { return batch_id(++batches_); }

std::vector<Outcome> Box::batch(const std::vector<Command>& commands, bool tick) {
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
    outcomes.push_back(
        std::visit([&](const auto& c) { return Outcome{decide(rows, c, now, policy)}; }, command));
  }
  if (tick) {
    end_due_visits(rows, now, policy);
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
OutcomeOf<One> Box::run(const One& command) {
  return std::get<OutcomeOf<One>>(std::move(batch({Command{command}}).front()));
}
template OutcomeOf<domain::Enter> Box::run(const domain::Enter&);
template OutcomeOf<domain::Leave> Box::run(const domain::Leave&);
template OutcomeOf<domain::Touch> Box::run(const domain::Touch&);
template OutcomeOf<domain::Hold> Box::run(const domain::Hold&);
template OutcomeOf<domain::Pay> Box::run(const domain::Pay&);
template OutcomeOf<domain::PayAll> Box::run(const domain::PayAll&);
template OutcomeOf<domain::Cancel> Box::run(const domain::Cancel&);
template OutcomeOf<domain::Charge> Box::run(const domain::Charge&);
template OutcomeOf<domain::CreateUser> Box::run(const domain::CreateUser&);
template OutcomeOf<domain::ChangeUser> Box::run(const domain::ChangeUser&);
template OutcomeOf<domain::CreateVenue> Box::run(const domain::CreateVenue&);
template OutcomeOf<domain::CreateEvent> Box::run(const domain::CreateEvent&);
template OutcomeOf<domain::CreatePerformance> Box::run(const domain::CreatePerformance&);
template OutcomeOf<domain::CreateSeats> Box::run(const domain::CreateSeats&);
template OutcomeOf<domain::CreateRoom> Box::run(const domain::CreateRoom&);
template OutcomeOf<domain::ChangeRoom> Box::run(const domain::ChangeRoom&);

void Box::tick() { batch({}, /*tick=*/true); }

store::Result<domain::JournalId> Box::write(const domain::Footprint& need,
                                            const std::function<void(domain::Rows&)>& change) {
  domain::Rows rows;
  must(writer->load(need, rows));
  change(rows);
  return writer->commit(rows, next_batch(), now);
}

domain::Rows Box::look(const domain::Footprint& need) {
  domain::Rows rows;
  must(writer->load(need, rows));
  writer->abandon();
  return rows;
}

domain::UserId Box::add_user(const std::string& name) {
  return run(domain::CreateUser{name + "@x.org", name, "hash"}).user.id;
}

void Box::open_house(int seats, int users, domain::SalesPolicyOverrides sales) {
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

domain::Hold Box::hold_of(domain::UserId user, std::vector<int> seats) const {
  domain::Hold hold{.user = user, .event = event, .seats = {}};
  for (const int seat : seats) hold.seats.push_back({performance, {seat}});
  return hold;
}

domain::VisitorToken Box::enter(domain::UserId user, domain::RoomId room) {
  return run(domain::Enter{room, user, token(++tokens_)}).token;
}

domain::ReservationId Box::held(domain::UserId user, std::vector<int> seats) {
  enter(user);
  return run(hold_of(user, std::move(seats))).reservation.id;
}

void Box::admit_all(domain::Rows& rows) {
  for (const domain::RoomId room : rows.room_ids) {
    const auto count = domain::admissible(rows.rooms.get(room), now, policy);
    must(writer->load_first_waiting(room, count, rows));
    admit(rows, room, now, policy);
  }
}

std::string backend_name(const ::testing::TestParamInfo<Backend>& of) { return of.param.name; }

}  // namespace onsale::testing

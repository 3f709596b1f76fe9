// A box office on a store: runs commands through the real decisions, the way the engine
// does, batch by batch and in one thread.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/backend.h"
#include "tests/support/office.h"

namespace onsale::testing {

inline const domain::Timestamp opening = domain::from_millis(1'900'000'000'000);

std::shared_ptr<const domain::SeatingPlan> plan_of(int seats);

class Box {
 public:
  explicit Box(std::unique_ptr<store::Store> of);
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;
  ~Box();

  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<store::Reader> reader;
  domain::Policy policy;
  domain::Timestamp now = opening;

  store::BatchId next_batch();

  /// Runs one batch; a tick also writes down what has run out.
  std::vector<Outcome> batch(const std::vector<Command>& commands, bool tick = false);

  /// A batch of one, which may be any Command.
  template <class One>
  OutcomeOf<One> run(const One& command);

  void tick();

  /// Writes whatever `change` makes of the rows in `need`, as no decision would.
  store::Result<domain::JournalId> write(const domain::Footprint& need,
                                         const std::function<void(domain::Rows&)>& change);

  /// What is in the store for these keys; no batch is left open.
  domain::Rows look(const domain::Footprint& need);

  // ---- a scene ---------------------------------------------------------------------

  domain::UserId add_user(const std::string& name);
  void open_house(int seats, int users, domain::SalesPolicyOverrides sales = {});
  [[nodiscard]] domain::Hold hold_of(domain::UserId user, std::vector<int> seats) const;
  domain::VisitorToken enter(domain::UserId user, domain::RoomId room = domain::default_room);
  domain::ReservationId held(domain::UserId user, std::vector<int> seats);

  domain::EventId event;
  domain::PerformanceId performance;
  std::vector<domain::UserId> fans;

 private:
  void admit_all(domain::Rows& rows);

  std::uint64_t batches_ = 0;
  std::uint64_t tokens_ = 0;
};

/// One test on one of the stores. Each file derives its own suite from it.
class Conformance : public ::testing::TestWithParam<Backend> {
 protected:
  TempDir dir;
  Box box{open_store(GetParam(), dir)};
};

std::string backend_name(const ::testing::TestParamInfo<Backend>& of);

#define ONSALE_ON_EVERY_STORE(suite) \
  INSTANTIATE_TEST_SUITE_P(Stores, suite, ::testing::ValuesIn(backends), backend_name)

}  // namespace onsale::testing

// Plays a whole on-sale in virtual time, on the engine's own decisions and a real store, with
// an auditor beside it. The same scenario always plays the same day: whatever goes wrong in one
// can be looked at again with its seed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/room_control.h"
#include "engine/clock.h"
#include "sim/auditor.h"
#include "sim/crowd.h"
#include "sim/scenario.h"
#include "sim/server.h"
#include "sim/timeline.h"
#include "store/store.h"

namespace onsale::sim {

struct Report {
  std::uint64_t seed = 0;
  AuditFigures audit;
  CrowdFigures crowd;
  std::int64_t batches = 0;
  std::int64_t commands = 0;
  std::int64_t still_waiting = 0;
  std::int64_t seats = 0;
  std::vector<std::string> findings;  ///< what is wrong, with the virtual time; none if all is well
  std::int64_t findings_left_out = 0;

  [[nodiscard]] bool clean() const { return findings.empty(); }
  /// The share of the capacity that was not used while people waited for it.
  [[nodiscard]] double capacity_lost() const;
  /// Some lines for people.
  [[nodiscard]] std::string text() const;
};

/// One thread. Use it once.
class Rehearsal {
 public:
  /// `store` must be empty and open for writing, and outlive the rehearsal.
  Rehearsal(Scenario scenario, store::Store& store);

  /// Throws only if the store cannot be read or written.
  [[nodiscard]] Report play();

 private:
  struct Plan {
    enum class What : std::uint8_t { organise, crash, restart, close };
    What what = What::organise;
    std::size_t index = 0;  ///< of the organiser's step or the crash
  };

  void set_up();
  void add_people();
  domain::EventId add_event();
  void open_room();
  void plan_day();
  void run_until(domain::Timestamp end);
  void carry_out(Plan plan);
  void organise(std::size_t step);
  void change_room(domain::ChangeRoom change, Plan again);
  void revoke(std::int64_t count);
  void witness(const CommittedBatch& batch);
  void finish();
  void complain(const std::string& what) { auditor_->find(clock_.now(), what); }
  void advance_to(domain::Timestamp at) { clock_.advance(at - clock_.now()); }
  template <class Command>
  engine::OutcomeOf<Command> call(Command command);

  const Scenario scenario_;
  store::Store& store_;
  engine::ManualClock clock_;
  Server server_;
  domain::UserId organiser_;
  domain::UserId first_fan_;
  std::optional<Auditor> auditor_;
  std::optional<Crowd> crowd_;
  Timeline<Plan> plans_;
  std::uint64_t dice_thrown_ = 0;
};

/// Plays the scenario on a fresh store in memory.
[[nodiscard]] Report rehearse(const Scenario& scenario);

}  // namespace onsale::sim

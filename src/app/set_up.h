// Fills a box office in one transaction: people, venues, events with their performances and
// seats. Made of the domain's own commands, so all their rules hold; but since it is one command
// of the engine, there is either all of it or nothing, even if the power fails halfway. Used by
// the demo and by `onsale import EVENT.json`.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/catalogue.h"
#include "domain/identity.h"

namespace onsale::app {

struct SetUpOffice {
  struct Staging {
    domain::CreatePerformance performance;            ///< its `event` is filled in
    std::shared_ptr<const domain::SeatingPlan> plan;  ///< valid by domain::validate
  };
  struct Show {
    std::size_t venue = 0;      ///< which of `venues`
    domain::CreateEvent event;  ///< its `venue` is filled in
    std::vector<Staging> performances;
  };
  std::vector<domain::CreateUser> users;  ///< of addresses nobody has
  std::vector<domain::CreateVenue> venues;
  std::vector<Show> shows;
};

/// In order of precedence.
enum class SetUpResult { room_not_found, done };

struct SetUpOutcome {
  struct Staged {
    domain::PerformanceId performance;
    std::int64_t seat_count = 0;
  };
  struct Shown {
    domain::EventId event;
    std::vector<Staged> performances;
  };
  SetUpResult result = SetUpResult::done;
  std::vector<Shown> shows;  ///< when `done`, in the order of the command

  [[nodiscard]] bool executed() const { return result == SetUpResult::done; }
};

/// What would make the rules refuse a part of it, as far as that can be known beforehand: the
/// place ("performances[1].price_tiers") in the show and what is wrong there. None: nothing.
struct ShowProblem {
  std::string place;
  std::string detail;
};
[[nodiscard]] std::optional<ShowProblem> find_problem(const SetUpOffice::Show& show);

void footprint(const SetUpOffice& command, const domain::Policy& policy, domain::Footprint& need);
/// Every show must pass find_problem() and every address be new, else this throws BrokenInvariant
/// and the engine writes nothing.
SetUpOutcome decide(domain::Rows& rows, const SetUpOffice& command, domain::Timestamp now,
                    const domain::Policy& policy);

}  // namespace onsale::app

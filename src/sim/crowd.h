// The people of a rehearsal: they come, wait, lose patience, look whether it is their turn, or
// don't, choose seats, pay, change their minds, forget, and come again. Each behaves by dice of
// its own, so that what one does never depends on what another throws.
//
// Looks that could change nothing are left out: in a room that keeps the places of those who
// are offline, a visitor looks again only once it has been admitted.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/reservation.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"
#include "sim/dice.h"
#include "sim/scenario.h"
#include "sim/server.h"
#include "sim/timeline.h"

namespace onsale::sim {

/// What the people experienced.
struct CrowdFigures {
  std::int64_t came = 0;
  std::int64_t turned_away = 0;    ///< the room was closed
  std::int64_t lost_patience = 0;  ///< with or without a goodbye
  std::int64_t no_shows = 0;
  std::int64_t came_again = 0;
  std::int64_t held = 0;
  std::int64_t outpaced = 0;  ///< a seat was taken by somebody faster
  std::int64_t sold_out = 0;  ///< found no seat left
  std::int64_t seats_bought = 0;
  std::int64_t cut_off = 0;  ///< answers that never came, or a server that was down
};

class Crowd {
 public:
  /// What a fan does next.
  enum class Step : std::uint8_t { enter, tire, look, choose, settle, pay, cancel, leave };
  struct Due {
    std::uint32_t fan = 0;
    Step step = Step::enter;
    std::uint8_t chapter = 0;  ///< of the fan's story; what belongs to an earlier one is off
  };

  /// Told what a fan was answered that no server may answer.
  using Complain = std::function<void(const std::string&)>;
  /// Told who looks and is answered.
  using Looked = std::function<void(domain::UserId)>;
  struct Place {
    domain::UserId first_user;  ///< of the fans, who have this and the following ids
    domain::EventId event;
    domain::Timestamp opening;
  };

  /// Notes down when each fan comes. All that is passed by reference must outlive the crowd.
  Crowd(const Scenario& scenario, const engine::Clock& clock, Server& server, const Place& place,
        Complain complain, Looked looked);

  [[nodiscard]] domain::Timestamp next_at() const;
  /// Lets happen what is due now.
  void act();
  /// The user was admitted, or thrown out while it waited: it sees that when it looks next.
  void admitted(domain::UserId user);
  void thrown_out(domain::UserId user);

  /// The user lost the place, or the slot, by its silence: nobody does who means to wait.
  void lost_by_silence(domain::UserId user);

  /// The token of a fan's last visit; nil before the first.
  [[nodiscard]] domain::VisitorToken token_of(std::int64_t fan) const {
    return fans_[static_cast<std::size_t>(fan)].token;
  }
  /// Does the fan believe to be waiting, and mean to?
  [[nodiscard]] bool believes_to_wait(std::int64_t fan) const {
    return fans_[static_cast<std::size_t>(fan)].mood == Mood::waiting;
  }
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(fans_.size()); }
  [[nodiscard]] const CrowdFigures& figures() const { return figures_; }

 private:
  enum class Mood : std::uint8_t { coming, waiting, shopping, holding, gone };
  struct Fan {
    domain::VisitorToken token{};
    domain::ReservationId reservation;
    std::uint32_t throws = 0;
    Mood mood = Mood::coming;
    std::uint8_t chapter = 0;
    std::uint8_t visits = 0;
    std::uint8_t attempts = 0;  ///< to get seats, in this visit
  };
  using FanNumber = std::uint32_t;

  Dice dice(FanNumber fan) { return {scenario_.seed, fan + std::uint64_t{1}, fans_[fan].throws++}; }
  [[nodiscard]] domain::UserId user_of(FanNumber fan) const {
    return {place_.first_user.value + static_cast<std::int64_t>(fan)};
  }
  [[nodiscard]] FanNumber fan_of(domain::UserId user) const {
    return static_cast<FanNumber>(user.value - place_.first_user.value);
  }
  void do_step(FanNumber fan, Step step);
  void later(FanNumber fan, Step step, domain::Duration delay);
  void turn(FanNumber fan, Mood mood);
  /// Submits a command of the fan; `heard` gets the outcome. If none comes, the fan does `again`
  /// after a while.
  template <class Command, class Heard>
  void ask(FanNumber fan, Step again, Command command, Heard heard);

  void enter(FanNumber fan);
  void entered(FanNumber fan, const domain::EnterOutcome& outcome);
  void tire(FanNumber fan);
  void look(FanNumber fan);
  void choose(FanNumber fan);
  void chosen(FanNumber fan, const domain::HoldOutcome& outcome);
  void settle(FanNumber fan);
  void charge(FanNumber fan);
  void pay(FanNumber fan);
  void paid(FanNumber fan, const domain::PayOutcome& outcome);
  void cancel(FanNumber fan);
  void canceled(FanNumber fan, const domain::CancelOutcome& outcome);
  void leave(FanNumber fan);
  void has_left(FanNumber fan, const domain::LeaveOutcome& outcome);
  void visit_is_over(FanNumber fan);
  void look_around_again(FanNumber fan);
  std::vector<domain::SeatRef> find_seats(Dice& dice) const;

  const Scenario& scenario_;
  const Manners& manners_;
  const engine::Clock& clock_;
  Server& server_;
  const Place place_;
  const Complain complain_;
  const Looked looked_;
  std::vector<Fan> fans_;
  std::vector<domain::Timestamp> arrivals_;  ///< ascending, by fan
  std::size_t arrived_ = 0;
  Timeline<Due> timeline_;
  CrowdFigures figures_;
};

}  // namespace onsale::sim

// An office in a table: runs batches of commands through the domain the way the engine
// does, with maps in place of a store. For tests of the rules alone.
//
// A batch is: footprint, load, spare who was not heard, hold the draws that are due, decide each
// command in order, then, if it is a tick, write down what has run out, then admit into every room
// of the batch, then apply.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/catalogue.h"
#include "domain/identity.h"
#include "domain/reservation.h"
#include "domain/room_control.h"
#include "domain/waiting_room.h"
#include "domain/wallet.h"
#include "tests/support/tables.h"

namespace onsale::testing {

using Command = std::variant<domain::Enter, domain::Leave, domain::Touch, domain::Hold, domain::Pay,
                             domain::PayAll, domain::Cancel, domain::Charge, domain::CreateUser,
                             domain::ChangeUser, domain::CreateVenue, domain::CreateEvent,
                             domain::CreatePerformance, domain::CreateSeats, domain::CreateRoom,
                             domain::ChangeRoom>;
using Outcome =
    std::variant<domain::EnterOutcome, domain::LeaveOutcome, domain::TouchOutcome,
                 domain::HoldOutcome, domain::PayOutcome, domain::PayAllOutcome,
                 domain::CancelOutcome, domain::ChargeOutcome, domain::CreateUserOutcome,
                 domain::ChangeUserOutcome, domain::CreateVenueOutcome, domain::CreateEventOutcome,
                 domain::CreatePerformanceOutcome, domain::CreateSeatsOutcome,
                 domain::CreateRoomOutcome, domain::ChangeRoomOutcome>;

/// What the decision of a command gives.
template <class One>
using OutcomeOf = decltype(decide(std::declval<domain::Rows&>(), std::declval<const One&>(),
                                  domain::Timestamp{}, domain::Policy{}));

class Office {
 public:
  Office();
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;
  ~Office();

  domain::Policy policy;
  /// What the program knows of silence.
  domain::Silence silence;

  [[nodiscard]] const Tables& tables() const { return tables_; }
  /// For setting a scene. Whoever adds visitors, reservations or accounts here breaks the
  /// indexes; policies of rooms and events are safe.
  [[nodiscard]] Tables& scene() { return tables_; }

  [[nodiscard]] domain::VisitorToken new_token();

  /// Runs one batch and returns the outcomes in order.
  std::vector<Outcome> batch(const std::vector<Command>& commands, domain::Timestamp now,
                             bool tick = false);

  /// A batch of one, which may be any Command.
  template <class One>
  OutcomeOf<One> run(const One& command, domain::Timestamp now);

  void tick(domain::Timestamp now) { batch({}, now, /*tick=*/true); }

  // ---- questions -------------------------------------------------------------------

  [[nodiscard]] const domain::Visitor* visitor(const domain::VisitorToken& token) const;
  /// People still waiting ahead, plus one; 0 for anybody who does not wait; none before the
  /// draw, when nobody has a position yet.
  [[nodiscard]] std::optional<std::int64_t> position(const domain::Visitor& visitor) const;
  [[nodiscard]] const domain::Account& wallet(domain::UserId user) const;

 private:
  /// By the order of admission.
  using Waiting = std::map<std::pair<std::int64_t, std::int64_t>, domain::VisitorToken>;

  // What footprint.h promises.
  void load(const domain::Footprint& need, domain::Rows& rows) const;
  [[nodiscard]] domain::AccountRow account_row(domain::AccountId id) const;
  void load_email(const std::string& email, domain::Rows& rows) const;
  void load_wallet(domain::UserId user, domain::Rows& rows) const;
  void load_room(domain::RoomId id, domain::Rows& rows) const;
  void load_event(domain::EventId id, domain::Rows& rows) const;
  void load_performance(domain::PerformanceId id, domain::Rows& rows) const;
  void load_visitor(const domain::VisitorToken& token, domain::Rows& rows) const;
  void load_presence(domain::UserId user, domain::RoomId room, domain::Rows& rows) const;
  void load_holder(domain::UserId user, domain::EventId event, const domain::Footprint& need,
                   domain::Rows& rows) const;
  void load_lines(domain::ReservationId id, domain::Rows& rows) const;
  void load_reservation(domain::ReservationId id, domain::Rows& rows) const;
  void load_holdings(domain::UserId user, domain::FreshIdCounts& fresh, domain::Rows& rows) const;
  void load_due(const domain::Footprint& need, domain::Rows& rows) const;
  void reserve_ids(const domain::FreshIdCounts& fresh, domain::FreshIds& ids) const;
  void load_first_waiting(domain::RoomId room, std::int64_t count, domain::Rows& rows) const;

  void apply(const domain::Rows& rows, domain::Timestamp now);
  void apply_visitor(const domain::Visitor& row);
  void apply_reservation(const domain::Reservation& row, domain::RowState state);
  void apply_account(const domain::Account& row);

  struct NextIds {
    std::int64_t users = 1, venues = 1, events = 1, performances = 1, price_tiers = 1, seats = 1,
                 reservations = 1, tickets = 1, transfers = 1, accounts = 1, rooms = 2;
  };

  Tables tables_;
  NextIds next_;
  std::uint64_t tokens_ = 0;
  domain::AccountId funding_;

  // Indexes over the tables.
  std::map<std::string, domain::UserId> emails_;
  std::map<domain::UserId, domain::AccountId> wallets_;
  std::map<domain::EventId, domain::AccountId> revenue_;
  std::map<domain::VisitorToken, std::pair<domain::RoomId, std::int64_t>> numbers_;
  std::map<domain::PresenceKey, domain::VisitorToken> present_;
  std::map<domain::RoomId, Waiting> waiting_;
  std::map<domain::HolderKey, std::vector<domain::ReservationId>> reservations_of_;
  std::set<domain::ReservationId> held_;
};

}  // namespace onsale::testing

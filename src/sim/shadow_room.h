// The waiting room as the auditor keeps it, from the journal's records alone: who is in it, in
// which state, in which order. It knows the rules in its own words and takes nothing from the
// engine's view or from the store's counters.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/model.h"
#include "domain/policy.h"
#include "sim/budget.h"
#include "sim/shadow_line.h"

namespace onsale::sim {

struct ShadowVisitor {
  domain::VisitorToken token{};
  domain::UserId user;
  std::int64_t order_key = 0;
  domain::VisitorState state = domain::VisitorState::waiting;
  bool claimed = false;
  bool by_lot = false;
  std::size_t place = 0;  ///< in its line; of those by lot only once that is drawn
  std::optional<domain::Timestamp> session_ends;
  std::optional<domain::Timestamp> deadline;   ///< as the records have it
  std::optional<domain::Timestamp> last_sign;  ///< since it is in this state and the server is up
};

class ShadowRoom {
 public:
  ShadowRoom(const domain::WaitingRoom& room, const domain::RoomPolicy& defaults,
             domain::Timestamp now);

  // -- what is so --
  /// By number, from 1. Throws if there was never such a visitor.
  [[nodiscard]] const ShadowVisitor& visitor(std::int64_t number) const;
  [[nodiscard]] std::int64_t entered() const { return static_cast<std::int64_t>(all_.size()); }
  /// When its time is over if nothing more happens, whatever is written down.
  [[nodiscard]] std::optional<domain::Timestamp> over_at(std::int64_t number) const;
  /// The number of the user's live visitor, or 0.
  [[nodiscard]] std::int64_t live_number(domain::UserId user) const;
  [[nodiscard]] std::int64_t waiting() const { return undrawn_ + drawn_.size() + arrived_.size(); }
  [[nodiscard]] std::int64_t active() const { return active_; }
  [[nodiscard]] const domain::RoomPolicy& policy() const { return policy_; }
  [[nodiscard]] const domain::WaitingRoom& room() const { return room_; }
  [[nodiscard]] const Budget& budget() const { return budget_; }
  /// May anybody be admitted at all: is the room open, and its draw held if there is one?
  [[nodiscard]] bool admitting(domain::Timestamp now) const;
  /// The number of the one whose turn it is; none before the draw that decides it.
  [[nodiscard]] std::optional<std::int64_t> next_in_line();
  /// People waiting ahead, plus one; none before the draw.
  [[nodiscard]] std::optional<std::int64_t> position(std::int64_t number) const;
  /// Since when somebody could be admitted, not before `now`, unless something else happens
  /// first; none if nobody could.
  [[nodiscard]] std::optional<domain::Timestamp> admission_due(domain::Timestamp now) const;
  /// Is somebody waiting for nothing but the rate?
  [[nodiscard]] bool rate_bound(domain::Timestamp now) const;

  // -- what happens; the caller has checked that it may --
  void enter(const domain::Visitor& visitor);
  void admit(std::int64_t number, bool claimed, domain::Timestamp now);
  /// It looked: the server knows, and need not have written it down.
  void note_sign(std::int64_t number, domain::Timestamp now);
  /// The server has forgotten what it did not write down.
  void forget_signs();
  /// It was written down that it was heard of at `at`.
  void hear(std::int64_t number, domain::Timestamp at);
  /// Nobody could be heard before `now`: silence counts anew.
  void resume(domain::Timestamp now) { silence_from_ = now; }
  /// It was written down that this excuses somebody.
  void excuse(std::int64_t number);
  void end(std::int64_t number, domain::VisitorState how);
  void change(const domain::WaitingRoom& room, domain::Timestamp now);
  /// The draw was held: puts those by lot in order. Returns their numbers in it.
  std::vector<std::int64_t> draw(const domain::WaitingRoom& room);

 private:
  ShadowVisitor& find(std::int64_t number) { return all_[static_cast<std::size_t>(number - 1)]; }
  void stop_waiting(const ShadowVisitor& visitor);
  [[nodiscard]] bool draw_held() const { return room_.drawn_at.has_value(); }

  domain::WaitingRoom room_;
  domain::RoomPolicy defaults_;
  domain::RoomPolicy policy_;
  Budget budget_;
  std::vector<ShadowVisitor> all_;
  std::vector<std::int64_t> live_;  ///< by user: the number of the live visitor, or 0
  std::int64_t undrawn_ = 0;        ///< wait for the draw
  ShadowLine drawn_;                ///< took part in it and wait
  ShadowLine arrived_;              ///< everybody else who waits
  std::int64_t active_ = 0;
  domain::Timestamp silence_from_{};
};

}  // namespace onsale::sim

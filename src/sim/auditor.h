// Watches every batch of a rehearsal and says what is wrong. From the journal's records alone
// it keeps a shadow of the waiting room (shadow_room.h) and checks against it that
//   * nobody is admitted beyond the limits, before the opening, in a pause or out of turn;
//   * no slot is lost: whenever somebody waits who could be admitted, the batch that looks at
//     the room does so, and such a batch comes within a tick;
//   * every end of a visit has its reason, one whose time is over ends within a tick, and a
//     purchase ends it at once;
//   * who was heard of has the time that follows from that, written down or not, and silence counts
//     from the last start of the server at the earliest;
//   * only who is admitted gets seats;
//   * positions, as the engine's view tells them, are exact;
//   * in the end the store has exactly these visitors in exactly these states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/records.h"
#include "engine/views/waiting_room_view.h"
#include "sim/dice.h"
#include "sim/server.h"
#include "sim/shadow_room.h"
#include "store/store.h"

namespace onsale::sim {

/// Findings written out; further ones are only counted.
inline constexpr std::size_t findings_max = 20;

/// What the auditor counted. Times are of the virtual day.
struct AuditFigures {
  std::int64_t entered = 0;
  std::int64_t admitted = 0;
  std::int64_t completed = 0;
  std::int64_t expired = 0;  ///< never claimed, session over, idle for too long
  std::int64_t left = 0;     ///< of their own accord or revoked
  std::int64_t revoked = 0;
  std::int64_t waiting_most = 0;
  std::int64_t active_most = 0;
  std::int64_t positions_checked = 0;
  domain::Duration people_waited{};  ///< time in which somebody waited for an open room
  domain::Duration slots_bound{};    ///< of that: no session was free
  domain::Duration rate_bound{};     ///< of that: sessions were free, the rate spent
  std::int64_t slot_ms = 0;          ///< slots times milliseconds in which all were wanted
  std::int64_t slot_ms_lost = 0;     ///< of these: over, and not noticed before the next tick
  double rate_admissions_lost = 0;   ///< that the rate allowed and no tick was in time for
  domain::Duration latest_end{};     ///< the longest that an end was noticed late
  std::uint64_t digest = 0;          ///< of all that happened in the room, in order
};

class Auditor {
 public:
  struct Settings {
    domain::Policy policy{};
    domain::Duration tick{25};
    domain::Duration commit_time{5};
  };

  /// `room` as the store has it before anybody entered.
  Auditor(const Settings& settings, const domain::WaitingRoom& room, domain::Timestamp now)
      : settings_(settings), room_(room, settings.policy.room, now), last_(now), up_since_(now) {}

  void committed(const CommittedBatch& batch);
  void went_down(domain::Timestamp now);
  void came_up(domain::Timestamp now);
  /// The user looked where it stands, and was told.
  void looked(domain::UserId user, domain::Timestamp now);

  /// Compares what the view says of some visitors, drawn with `dice`, and of the room.
  void look(engine::WaitingRoomView& view, domain::Timestamp now, Dice dice);
  /// Compares what the store holds in the end with the shadow.
  void finish(store::Reader& reader, domain::Timestamp now);
  /// Something that somebody else found.
  void find(domain::Timestamp now, const std::string& what);

  [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }
  [[nodiscard]] std::int64_t findings_left_out() const { return left_out_; }
  [[nodiscard]] const AuditFigures& figures() const { return figures_; }
  [[nodiscard]] const ShadowRoom& room() const { return room_; }

 private:
  void visitor_moved(const domain::VisitorMoved& moved);
  void entered(const domain::Visitor& visitor);
  void admitted(const domain::Visitor& visitor);
  void heard(const domain::Visitor& visitor);
  void excused(const domain::Visitor& visitor);
  [[nodiscard]] bool is_over(std::int64_t number) const;
  void ended(const domain::VisitorMoved& moved);
  void ended_late(const ShadowVisitor& shadow, domain::Timestamp over_at);
  void room_moved(const domain::RoomMoved& moved);
  void reservation_moved(const domain::ReservationMoved& moved);
  void same_deadline(const domain::Visitor& visitor);
  void who_bought_is_gone();
  void nothing_was_due(const CommittedBatch& batch);
  void nothing_is_due(const CommittedBatch& batch);
  void pass_time(domain::Timestamp now);
  void look_at(engine::WaitingRoomView& view, std::int64_t number);
  void note(std::uint64_t what);
  /// `number` is said behind `what`, unless it is 0.
  void check(bool holds, const char* what, std::int64_t number = 0);
  void compare_with_store(const domain::Visitor& stored);

  Settings settings_;
  ShadowRoom room_;
  AuditFigures figures_;
  std::vector<std::string> findings_;
  std::int64_t left_out_ = 0;

  domain::Timestamp now_;                       ///< of the batch that is looked at
  domain::Timestamp last_;                      ///< up to here time was counted
  std::optional<domain::Timestamp> up_since_;   ///< none while the server is down
  std::optional<domain::Timestamp> due_since_;  ///< an admission is overdue from then on
  domain::Duration backlog_{};                  ///< batches that go on with what was left over
  std::int64_t entered_before_batch_ = 0;       ///< higher numbers entered in this very batch
  std::vector<std::int64_t> through_;  ///< whose visit must end with this batch: they bought
};

}  // namespace onsale::sim

// A waiting room as its visitors see it: who is in it, the exact position of everyone who
// waits, how fast it moves. Written by the committer after each commit, read by all.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/uuid/uuid_hash.hpp>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "domain/model.h"
#include "domain/policy.h"
#include "domain/rows.h"
#include "domain/waiting_room.h"
#include "engine/hearing.h"
#include "engine/views/order_statistics.h"

namespace onsale::engine {

/// A live visitor with what only the room as a whole knows. `visitor.browser_id` is empty:
/// the view does not keep it, for the sake of the memory of each who waits; ask the store.
/// `visitor.deadline` is when its time is over if it is not heard of any more, which may be later
/// than is written down.
struct VisitorView {
  domain::Visitor visitor;
  /// Waiting ahead, plus one; 0 for an active visitor; none before the draw of a lottery.
  std::optional<std::int64_t> position;
  /// Waiting behind; all who wait, for an active visitor; none before the draw of a lottery.
  std::optional<std::int64_t> people_behind;
  /// From the admissions of the last minutes; none while nothing is known, or nobody is let in.
  std::optional<domain::Duration> estimated_wait;
  /// Where it lies as far as chance goes: two standard deviations to either side of what so few
  /// admissions tell. The upper end is none where they tell nothing.
  std::optional<domain::Duration> estimated_wait_min;
  std::optional<domain::Duration> estimated_wait_max;
  std::int64_t admissions_per_minute = 0;  ///< of the room, over the last minutes
  std::int64_t seats_left = 0;             ///< available in all that the room guards
  /// How long it may be silent from now without losing its place, or the slot if that comes.
  domain::Duration silence_max{};
  /// It entered while places were kept without a sign of life, and they are not any more: the next
  /// one starts the idle time.
  bool idle_time_starts = false;
  bool wants_touch = false;      ///< its being heard of must be written down; said once
  domain::Timestamp touch_by{};  ///< the time for that, if it `wants_touch`: now, or later
};

struct RoomView {
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::int64_t admissions_per_minute = 0;  ///< over the last minutes
  std::int64_t seats_left = 0;             ///< available in all that the room guards
};

/// Any thread may read; one thread writes.
//
//
// Signs of life are kept here. Whoever decides that a visit is over asks for them first
// (domain/silence.h), so that where nobody else decides it, those of one who waits need not be
// written down. Where others do, the last one is when a third of the idle time is left.
class WaitingRoomView {
 public:
  /// `hearing` must outlive it; without one, people can always be heard.
  explicit WaitingRoomView(const domain::RoomPolicy& policy, bool open = true,
                           const Hearing* hearing = nullptr, bool others_decide = false)
      : hearing_(hearing), others_decide_(others_decide), policy_(policy), open_(open) {}

  /// The live visitor of this token or user; none if there is none (any more). Noting the
  /// look as a sign of life is part of find by token: see VisitorView::wants_touch.
  [[nodiscard]] std::optional<VisitorView> find(const domain::VisitorToken& token,
                                                domain::Timestamp now);
  [[nodiscard]] std::optional<VisitorView> find(domain::UserId user, domain::Timestamp now);
  [[nodiscard]] bool has(const domain::VisitorToken& token) const;
  /// When it was last heard of here in the state that it is in; none if it was not.
  [[nodiscard]] std::optional<domain::Timestamp> last_heard(const domain::Visitor& visitor) const;
  /// The time of a sign of life that was to be written down by `by`, or of a later one; none if
  /// that was done otherwise, or it means nothing any more.
  [[nodiscard]] std::optional<domain::Timestamp> sign(const domain::Touch& touch,
                                                      domain::Timestamp by) const;
  [[nodiscard]] RoomView room(domain::Timestamp now) const;

  /// Writing down a sign of life failed: let the next look want it again.
  void touch_failed(const domain::VisitorToken& token);
  void apply(const domain::VisitorMoved& moved, domain::Timestamp now);
  /// A live visitor from the store, while the view is built; ascending by number.
  void load(const domain::Visitor& visitor);
  /// All were loaded. `drawn`: a draw was held, so that whoever took part has a position.
  void loaded(bool drawn);
  /// The draw was held: whoever takes part gets a position. O(n log n) in their number, once.
  void draw();
  /// `open`: neither paused nor closed. `silence_from`: the room's own.
  void set_policy(const domain::RoomPolicy& policy, bool open,
                  std::optional<domain::Timestamp> silence_from = std::nullopt);
  void set_seats_left(std::int64_t seats);
  void add_seats_left(std::int64_t seats);

 private:
  // One live visitor, packed: a million of them wait at a time. Times in milliseconds, 0 none.
  struct Slot {
    domain::VisitorToken token{};
    std::int64_t user = 0;
    std::int64_t number = 0;
    /// The place in `waiting_`: the number, or after a draw the place in its order, which is lower
    /// than every number given later. Before the draw the order_key, which is negative.
    std::int64_t rank = 0;
    std::int64_t issued_at = 0;
    std::int64_t activated_at = 0;
    std::int64_t expires_at = 0;
    std::int64_t deadline = 0;  ///< as written down
    std::int64_t heard_at = 0;  ///< the last sign of life in this state
    std::int64_t touch_by = 0;  ///< it is to be written down by then; 0: nobody was asked for it
    bool active = false;
    bool claimed = false;
  };
  /// Admissions in slices of ten seconds over the last five minutes.
  struct Pace {
    static constexpr std::int64_t slice_ms = 10'000;
    static constexpr std::size_t slices = 30;
    std::array<std::int64_t, slices> counts{};
    std::int64_t newest = 0;  ///< number of the newest slice
    std::int64_t first = 0;   ///< number of the first slice ever counted; 0 none

    /// What was counted, over how long.
    struct Rate {
      std::int64_t admitted = 0;
      std::int64_t span_ms = 1;

      [[nodiscard]] double per_ms() const {
        return static_cast<double>(admitted) / static_cast<double>(span_ms);
      }
      [[nodiscard]] std::int64_t per_minute() const;
    };

    void admitted(std::int64_t now_ms);
    [[nodiscard]] Rate rate(std::int64_t now_ms) const;
  };

  VisitorView view_of(Slot& slot, domain::Timestamp now, bool heard);
  static void estimate(VisitorView& view, std::int64_t position, const Pace::Rate& rate);
  std::uint32_t slot_for(const domain::Visitor& visitor);
  void store_into(Slot& slot, const domain::Visitor& visitor);
  void remove(std::uint32_t index);
  void start_waiting(Slot& slot);
  void stop_waiting(const Slot& slot);
  void rank_all(bool by_lot_too);
  void ask_for_touch(VisitorView& view, Slot& slot, std::int64_t now_ms) const;
  [[nodiscard]] std::int64_t silent_until(const Slot& slot, std::int64_t now_ms) const;
  [[nodiscard]] std::int64_t silence_from(std::int64_t now_ms) const;

  const Hearing* const hearing_;
  const bool others_decide_;
  mutable std::mutex mutex_;
  domain::RoomPolicy policy_;
  bool open_;
  std::int64_t silence_from_ = 0;  ///< the room's own
  domain::RoomId id_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  boost::unordered_flat_map<domain::VisitorToken, std::uint32_t,
                            domain::HashOf<domain::VisitorToken>>
      by_token_;
  boost::unordered_flat_map<domain::UserId, std::uint32_t, domain::HashId> by_user_;
  OrderStatistics waiting_;   ///< the ranks of those who wait and have a position
  std::int64_t undrawn_ = 0;  ///< how many wait for the draw
  std::int64_t active_ = 0;
  std::int64_t seats_left_ = 0;
  Pace pace_;
};

}  // namespace onsale::engine

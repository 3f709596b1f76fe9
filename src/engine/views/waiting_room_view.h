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
#include "engine/views/order_statistics.h"

namespace onsale::engine {

/// A live visitor with what only the room as a whole knows. `visitor.browser_id` is empty:
/// the view does not keep it, for the sake of the memory of each who waits; ask the store.
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
  bool wants_touch = false;  ///< its being heard of must be written down; said once
};

struct RoomView {
  std::int64_t waiting = 0;
  std::int64_t active = 0;
  std::int64_t admissions_per_minute = 0;  ///< over the last minutes
  std::int64_t seats_left = 0;             ///< available in all that the room guards
};

/// Any thread may read; one thread writes.
class WaitingRoomView {
 public:
  explicit WaitingRoomView(const domain::RoomPolicy& policy, bool open = true)
      : policy_(policy), open_(open) {}

  /// The live visitor of this token or user; none if there is none (any more). Noting the
  /// look as a sign of life is part of find by token: see VisitorView::wants_touch.
  [[nodiscard]] std::optional<VisitorView> find(const domain::VisitorToken& token,
                                                domain::Timestamp now);
  [[nodiscard]] std::optional<VisitorView> find(domain::UserId user, domain::Timestamp now);
  [[nodiscard]] bool has(const domain::VisitorToken& token) const;
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
  /// `open`: neither paused nor closed.
  void set_policy(const domain::RoomPolicy& policy, bool open);
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
    std::int64_t deadline = 0;
    bool active = false;
    bool claimed = false;
    bool touch_asked = false;
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
  [[nodiscard]] bool wants_touch(const Slot& slot, domain::Timestamp now) const;

  mutable std::mutex mutex_;
  domain::RoomPolicy policy_;
  bool open_;
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

// One waiting room of the fairness audit, replayed record by record: who waits with which place,
// who is active, and whether each step was one that the room promises.
#pragma once

#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <set>
#include <utility>

#include "domain/records.h"
#include "store/fairness.h"
#include "store/fairness_limits.h"

namespace onsale::store {

class FairnessReplay {
 public:
  /// `row` is the room as it is now: its name, and its settings should the journal have none.
  FairnessReplay(const domain::WaitingRoom& row, const domain::Policy& defaults,
                 FairnessFindings& findings);

  void replay(const domain::VisitorMoved& record, domain::Timestamp at);
  void replay(const domain::RoomMoved& record, domain::Timestamp at);
  /// The defaults are these from now on. `before`: those that were declared before, if any were.
  void declare(const domain::Policy& defaults, const domain::Policy* before, domain::Timestamp at);

  /// To be called once, after the last record.
  [[nodiscard]] FairnessRoom finish();

 private:
  /// A visitor whose visit is not over.
  struct Present {
    std::int64_t order_key = 0;
    domain::Timestamp entered_at;
    std::optional<domain::Timestamp> deadline;
    std::optional<domain::Timestamp> session_ends{};
    /// How long it was told that it may be silent, at least.
    domain::Duration silence_max{};
    bool admitted = false;
    bool claimed = false;
  };
  using Place = std::pair<std::int64_t, std::int64_t>;  ///< order_key, number

  void check_time(const domain::Visitor& visitor, domain::Timestamp at);
  void enter(const domain::Visitor& visitor, domain::Timestamp at);
  void check_place(const domain::Visitor& visitor, domain::Timestamp at);
  void admit(const domain::Visitor& visitor, domain::Timestamp at);
  void check_order(const Place& place, domain::Timestamp at);
  void end(const domain::VisitorMoved& record, domain::Timestamp at);
  void note_end(const domain::VisitorMoved& record, const Present& present, domain::Timestamp at);
  void note_exception(const FairnessException& exception);
  void hold_draw(const domain::WaitingRoom& row, domain::Timestamp at);
  void check_lot(const domain::WaitingRoom& row, std::int64_t number, std::int64_t order_key);
  void note_change(const domain::RoomMoved& record, domain::Timestamp at);
  void follow_deadline(Present& present, const domain::Visitor& visitor,
                       domain::Timestamp at) const;
  void excuse(const domain::Visitor& visitor, domain::Timestamp at);
  void resume(const domain::WaitingRoom& row, domain::Timestamp at);
  /// Its time is over, also by the silence that counts.
  [[nodiscard]] bool overdue(const Present& present, domain::Timestamp at) const;
  void add_change(RoomChange change);
  /// The visitor's number among those present, or null, which is a violation.
  Present* find(const domain::Visitor& visitor, std::string_view step);

  template <class... Args>
  void violation(fmt::format_string<Args...> text, Args&&... args) {
    findings_.add("room {}: {}", room_.id.value, fmt::format(text, std::forward<Args>(args)...));
  }

  FairnessFindings& findings_;
  FairnessRoom room_;
  RoomLimits limits_;
  std::int64_t last_number_ = 0;
  std::optional<domain::Timestamp> silence_from_;  ///< none: people could always be heard
  /// Of the records since a policy was declared: before, clocks that were set back left traces.
  std::optional<domain::Timestamp> last_at_;
  boost::unordered_flat_map<std::int64_t, Present> present_;  ///< by number
  /// Those who wait, in order. Whoever was overtaken is not in here any more: once is enough said.
  std::set<Place> line_;
  std::int64_t waiting_ = 0;
  std::int64_t active_ = 0;
  /// Who left before the draw that they would have taken part in.
  std::vector<Place> left_before_draw_;
  /// The first who came before the opening and got no lot; a violation if there is a draw.
  std::int64_t without_lot_ = 0;
};

}  // namespace onsale::store

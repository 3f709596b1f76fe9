// What a waiting room allowed at each moment of its history, for the fairness audit: its state, its
// opening and its two limits, as the journal's changes made them.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/model.h"
#include "store/fairness.h"

namespace onsale::store {

/// The violations as they are found.
struct FairnessFindings {
  std::vector<std::string> violations;
  std::int64_t left_out = 0;

  template <class... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    if (violations.size() < fairness_violations_max) {
      violations.push_back(fmt::format(text, std::forward<Args>(args)...));
    } else {
      ++left_out;
    }
  }
  void add_all(FairnessFindings&& others);
};

/// Admissions at a limited rate: never more in a span of time than the rate gives, beyond a burst
/// of one second's worth.
class AdmissionPace {
 public:
  /// 0: no limit. A new rate begins with a whole burst: what of it was left is not checked.
  void set_rate(std::int64_t per_minute);
  [[nodiscard]] std::int64_t rate() const { return per_minute_; }
  /// From now on times follow the order of the journal; what is earlier happened no earlier.
  void never_goes_back() { goes_back_ = false; }
  /// Counts one admission; false if it came too early.
  [[nodiscard]] bool admit(domain::Timestamp at);

 private:
  std::int64_t per_minute_ = 0;
  std::int64_t interval_us_ = 0;
  std::int64_t burst_ = 1;
  std::int64_t next_us_ = 0;  ///< when the next one is due if they come evenly
  domain::Timestamp last_at_;
  bool goes_back_ = true;
};

/// The settings of one moment. They change with set().
class LimitsInForce {
 public:
  LimitsInForce(const domain::WaitingRoom& row, const domain::Policy& defaults)
      : defaults_(defaults) {
    set(row);
  }
  void set(const domain::WaitingRoom& row);
  /// What counts for settings that the room does not make is in the journal from now on.
  void declare(const domain::Policy& defaults);

  void check_entry(std::int64_t number, FairnessFindings& findings) const;
  /// `active`: how many are already.
  void check_admission(std::int64_t number, std::int64_t active, domain::Timestamp at,
                       FairnessFindings& findings);

  [[nodiscard]] const domain::WaitingRoom& row() const { return row_; }
  /// Was any admission checked against a limit that neither the room nor the journal had?
  [[nodiscard]] bool defaults_used() const { return defaults_used_; }

 private:
  domain::Policy defaults_;
  bool declared_ = false;
  domain::WaitingRoom row_;
  std::int64_t sessions_max_ = 0;
  bool defaults_used_ = false;
  AdmissionPace pace_;
};

/// The settings over time. Before the first change in the journal a room is as it was created,
/// open and with nothing set; if there is no change at all but the room has settings, they were
/// not made by commands, and what the room has now is taken for all its time.
class RoomLimits {
 public:
  RoomLimits(const domain::WaitingRoom& now, const domain::Policy& defaults);

  void set(const domain::WaitingRoom& row, FairnessFindings& findings);
  void declare(const domain::Policy& defaults);
  void check_entry(std::int64_t number);
  void check_admission(std::int64_t number, std::int64_t active, domain::Timestamp at);
  /// Hands over what was found; to be called after the last record.
  void finish(FairnessFindings& findings);

  [[nodiscard]] const domain::WaitingRoom& row() const { return journaled_.row(); }
  [[nodiscard]] domain::RoomPolicy policy() const { return row().policy.over(defaults_.room); }
  /// What was not in the journal.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  const domain::Policy& defaults_;
  LimitsInForce journaled_;
  std::optional<LimitsInForce> as_now_;  ///< until the first change, if it differs
  FairnessFindings found_;               ///< by journaled_
  FairnessFindings found_as_now_;
  bool changed_ = false;
};

}  // namespace onsale::store

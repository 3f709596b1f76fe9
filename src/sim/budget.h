// The rate of a room as the auditor understands it: a bucket of credit that fills with time,
// holds one second's worth of admissions (at least one) and pays one interval for each. The
// engine keeps a schedule instead; both must allow the same at every moment.
#pragma once

#include <cstdint>

#include "domain/types.h"

namespace onsale::sim {

class Budget {
 public:
  /// Right after a change of the rate the auditor does not know how much of the old budget is
  /// carried over, so it allows what a full bucket allows and demands what an empty one does.
  void set_rate(std::int64_t per_minute, domain::Timestamp now);

  [[nodiscard]] bool may_admit(domain::Timestamp now) const;
  [[nodiscard]] bool must_admit(domain::Timestamp now) const;
  /// From when on must_admit(); `now` if it is so already.
  [[nodiscard]] domain::Timestamp must_admit_from(domain::Timestamp now) const;
  void admitted(domain::Timestamp now);
  /// Credit that ran over until `now` because the bucket was full, in admissions.
  [[nodiscard]] double wasted(domain::Timestamp now) const;

 private:
  [[nodiscard]] bool limited() const { return interval_us_ > 0; }
  [[nodiscard]] std::int64_t filled(std::int64_t credit_us, domain::Timestamp now) const;

  std::int64_t interval_us_ = 0;
  std::int64_t full_us_ = 0;
  std::int64_t most_us_ = 0;   ///< credit at `as_of_`, at most
  std::int64_t least_us_ = 0;  ///< and at least
  domain::Timestamp as_of_;
};

}  // namespace onsale::sim

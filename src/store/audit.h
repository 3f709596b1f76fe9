// The auditor behind `onsale verify`: proves from what the store holds that the box office is
// what domain.md promises: no seat has two owners, every won is somewhere, every counter equals
// what it counts, nobody was let in past somebody else. It trusts no index and no counter, and
// shares no code with the rules it checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/store.h"

namespace onsale::store {

/// Violations written out; further ones are only counted.
inline constexpr std::size_t audit_violations_max = 100;

struct AuditReport {
  // What was looked at.
  std::int64_t users = 0;
  std::int64_t events = 0;
  std::int64_t performances = 0;
  std::int64_t seats = 0;
  std::int64_t reservations = 0;
  std::int64_t tickets = 0;
  std::int64_t accounts = 0;
  std::int64_t transfers = 0;
  std::int64_t visitors = 0;
  std::int64_t journal_entries = 0;

  /// One sentence each: which row, and what is wrong with it.
  std::vector<std::string> violations;
  std::int64_t violations_left_out = 0;  ///< beyond audit_violations_max

  [[nodiscard]] bool clean() const { return violations.empty(); }
};

/// Reads the whole store once, in one snapshot. Needs some 100 bytes of memory for each seat,
/// line, reservation and ticket, and less for each user, account, journal entry and visitor of a
/// lottery. An error means that the store could not be read, not that something is wrong in it.
///
/// The state is taken as written, since there is no clock in here: a `held` reservation may be
/// past its time. That nobody took its seats before then is proven from the times of the
/// reservations themselves.
[[nodiscard]] Result<AuditReport> audit(Reader& reader);

}  // namespace onsale::store

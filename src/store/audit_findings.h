// What the parts of the audit share: where they write down what they find, and the tables they
// join with. The parts: sales (catalogue, seats, reservations, tickets), money, rooms (visitors,
// journal); audit.cpp runs them in that order.
#pragma once

#include <fmt/format.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <limits>
#include <utility>

#include "store/audit.h"

namespace onsale::store {

template <class Key, class Value>
using AuditMap = boost::unordered_flat_map<Key, Value, domain::HashId>;
template <class Key>
using AuditSet = boost::unordered_flat_set<Key, domain::HashId>;

/// After everything that has happened or will.
inline constexpr domain::Timestamp never{
    domain::Duration{std::numeric_limits<std::int64_t>::max()}};

/// The report as it grows.
struct AuditFindings {
  AuditReport report;

  template <class... Args>
  void violation(fmt::format_string<Args...> text, Args&&... args) {
    if (report.violations.size() < audit_violations_max) {
      report.violations.push_back(fmt::format(text, std::forward<Args>(args)...));
    } else {
      ++report.violations_left_out;
    }
  }
  template <class... Args>
  void expect(bool holds, fmt::format_string<Args...> text, Args&&... args) {
    if (!holds) violation(text, std::forward<Args>(args)...);
  }
};

}  // namespace onsale::store

// What will happen, in order of time; at the same time in the order in which it was noted down.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "domain/types.h"

namespace onsale::sim {

/// `Due` says what; the timeline only keeps it.
template <class Due>
class Timeline {
 public:
  void add(domain::Timestamp at, Due due) { waiting_.push({at, noted_++, due}); }
  [[nodiscard]] domain::Timestamp next_at() const {
    return waiting_.empty() ? domain::Timestamp::max() : waiting_.top().at;
  }
  /// What is due at next_at(); there must be something.
  Due take() {
    const Due due = waiting_.top().due;
    waiting_.pop();
    return due;
  }

 private:
  struct Entry {
    domain::Timestamp at;
    std::uint64_t noted;
    Due due;
    friend bool operator<(const Entry& a, const Entry& b) {  // the earliest is the greatest
      return a.at != b.at ? a.at > b.at : a.noted > b.noted;
    }
  };
  std::priority_queue<Entry> waiting_;
  std::uint64_t noted_ = 0;
};

}  // namespace onsale::sim

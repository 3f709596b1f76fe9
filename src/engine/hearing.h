// Can people be heard? Time in which they cannot (the process does not run or has just begun, the
// store takes no writes, the views cannot follow it) does not count as their silence. Nobody has to
// tell when that begins: the committer that looks after what is due says again and again that all
// is well, and when it has not said so for a while, nobody can be heard. When it does so again,
// silence counts anew from then on (domain/silence.h).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "domain/types.h"

namespace onsale::engine {

/// Any thread may call anything.
class Hearing {
 public:
  /// From when on silence counts. The end of time while nobody can be heard, as before the first
  /// resume(); the epoch if this process has nothing to excuse.
  [[nodiscard]] domain::Timestamp silence_from() const;

  /// Nothing was said for so long: nobody could be heard. Without it, silence is broken by resume()
  /// and interrupt() alone.
  void watch(domain::Duration standstill);
  /// Nobody can be heard, or could be for too long a while.
  [[nodiscard]] bool interrupted() const;
  /// All is well.
  void beat();
  /// People can be heard as of `now`, and could not be before: silence counts anew.
  void resume(domain::Timestamp now);
  /// What was heard is forgotten: nobody can be heard until resume().
  void interrupt() { last_beat_ns_ = 0; }
  /// The views can (not) follow the store.
  void set_blind(bool blind) { blind_ = blind; }
  /// Another process hears people and looks after what is due: what was missed here was not missed.
  void missed_nothing();

 private:
  std::atomic<std::int64_t> silence_from_ms_ = 0;
  std::atomic<std::int64_t> last_beat_ns_ = 0;   ///< by the steady clock; 0 while interrupted
  std::atomic<std::int64_t> standstill_ns_ = 0;  ///< 0: not watched
  std::atomic<bool> blind_ = false;
};

}  // namespace onsale::engine

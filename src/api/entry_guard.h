// What stands between a crowd of robots and the waiting room: work to be done before one enters,
// as much as the room's organiser wants, and a rate of entries for each address. Both are for
// those who have no place yet; who has one polls and enters again freely. See docs/abuse.md.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/altcha.h"
#include "api/client_address.h"
#include "api/entry_rate.h"
#include "domain/types.h"
#include "http/message.h"
#include "http/problem.h"

namespace onsale::api {

struct Services;

struct EntryLimits {
  std::int64_t entries_per_address_per_minute = 0;  ///< 0: no limit
  domain::Duration challenge_lifetime = std::chrono::minutes{5};
  TrustedProxies proxies;
};

/// Somebody who wants to enter a room.
struct Newcomer {
  domain::RoomId room;
  domain::UserId user;
  std::string_view solution;  ///< of a challenge; may be empty
};

class EntryPass;

/// Any thread.
class EntryGuard {
 public:
  /// Challenges are signed with a key derived from `secret`.
  EntryGuard(std::string_view secret, EntryLimits limits);

  /// Is there anything to ask of somebody who enters a room of so much work?
  [[nodiscard]] bool asks(std::int64_t work) const { return work > 0 || rate_.has_value(); }

  /// For whoever sends the request.
  [[nodiscard]] Challenge challenge(const http::Request& request, domain::RoomId room,
                                    std::int64_t work, domain::Timestamp now) const;

  /// Lets somebody pass who has no place in the room. Problems, in this order: too-many-requests,
  /// with the time of the next entry that the address may make; proof-of-work-required, with a
  /// challenge; request-in-flight, for a solution that is being used. `moment` is `now` by the
  /// steady clock.
  [[nodiscard]] std::expected<EntryPass, http::Problem> admit(const http::Request& request,
                                                              const Newcomer& newcomer,
                                                              std::int64_t work,
                                                              domain::Timestamp now,
                                                              EntryRate::Moment moment);

 private:
  friend class EntryPass;

  [[nodiscard]] std::string network(const http::Request& request) const;

  const TrustedProxies proxies_;
  Altcha altcha_;
  std::optional<EntryRate> rate_;
};

/// What somebody gave to enter: it is given back unless entered() is called. The guard must
/// outlive it.
class EntryPass {
 public:
  /// Of somebody who had nothing to give.
  EntryPass() = default;
  EntryPass(EntryPass&& other) noexcept
      : guard_(std::exchange(other.guard_, nullptr)),
        network_(std::move(other.network_)),
        use_(other.use_),
        newcomer_(other.newcomer_) {}
  EntryPass& operator=(EntryPass&&) = delete;
  ~EntryPass();

  /// Of somebody who has a place, so that nothing is asked. No new place may be had with it: the
  /// old one could be given up meanwhile.
  [[nodiscard]] static EntryPass of_present() {
    EntryPass pass;
    pass.newcomer_ = false;
    return pass;
  }
  /// Is it good for a new place?
  [[nodiscard]] bool newcomer() const { return newcomer_; }

  /// The place is taken; what it cost is gone.
  void entered();

 private:
  friend class EntryGuard;
  explicit EntryPass(EntryGuard& guard) : guard_(&guard) {}

  EntryGuard* guard_ = nullptr;         // null: nothing was given
  std::optional<std::string> network_;  // whose entry was taken
  std::optional<Altcha::Use> use_;
  bool newcomer_ = true;
};

/// The guard's word on somebody who wants to enter; nothing is asked of who has a place. Besides
/// the guard's own problems: room-closed, before any work is asked for. Whether there is such a
/// room and such a user is for the engine to say.
[[nodiscard]] std::expected<EntryPass, http::Problem> admit(Services& services,
                                                            const http::Request& request,
                                                            const Newcomer& newcomer);

/// How much work the room asks for; none if there is no such room.
[[nodiscard]] std::optional<std::int64_t> entry_work(Services& services, domain::RoomId room);

}  // namespace onsale::api

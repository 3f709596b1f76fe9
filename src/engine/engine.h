// The box office as the API sees it: commands in, durable outcomes out; reads from views.
// Any thread may call anything here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock.h"
#include "engine/committer.h"
#include "engine/follower.h"
#include "engine/job.h"
#include "engine/routing.h"
#include "engine/store_clock.h"
#include "engine/views/views.h"
#include "store/store.h"

namespace onsale::engine {

class Engine {
 public:
  /// Opens the store for writing, builds the views from it and starts `lanes` committers (1 or
  /// more). `store` and `clock` must outlive the engine. If others may write to the store and it
  /// has a clock of its own, `clock` is led by that.
  [[nodiscard]] static store::Result<std::unique_ptr<Engine>> start(store::Store& store,
                                                                    const Clock& clock,
                                                                    const domain::Policy& policy,
                                                                    const CommitterLimits& limits,
                                                                    std::size_t lanes = 1);
  ~Engine();

  /// Hands a command over. `done` gets the outcome once it is durable, or a refusal; it is
  /// called exactly once, on the committer's thread (a refusal that needs no batch: on
  /// this one, before submit returns), must be quick and must not throw.
  template <class Command>
  void submit(Command command, std::optional<Idempotency<OutcomeOf<Command>>> idempotency,
              typename JobOf<Command>::Done done) {
    const auto at = static_cast<std::uint64_t>(affinity(command, views_)) % lanes_.size();
    lanes_[at]->submit(std::make_unique<JobOf<Command>>(std::move(command), std::move(idempotency),
                                                        std::move(done)));
  }

  /// The live visitor of a token, which counts as a sign of life: claims an admitted
  /// visitor's session (written with the next tick), keeps an idle one's place (written only where
  /// somebody else may end its visit).
  [[nodiscard]] std::optional<VisitorView> hear(const domain::VisitorToken& token) {
    return hear(token, now());
  }
  /// For who has read the clock already.
  [[nodiscard]] std::optional<VisitorView> hear(const domain::VisitorToken& token,
                                                domain::Timestamp now);
  /// The user's live visitor in a room, without being a sign of life.
  [[nodiscard]] std::optional<VisitorView> visitor_of(domain::UserId user, domain::RoomId room);

  [[nodiscard]] const Views& views() const { return views_; }
  /// See Views::fetch_seat_maps(). Not on an event loop.
  [[nodiscard]] auto fetch_seat_maps(std::vector<domain::PerformanceId> performances,
                                     store::Reader& reader) {
    return views_.fetch_seat_maps(std::move(performances), reader);
  }
  [[nodiscard]] const domain::Policy& policy() const { return policy_; }
  [[nodiscard]] domain::Timestamp now() const { return clock_.now(); }

  /// What is shown may be so old before this server is better not asked any more. To read a box
  /// office of 4,000 performances anew takes less.
  static constexpr domain::Duration views_behind_max = std::chrono::seconds{10};

  /// Empty while writes are taken and what is shown is not older than that; else what is wrong, for
  /// the operator.
  [[nodiscard]] std::string trouble() const;
  /// What an operator should look at, though writes are taken; a sentence each.
  [[nodiscard]] std::vector<std::string> warnings() const;
  /// How far this machine's time of day is ahead of the store's clock; none if that has none, or
  /// nobody knows.
  [[nodiscard]] std::optional<domain::Duration> machine_ahead() const {
    return store_clock_.machine_ahead();
  }
  /// How many things that are due are left alone (engine/isolation.h).
  [[nodiscard]] std::size_t left_alone() const;
  /// For how long what is shown has not been all there is; see Views::behind().
  [[nodiscard]] domain::Duration views_behind() const { return views_.behind(); }
  /// Of all lanes together.
  [[nodiscard]] CommitterStats stats() const;

  /// No new commands; those accepted are decided, committed and answered. Idempotent.
  void drain();

 private:
  Engine(const Clock& clock, const domain::Policy& policy, Views::Writers writers)
      : clock_(clock), store_clock_(clock), policy_(policy), views_(policy, clock, writers) {}

  const Clock& clock_;
  StoreClock store_clock_;
  const domain::Policy policy_;
  Views views_;
  std::vector<std::unique_ptr<Committer>> lanes_;
  std::unique_ptr<Follower> follower_;
};

}  // namespace onsale::engine

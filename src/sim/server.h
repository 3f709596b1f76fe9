// The server in virtual time: the engine's own lane and views on a real store, driven as the
// committer drives them, with a queue and ticks but without a thread and a clock. A batch is
// taken when the one before it is durable, is decided as of that moment, and is durable, seen
// and answered one commit time later. A crash throws away everything but the store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "domain/policy.h"
#include "domain/records.h"
#include "domain/waiting_room.h"
#include "engine/clock.h"
#include "engine/job.h"
#include "engine/lane.h"
#include "engine/views/views.h"
#include "sim/scenario.h"
#include "store/store.h"

namespace onsale::sim {

struct ServerSettings {
  std::uint64_t seed = 1;  ///< of the names of its batches
  domain::Policy policy{};
  domain::RoomId room;  ///< the room whose admissions the ticks must not miss
  domain::Duration tick{25};
  domain::Duration commit_time{5};
  std::size_t batch_max = 1024;
};

/// A batch that is durable now.
struct CommittedBatch {
  std::span<const domain::Record> records;
  domain::Timestamp decided_at;
  domain::Timestamp durable_at;
  bool saw_room = false;    ///< the room was among its rows, so that people could be admitted
  bool unfinished = false;  ///< the next batch follows at once and goes on
};

class Server {
 public:
  /// Told of every batch once it is durable, before anybody is answered.
  using Witness = std::function<void(const CommittedBatch&)>;

  /// `store` and `clock` must outlive it. Not up yet.
  Server(store::Store& store, const engine::Clock& clock, const ServerSettings& settings,
         Witness witness)
      : store_(store), clock_(clock), settings_(settings), witness_(std::move(witness)) {}

  /// Comes up, with views read from the store. Throws if that fails.
  void start();
  /// Dies. Whoever waits for an answer is refused as `unavailable`, which may be wrong about
  /// the batch under way: as when a connection breaks.
  void crash(CrashPoint point);
  [[nodiscard]] bool up() const { return lane_.has_value(); }

  /// `done` gets the outcome when it is durable; at once if the server is down.
  template <class Command>
  void submit(Command command, typename engine::JobOf<Command>::Done done,
              std::optional<engine::Idempotency<engine::OutcomeOf<Command>>> idempotency = {}) {
    add(std::make_unique<engine::JobOf<Command>>(std::move(command), std::move(idempotency),
                                                 std::move(done)));
  }
  /// As Engine::hear: a look by the visitor itself. Only while up.
  std::optional<engine::VisitorView> hear(const domain::VisitorToken& token);

  /// Only while up.
  [[nodiscard]] const engine::Views& views() const { return *views_; }

  /// When it will do something by itself; Timestamp::max() if nothing is due.
  [[nodiscard]] domain::Timestamp next_at() const;
  /// Does what is due now. Throws if a batch is broken or not taken.
  void act();
  /// A batch is under way or about to be.
  [[nodiscard]] bool busy() const { return under_way_ || !queue_.empty(); }

  [[nodiscard]] std::int64_t batches() const { return batches_; }
  [[nodiscard]] std::int64_t commands() const { return commands_; }

 private:
  using Jobs = std::vector<std::unique_ptr<engine::Job>>;
  struct UnderWay {
    Jobs jobs;
    bool tick = false;
    domain::Timestamp taken_at;
    domain::Timestamp durable_at;
  };

  void add(std::unique_ptr<engine::Job> job);
  void take();
  Jobs finish();
  void plan_tick();

  store::Store& store_;
  const engine::Clock& clock_;
  ServerSettings settings_;
  Witness witness_;
  std::uint64_t starts_ = 0;
  std::int64_t batches_ = 0;
  std::int64_t commands_ = 0;

  // In memory: gone after a crash.
  std::unique_ptr<engine::Views> views_;
  std::optional<engine::Lane> lane_;
  Jobs queue_;
  std::optional<UnderWay> under_way_;
  domain::WaitingRoom room_;
  domain::Timestamp queued_at_;    ///< since when the queue is not empty
  domain::Timestamp next_tick_;    ///< the earliest
  domain::Timestamp tick_wanted_;  ///< the first that will find something due
};

}  // namespace onsale::sim

#include "engine/committer.h"

#include <spdlog/spdlog.h>

#include <boost/uuid/random_generator.hpp>
#include <exception>

#include "domain/reservation.h"
#include "domain/waiting_room.h"

namespace onsale::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds housekeeping_interval{1};
constexpr std::size_t purge_rows_max = 1000;
/// After a bug in what the tick does, the rest of the box office goes first for a while.
constexpr std::chrono::seconds tick_after_bug{1};
/// Less than this is the ordinary jitter between two looks at a clock.
constexpr domain::Duration clock_step_min{1000};

domain::VisitorToken random_batch_id(std::mt19937_64& engine) {
  return boost::uuids::basic_random_generator<std::mt19937_64>(engine)();
}

}  // namespace

Committer::Committer(std::unique_ptr<store::Writer> writer, std::unique_ptr<store::Reader> reader,
                     const Clock& clock, const domain::Policy& policy, Views& views,
                     CommitterLimits limits)
    : writer_(std::move(writer)),
      reader_(std::move(reader)),
      clock_(clock),
      policy_(policy),
      views_(views),
      limits_(limits) {
  std::random_device entropy;
  std::seed_seq seed{entropy(), entropy(), entropy(), entropy()};
  batch_ids_.seed(seed);
}

Committer::~Committer() { drain(); }

void Committer::start() {
  thread_ = std::thread([this] { run(); });
}

void Committer::submit(std::unique_ptr<Job> job) {
  Refusal why{};
  {
    const std::lock_guard lock(mutex_);
    if (draining_) {
      why = Refusal::draining;
    } else if (queue_.size() >= limits_.queue_max) {
      ++stats_.refused_overloaded;
      why = Refusal::overloaded;
    } else if (job->key() && !in_flight_.insert(*job->key()).second) {
      why = Refusal::key_in_flight;
    } else {
      queue_.push_back(std::move(job));
      if (waiting_) wake_.notify_one();
      return;
    }
  }
  job->refuse(why);
}

void Committer::drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::string Committer::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

CommitterStats Committer::stats() const {
  const std::lock_guard lock(mutex_);
  CommitterStats now = stats_;
  now.queue_length = queue_.size();
  return now;
}

// ---- the thread ----------------------------------------------------------------------

void Committer::run() {
  Jobs batch;
  while (take(batch)) {
    process(batch);
    batch.clear();
    housekeep();
  }
}

/// Waits for work or the next tick. False when draining and nothing is left.
bool Committer::take(Jobs& batch) {
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !draining_ && !more_to_admit_) {
    waiting_ = true;
    wake_.wait_until(lock, next_tick_, [this] { return !queue_.empty() || draining_; });
    waiting_ = false;
  }
  if (queue_.empty()) return !draining_;
  if (queue_.size() <= limits_.batch_max) {
    batch.swap(queue_);
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(limits_.batch_max);
    batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  return true;
}

void Committer::process(Jobs& batch) {
  const auto now = SteadyClock::now();
  const bool due = now >= next_tick_ || more_to_admit_;
  if (due) next_tick_ = now + limits_.tick;
  more_to_admit_ = false;
  // While the store takes nothing, what is due can wait: the probe asks after it.
  settle(batch, due && trouble().empty());
}

/// Decides and answers. If one command breaks an invariant, the batch is halved until whoever
/// it is fails alone; the same goes for what the tick does by itself.
void Committer::settle(Batch batch, bool tick) {
  if (batch.empty() && !tick) return;
  switch (attempt(batch, tick)) {
    case Fate::committed:
      release_keys(batch);
      for (const auto& job : batch) job->answer();
      return;
    case Fate::unavailable:
      refuse_all(batch, Refusal::unavailable);
      return;
    case Fate::broken:
      break;
  }
  if (tick) {
    next_tick_ = SteadyClock::now() + tick_after_bug;
    settle(batch, /*tick=*/false);
  } else if (batch.size() == 1) {
    refuse_all(batch, Refusal::internal);
  } else {
    const std::size_t half = batch.size() / 2;
    settle(batch.first(half), /*tick=*/false);
    settle(batch.subspan(half), /*tick=*/false);
  }
}

Committer::Fate Committer::attempt(Batch batch, bool tick) {
  for (int tries = 0; tries < limits_.conflict_retries_max; ++tries) {
    const domain::Timestamp now = read_clock();
    store::Result<domain::JournalId> done;
    try {
      done = decide_and_commit(batch, tick, now);
    } catch (const std::exception& bug) {
      writer_->abandon();
      more_to_admit_ = false;
      spdlog::error("batch of {} abandoned: {}", batch.size(), bug.what());
      return Fate::broken;
    }
    if (done) {
      committed(*done, batch.size(), now);
      return Fate::committed;
    }
    writer_->abandon();
    more_to_admit_ = false;
    if (done.error().failure == store::Failure::conflict) continue;
    if (done.error().failure == store::Failure::constraint) {
      spdlog::error("batch of {} refused by a guard: {}", batch.size(), done.error().message);
      return Fate::broken;
    }
    note_trouble(done.error().message);
    return Fate::unavailable;
  }
  return Fate::unavailable;
}

/// Nothing from here on may change what the waiters are told: the batch is durable.
void Committer::committed(domain::JournalId position, std::size_t commands,
                          domain::Timestamp now) noexcept {
  const bool wrote = position.value != 0;
  if (wrote) {
    views_.apply(rows_.records, position, now, *reader_);
    note_trouble("");
  }
  const std::lock_guard lock(mutex_);
  stats_.batches += wrote ? 1 : 0;
  stats_.commands += commands;
}

/// Position zero means that there was nothing to write.
store::Result<domain::JournalId> Committer::decide_and_commit(Batch batch, bool tick,
                                                              domain::Timestamp now) {
  if (auto decided = decide_all(batch, tick, now); !decided) {
    return std::unexpected(decided.error());
  }
  if (rows_.dirty()) return commit(now);
  more_to_admit_ = false;  // nobody could be admitted: trying again at once would not help
  writer_->abandon();
  return domain::JournalId{};
}

store::Result<void> Committer::decide_all(Batch batch, bool tick, domain::Timestamp now) {
  domain::Footprint need;
  need.due = tick;
  need.due_at = now;
  for (const auto& job : batch) job->add_footprint(policy_, need);
  rows_.clear();
  if (auto loaded = writer_->load(need, rows_); !loaded) return loaded;
  domain::expire_due_reservations(rows_, now);
  domain::end_due_visits(rows_, now);
  for (const auto& job : batch) job->run(rows_, now, policy_);
  return admit_all(now);
}

/// Slots that this batch freed go to those who wait, in the same commit.
store::Result<void> Committer::admit_all(domain::Timestamp now) {
  more_to_admit_ = false;
  for (const domain::RoomId room : rows_.room_ids) {
    const std::int64_t places = domain::admissible(rows_.rooms.get(room), now, policy_);
    if (places == 0) continue;
    if (auto loaded = writer_->load_first_waiting(room, places, rows_); !loaded) return loaded;
    domain::admit(rows_, room, now, policy_);
    more_to_admit_ |= domain::admissible(rows_.rooms.get(room), now, policy_) > 0;
  }
  return {};
}

store::Result<domain::JournalId> Committer::commit(domain::Timestamp now) {
  const store::BatchId id = random_batch_id(batch_ids_);
  const auto before = SteadyClock::now();
  auto done = writer_->commit(rows_, id, now);
  if (!done && done.error().failure == store::Failure::unknown) {
    const auto found = writer_->find_batch(id);
    if (!found) views_.forget();  // it may have happened: what is shown must be read anew
    if (found && *found) {
      done = **found;
    } else if (found) {
      done.error().failure = store::Failure::conflict;  // it did not happen: decide again
    }
  }
  const std::lock_guard lock(mutex_);
  stats_.commit_seconds += std::chrono::duration<double>(SteadyClock::now() - before).count();
  return done;
}

void Committer::refuse_all(Batch batch, Refusal why) {
  release_keys(batch);
  for (const auto& job : batch) job->refuse(why);
}

void Committer::release_keys(Batch batch) {
  const std::lock_guard lock(mutex_);
  if (in_flight_.empty()) return;
  for (const auto& job : batch) {
    if (job->key()) in_flight_.erase(*job->key());
  }
}

void Committer::note_trouble(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (!what.empty()) ++stats_.failed_batches;
  if (what == trouble_) return;
  if (what.empty()) {
    spdlog::info("the store takes writes again");
  } else {
    spdlog::error("the store takes no writes: {}", what);
  }
  trouble_ = what;
}

/// What is looked after beside the batches. A failure here is met again, and said, by them.
void Committer::housekeep() {
  const auto now = SteadyClock::now();
  if (now < next_housekeeping_) return;
  next_housekeeping_ = now + housekeeping_interval;
  try {
    views_.refresh(*reader_);
    if (trouble().empty()) {
      purge();
    } else {
      probe();
    }
  } catch (const std::exception& bug) {
    writer_->abandon();
    spdlog::error("housekeeping: {}", bug.what());
  }
}

/// A little each second rather than much each minute, which would hold up a batch.
void Committer::purge() {
  const auto before = read_clock() - domain::idempotency_kept;
  if (auto purged = writer_->purge_idempotency(before, purge_rows_max); !purged) {
    note_trouble(purged.error().message);
  }
}

/// A server that is not ready gets no requests, so nothing but this would notice that the
/// disk has room again: an empty journal entry is a real, durable write.
void Committer::probe() {
  rows_.clear();
  if (writer_->load({}, rows_) && commit(read_clock())) {
    note_trouble("");
  } else {
    writer_->abandon();
  }
}

/// The box office's time never runs backwards, whatever is done to the machine's clock: one
/// that was set back is waited for at half speed, so that holds still run out meanwhile.
domain::Timestamp Committer::read_clock() {
  const auto steady = SteadyClock::now();
  const auto elapsed = std::chrono::floor<domain::Duration>(steady - last_read_);
  last_read_ += elapsed;
  const domain::Timestamp shown = clock_.now();
  const bool set_back = shown + clock_step_min < last_now_;
  last_now_ = std::max(shown, set_back ? last_now_ + elapsed / 2 : last_now_);
  return last_now_;
}

}  // namespace onsale::engine

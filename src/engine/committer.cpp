#include "engine/committer.h"

#include <spdlog/spdlog.h>

#include <boost/uuid/random_generator.hpp>
#include <exception>

#include "domain/reservation.h"
#include "domain/waiting_room.h"

namespace onsale::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds probe_interval{1};
constexpr std::chrono::seconds purge_interval{60};
constexpr std::size_t purge_rows_max = 10'000;

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
    probe_when_troubled();
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
  const bool tick = SteadyClock::now() >= next_tick_ || more_to_admit_;
  if (tick) next_tick_ = SteadyClock::now() + limits_.tick;
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
      process_one_by_one(batch);
      return;
  }
}

/// One command of the batch breaks an invariant: whoever it is fails alone.
void Committer::process_one_by_one(Jobs& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::span<const std::unique_ptr<Job>> one(&batch[i], 1);
    switch (attempt(one, /*tick=*/false)) {
      case Fate::committed:
        release_keys(one);
        batch[i]->answer();
        break;
      case Fate::unavailable:
        refuse_all(one, Refusal::unavailable);
        break;
      case Fate::broken:
        refuse_all(one, Refusal::internal);
        break;
    }
  }
}

Committer::Fate Committer::attempt(std::span<const std::unique_ptr<Job>> batch, bool tick) {
  for (int tries = 0; tries < limits_.conflict_retries_max; ++tries) {
    const domain::Timestamp now = read_clock();
    try {
      const auto done = decide_and_commit(batch, tick, now);
      if (done) {
        if (done->value != 0) {
          views_.apply(rows_.records, *done, now, *reader_);
          note_trouble("");
        }
        const std::lock_guard lock(mutex_);
        stats_.batches += done->value != 0 ? 1 : 0;
        stats_.commands += batch.size();
        return Fate::committed;
      }
      writer_->abandon();
      if (done.error().failure == store::Failure::conflict) continue;
      spdlog::error("batch of {} not written: {}", batch.size(), done.error().message);
      if (done.error().failure == store::Failure::constraint) return Fate::broken;
      note_trouble(done.error().message);
      return Fate::unavailable;
    } catch (const std::exception& bug) {
      writer_->abandon();
      spdlog::error("batch of {} abandoned: {}", batch.size(), bug.what());
      return Fate::broken;
    }
  }
  return Fate::unavailable;
}

/// Position zero means that there was nothing to write.
store::Result<domain::JournalId> Committer::decide_and_commit(
    std::span<const std::unique_ptr<Job>> batch, bool tick, domain::Timestamp now) {
  if (auto decided = decide_all(batch, tick, now); !decided) {
    return std::unexpected(decided.error());
  }
  if (rows_.dirty()) return commit(now);
  writer_->abandon();
  return domain::JournalId{};
}

store::Result<void> Committer::decide_all(std::span<const std::unique_ptr<Job>> batch, bool tick,
                                          domain::Timestamp now) {
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

void Committer::refuse_all(std::span<const std::unique_ptr<Job>> batch, Refusal why) {
  release_keys(batch);
  for (const auto& job : batch) job->refuse(why);
}

void Committer::release_keys(std::span<const std::unique_ptr<Job>> batch) {
  const std::lock_guard lock(mutex_);
  if (in_flight_.empty()) return;
  for (const auto& job : batch) {
    if (job->key()) in_flight_.erase(*job->key());
  }
}

void Committer::note_trouble(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (!what.empty()) {
    ++stats_.failed_batches;
  } else if (!trouble_.empty()) {
    spdlog::info("the store takes writes again");
  }
  trouble_ = what;
}

/// A server that is not ready gets no requests, so nothing but this would notice that the
/// disk has room again: an empty journal entry is a real, durable write.
void Committer::probe_when_troubled() {
  const auto now = SteadyClock::now();
  if (trouble().empty()) {
    if (now >= next_purge_) {
      next_purge_ = now + purge_interval;
      const auto before = read_clock() - domain::idempotency_kept;
      if (auto purged = writer_->purge_idempotency(before, purge_rows_max); !purged) {
        note_trouble(purged.error().message);
      }
    }
    return;
  }
  if (now < next_probe_) return;
  next_probe_ = now + probe_interval;
  rows_.clear();
  if (writer_->load({}, rows_) && commit(read_clock())) {
    note_trouble("");
  } else {
    writer_->abandon();
  }
}

/// The box office's time never runs backwards, whatever is done to the machine's clock.
domain::Timestamp Committer::read_clock() {
  last_now_ = std::max(last_now_, clock_.now());
  return last_now_;
}

}  // namespace onsale::engine

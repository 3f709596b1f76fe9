#include "engine/committer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

namespace onsale::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds housekeeping_interval{1};
/// After a bug in what the tick does, the rest of the box office goes first for a while.
constexpr std::chrono::seconds tick_after_bug{1};
/// Of signs of life, at the end.
constexpr int last_batches_max = 64;
/// Longer than the store takes to see that one is gone (store::Writer::leads).
constexpr std::chrono::seconds leader_believed_after{5};

/// Nobody else on this store may ever name a batch like this lane.
std::seed_seq unique_seed() {
  std::random_device entropy;
  return {entropy(), entropy(), entropy(), entropy()};
}

}  // namespace

Committer::Committer(std::unique_ptr<store::Writer> writer, std::unique_ptr<store::Reader> reader,
                     const Clock& clock, const domain::Policy& policy, Views& views,
                     CommitterLimits limits, CommitterDuties duties)
    : clock_(clock),
      limits_(limits),
      duties_(duties),
      lane_(std::move(writer), std::move(reader), policy, views, unique_seed()),
      views_(views),
      isolation_(
          lane_, [this](const Chores& only) { return attempt({}, /*tick=*/true, &only).fate; },
          limits.left_alone_for) {
  if (duties_.ticks) views_.hearing().watch(limits_.standstill);
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

void Committer::hear(const Sign& sign) {
  {
    const std::lock_guard lock(mutex_);
    if (keep(sign)) return;
  }
  if (const auto view = views_.room(sign.room)) view->touch_failed(sign.touch.token);
}

/// Those whose time has come are never crowded out by those that have time.
bool Committer::keep(const Sign& sign) {
  const bool urgent = sign.by <= sign.touch.at;
  const std::size_t most = urgent ? 2 * limits_.signs_max : limits_.signs_max;
  if (draining_ || signs_.size() >= most) return false;
  signs_.push_back(sign);
  std::ranges::push_heap(signs_, std::ranges::greater(), &Sign::by);
  return true;
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
    look_around();
    process(batch);
    batch.clear();
    housekeep();
  }
  write_last_signs();
}

/// That the committer gets here and the store takes its writes is what being able to hear means.
void Committer::look_around() {
  if (!duties_.ticks) return;
  Hearing& hearing = views_.hearing();
  // Time jumps over what was left out: nobody could be heard in it.
  if (clock_.follow_step()) hearing.interrupt();
  if (!trouble().empty()) return;
  if (hearing.interrupted()) hearing.resume(clock_.now());
  hearing.beat();
}

/// Waits for work or the next tick. False when draining and nothing is left.
bool Committer::take(Jobs& batch) {
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !draining_ && !unfinished_) {
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
  const bool due = now >= next_tick_ || unfinished_;
  if (due) next_tick_ = now + limits_.tick;
  unfinished_ = false;
  // While the store takes nothing, what is due can wait: the probe asks after it.
  if (!due || !trouble().empty()) return settle(batch, /*tick=*/false);
  add_signs(batch);
  const bool leading = leads();
  note_leader(leading);
  settle(batch, leading);
  unfinished_ |= more_signs_;
}

/// An outage is the house's only if nobody else went on. That somebody leads is no proof: the
/// database may take a while to see that a leader is gone.
void Committer::note_leader(bool leading) {
  if (!duties_.ticks) return;
  const auto now = SteadyClock::now();
  if (leading || views_.hearing().interrupted()) {
    follows_since_.reset();
  } else if (!follows_since_) {
    follows_since_ = now;
  } else if (now - *follows_since_ > leader_believed_after) {
    views_.hearing().missed_nothing();
  }
}

/// Behind the commands. What is written is when they were last heard of by now.
void Committer::add_signs(Jobs& batch) {
  const domain::Timestamp now = clock_.now();
  Signs signs;
  {
    const std::lock_guard lock(mutex_);
    const auto due = [&] { return !signs_.empty() && (draining_ || signs_.front().by <= now); };
    while (due() && signs.size() < limits_.signs_per_batch) {
      std::ranges::pop_heap(signs_, std::ranges::greater(), &Sign::by);
      signs.push_back(signs_.back());
      signs_.pop_back();
    }
    more_signs_ = due();
  }
  if (signs.empty()) return;
  domain::Touches touches;
  for (const Sign& sign : signs) {
    const auto view = views_.room(sign.room);
    const auto at = view ? view->sign(sign.touch, sign.by) : std::nullopt;
    if (!at) continue;
    touches.each.push_back(sign.touch);
    touches.each.back().at = at;
  }
  if (touches.each.empty()) return;
  using SignsJob = JobOf<domain::Touches>;
  batch.push_back(std::make_unique<SignsJob>(
      std::move(touches), std::nullopt,
      [this, signs = std::move(signs)](const Reply<domain::TouchesOutcome>& reply) mutable {
        if (const auto* why = std::get_if<Refusal>(&reply)) signs_refused(std::move(signs), *why);
      }));
}

/// What was heard before the end is not lost, if the store takes it: the most pressing first.
void Committer::write_last_signs() {
  Jobs last;
  int batches = 0;
  do {
    last.clear();
    add_signs(last);
    settle(last, /*tick=*/false);
  } while (more_signs_ && trouble().empty() && ++batches < last_batches_max);
}

/// They wait for the store to take them; but not those that break something.
void Committer::signs_refused(Signs signs, Refusal why) {
  if (why == Refusal::unavailable) {
    const std::lock_guard lock(mutex_);
    std::erase_if(signs, [this](const Sign& sign) { return keep(sign); });
  }
  for (const Sign& sign : signs) {
    if (const auto view = views_.room(sign.room)) view->touch_failed(sign.touch.token);
  }
}

/// Decides and answers. If one command breaks an invariant, the batch is halved until whoever
/// it is fails alone; the same goes for each thing that the tick does by itself.
void Committer::settle(Batch batch, bool tick) {
  if (batch.empty() && !tick) return;
  switch (attempt(batch, tick).fate) {
    case Attempt::Fate::committed:
      release_keys(batch);
      for (const auto& job : batch) job->answer();
      return;
    case Attempt::Fate::conflict:
    case Attempt::Fate::unavailable:
      refuse_all(batch, Refusal::unavailable);
      return;
    case Attempt::Fate::refused:
    case Attempt::Fate::broken:
      break;
  }
  if (tick) {
    settle_tick(batch);
  } else if (batch.size() == 1) {
    if (!settle_without_chores(batch)) refuse_all(batch, Refusal::internal);
  } else {
    const std::size_t half = batch.size() / 2;
    settle(batch.first(half), /*tick=*/false);
    settle(batch.subspan(half), /*tick=*/false);
  }
}

/// Something of a batch with a tick broke: those who wait for an answer come first, then what is
/// due, and then others for a while, however many there are to be isolated.
void Committer::settle_tick(Batch batch) {
  const std::vector<Chore> chores = lane_.chores();
  settle(batch, /*tick=*/false);
  (void)isolation_.isolate(chores, SteadyClock::now());
  unfinished_ = false;
  next_tick_ = SteadyClock::now() + tick_after_bug;
}

/// A command that was refused may be innocent: its batch also admits those who wait in its room.
bool Committer::settle_without_chores(Batch batch) {
  const std::vector<Chore> chores = lane_.chores();
  const Chores none;
  if (chores.empty() || attempt(batch, /*tick=*/false, &none).fate != Attempt::Fate::committed) {
    return false;
  }
  release_keys(batch);
  batch.front()->answer();
  (void)isolation_.isolate(chores, SteadyClock::now());
  return true;
}

/// A race that was lost is decided again, at a later time. What a guard refused may have been one:
/// two nodes that take the same e-mail address, say. Refused once more, it was not.
Attempt Committer::attempt(Batch batch, bool tick, const Chores* only) {
  Attempt done;
  bool refused = false;
  for (int tries = 0; tries < limits_.conflict_retries_max; ++tries) {
    done = lane_.attempt(batch, tick, clock_, only);
    const bool first_refusal = done.fate == Attempt::Fate::refused && !std::exchange(refused, true);
    if (done.fate != Attempt::Fate::conflict && !(first_refusal && duties_.others_write)) break;
  }
  unfinished_ = lane_.unfinished();
  count(done, batch.size());
  return done;
}

void Committer::count(const Attempt& done, std::size_t commands) {
  const bool committed = done.fate == Attempt::Fate::committed;
  const bool wrote = committed && done.position.value != 0;
  if (wrote || done.fate == Attempt::Fate::unavailable) note_trouble(done.trouble);
  const std::lock_guard lock(mutex_);
  stats_.batches += wrote ? 1 : 0;
  stats_.commands += committed ? commands : 0;
  stats_.commit_seconds = lane_.commit_seconds();
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
    if (trouble().empty()) {
      purge();
      isolation_.try_again(now);
    } else {
      probe();
    }
  } catch (const std::exception& bug) {
    spdlog::error("housekeeping: {}", bug.what());
  }
}

/// Whether what is due is this committer's to look after.
bool Committer::leads() { return duties_.ticks && lane_.leads(); }

void Committer::purge() {
  if (!leads()) return;
  if (const auto purged = lane_.purge(clock_.now()); !purged) note_trouble(purged.error().message);
}

/// A server that is not ready gets no requests, so nothing but this would notice that the
/// disk has room again.
void Committer::probe() {
  if (lane_.probe(clock_.now())) note_trouble("");
}

}  // namespace onsale::engine

#include "engine/lane.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/uuid/random_generator.hpp>
#include <chrono>
#include <exception>

#include "domain/reservation.h"
#include "domain/room_control.h"
#include "domain/silence.h"
#include "domain/waiting_room.h"

namespace onsale::engine {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t purge_rows_max = 1000;

store::BatchId random_batch_id(std::mt19937_64& engine) {
  return boost::uuids::basic_random_generator<std::mt19937_64>(engine)();
}

}  // namespace

Lane::Lane(std::unique_ptr<store::Writer> writer, std::unique_ptr<store::Reader> reader,
           const domain::Policy& policy, Views& views, std::seed_seq&& seed)
    : writer_(std::move(writer)),
      reader_(std::move(reader)),
      policy_(policy),
      views_(views),
      batch_ids_(seed) {}

Attempt Lane::attempt(Batch batch, bool tick, const Clock& clock, const Chores* only) {
  store::Result<domain::JournalId> done;
  try {
    done = decide_and_commit(batch, tick, clock, only);
  } catch (const std::exception& bug) {
    writer_->abandon();
    views_.withdraw(batch_id_);
    unfinished_ = false;
    spdlog::error("batch of {} abandoned: {}", batch.size(), bug.what());
    return {.fate = Attempt::Fate::broken};
  }
  if (!done) return failed(done.error(), batch.size());
  noted_ = noting_;
  if (done->value != 0) views_.apply(batch_id_, *done, decided_at_, *reader_);
  return {.fate = Attempt::Fate::committed, .position = *done};
}

Attempt Lane::failed(const store::Error& error, std::size_t commands) {
  writer_->abandon();
  unfinished_ = false;
  if (error.failure == store::Failure::conflict) return {.fate = Attempt::Fate::conflict};
  if (error.failure == store::Failure::constraint) {
    spdlog::error("batch of {} refused by a guard: {}", commands, error.message);
    return {.fate = Attempt::Fate::refused};
  }
  return {.fate = Attempt::Fate::unavailable, .trouble = error.message};
}

/// Position zero means that there was nothing to write.
store::Result<domain::JournalId> Lane::decide_and_commit(Batch batch, bool tick, const Clock& clock,
                                                         const Chores* only) {
  if (auto loaded = load(batch, tick, clock.now()); !loaded) {
    return std::unexpected(loaded.error());
  }
  pick(only);
  clock.not_before(domain::decided_last(rows_));
  decided_at_ = clock.now();
  if (auto decided = decide_all(batch, tick, decided_at_); !decided) {
    return std::unexpected(decided.error());
  }
  if (rows_.dirty()) return commit(decided_at_);
  unfinished_ = false;  // nothing could be done: trying again at once would not help
  writer_->abandon();
  return domain::JournalId{};
}

store::Result<void> Lane::load(Batch batch, bool tick, domain::Timestamp now) {
  domain::Footprint need;
  need.due = tick;
  need.due_at = now;
  need.due_max += left_alone_.size();  // or those that come first could be all of them
  for (const auto& job : batch) job->add_footprint(policy_, need);
  rows_.clear();
  if (auto loaded = writer_->load(need, rows_); !loaded) return loaded;
  unfinished_ =
      rows_.due_visitors.size() >= need.due_max || rows_.due_reservations.size() >= need.due_max;
  return {};
}

store::Result<void> Lane::decide_all(Batch batch, bool tick, domain::Timestamp now) {
  rows_.silence = silence(now);
  const domain::Timestamp from = rows_.silence.counts_from;
  const bool outage = tick && from > noted_ && !views_.hearing().interrupted();
  if (outage) domain::note_outage(rows_);
  noting_ = outage ? from : noted_;
  domain::expire_due_reservations(rows_, now);
  domain::end_due_visits(rows_, now, policy_);
  domain::publish_due_draws(rows_, now);
  for (const auto& job : batch) job->run(rows_, now, policy_);
  if (auto admitted = admit_all(now); !admitted) return admitted;
  domain::note_decided(rows_, now);
  return {};
}

/// What is left alone stays among the rows, where commands find it.
void Lane::pick(const Chores* only) {
  if (!only && left_alone_.empty()) return;
  const auto among = [this](const Chores& chores, const Chore& chore) {
    return chores.contains(chore) || chores.contains(whole_of(chore));
  };
  const auto unwanted = [&](const Chore& chore) {
    return only ? !among(*only, chore) : among(left_alone_, chore);
  };
  std::erase_if(rows_.due_reservations, unwanted);
  std::erase_if(rows_.due_visitors, unwanted);
  std::erase_if(rows_.room_ids, unwanted);
}

std::vector<Chore> Lane::chores() const {
  std::vector<Chore> all;
  all.insert(all.end(), rows_.due_reservations.begin(), rows_.due_reservations.end());
  all.insert(all.end(), rows_.due_visitors.begin(), rows_.due_visitors.end());
  all.insert(all.end(), rows_.room_ids.begin(), rows_.room_ids.end());
  return all;
}

Chore Lane::whole_of(const Chore& chore) const {
  if (const auto* id = std::get_if<domain::ReservationId>(&chore)) {
    if (rows_.reservations.asked(*id)) return HoldsOf{rows_.reservations.get(*id).event};
  }
  if (const auto* token = std::get_if<domain::VisitorToken>(&chore)) {
    if (rows_.visitors.asked(*token)) return VisitsOf{rows_.visitors.get(*token).room};
  }
  return chore;
}

std::string Lane::name_of(const Chore& chore) const {
  if (const auto* id = std::get_if<domain::ReservationId>(&chore)) {
    return fmt::format("reservation {}", id->value);
  }
  if (const auto* token = std::get_if<domain::VisitorToken>(&chore)) {
    if (!rows_.visitors.asked(*token)) return "a visitor";
    const domain::Visitor& visitor = rows_.visitors.get(*token);
    return fmt::format("visitor {} of room {}", visitor.number, visitor.room.value);
  }
  if (const auto* holds = std::get_if<HoldsOf>(&chore)) {
    return fmt::format("every hold of event {} whose time is over", holds->event.value);
  }
  if (const auto* visits = std::get_if<VisitsOf>(&chore)) {
    return fmt::format("every visitor of room {} whose time is over", visits->room.value);
  }
  const domain::RoomId room = std::get<domain::RoomId>(chore);
  const auto line = rows_.first_waiting.find(room);
  if (line == rows_.first_waiting.end() || line->second.empty()) {
    return fmt::format("the admission to room {}", room.value);
  }
  return fmt::format("the admission to room {}, where visitor {} comes first", room.value,
                     rows_.visitors.get(line->second.front()).number);
}

/// What is known here of people's silence. While nobody can be heard, it counts from now at most.
domain::Silence Lane::silence(domain::Timestamp now) const {
  return {.counts_from = std::min(views_.hearing().silence_from(), now),
          .last_heard = [this](const auto& visitor) { return views_.last_heard(visitor); }};
}

/// Slots that this batch freed go to those who wait, in the same commit.
store::Result<void> Lane::admit_all(domain::Timestamp now) {
  for (const domain::RoomId room : rows_.room_ids) {
    const std::int64_t places = domain::admissible(rows_.rooms.get(room), now, policy_);
    if (places == 0) continue;
    if (auto loaded = writer_->load_first_waiting(room, places, rows_); !loaded) return loaded;
    domain::admit(rows_, room, now, policy_);
    unfinished_ |= domain::admissible(rows_.rooms.get(room), now, policy_) > 0;
  }
  return {};
}

store::Result<domain::JournalId> Lane::commit(domain::Timestamp now) {
  batch_id_ = random_batch_id(batch_ids_);
  views_.announce(batch_id_, rows_.records);
  const auto before = SteadyClock::now();
  auto done = writer_->commit(rows_, batch_id_, now);
  if (!done && done.error().failure == store::Failure::unknown) {
    const auto found = writer_->find_batch(batch_id_);
    if (!found) views_.forget();  // it may have happened: what is shown must be read anew
    if (found && *found) {
      done = **found;
    } else if (found) {
      done.error().failure = store::Failure::conflict;  // it did not happen: decide again
    }
  }
  commit_seconds_ += std::chrono::duration<double>(SteadyClock::now() - before).count();
  if (!done) views_.withdraw(batch_id_);
  return done;
}

/// A little each second rather than much each minute, which would hold up a batch.
store::Result<void> Lane::purge(domain::Timestamp now) {
  const auto purged = writer_->purge_idempotency(now - domain::idempotency_kept, purge_rows_max);
  if (!purged) return std::unexpected(purged.error());
  return {};
}

/// An empty journal entry is a real, durable write.
bool Lane::probe(domain::Timestamp now) {
  try {
    rows_.clear();
    if (writer_->load({}, rows_) && commit(now)) {
      views_.withdraw(batch_id_);  // there is nothing to show
      return true;
    }
  } catch (const std::exception& bug) {
    spdlog::error("probe abandoned: {}", bug.what());
  }
  writer_->abandon();
  return false;
}

}  // namespace onsale::engine

#include "sim/server.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "domain/require.h"

namespace onsale::sim {
namespace {

template <class T>
T must(store::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

void refuse_all(const std::vector<std::unique_ptr<engine::Job>>& jobs) {
  for (const auto& job : jobs) job->refuse(engine::Refusal::unavailable);
}

}  // namespace

void Server::start() {
  domain::require(!up(), "the server is down before it starts");
  auto reader = must(store_.reader());
  views_ = std::make_unique<engine::Views>(settings_.policy, clock_);
  if (const auto built = views_->rebuild(*reader); !built) {
    throw std::runtime_error(built.error().message);
  }
  views_->hearing().resume(clock_.now());
  room_ = views_->catalogue()->rooms.at(settings_.room);
  lane_.emplace(must(store_.writer()), std::move(reader), settings_.policy, *views_,
                std::seed_seq{settings_.seed, ++starts_});
  next_tick_ = tick_wanted_ = clock_.now();  // the first one finds out what is due
}

void Server::crash(CrashPoint point) {
  domain::require(up(), "only a server that is up can crash");
  Jobs unanswered;
  if (under_way_ && point == CrashPoint::after_commit) unanswered = finish();
  if (under_way_) unanswered = std::move(under_way_->jobs);
  under_way_.reset();
  std::ranges::move(queue_, std::back_inserter(unanswered));
  queue_.clear();
  lane_.reset();
  views_.reset();
  refuse_all(unanswered);
}

void Server::add(std::unique_ptr<engine::Job> job) {
  if (!up()) return job->refuse(engine::Refusal::unavailable);
  if (queue_.empty()) queued_at_ = clock_.now();
  queue_.push_back(std::move(job));
}

std::optional<engine::VisitorView> Server::hear(const domain::VisitorToken& token) {
  auto found = views_->visitor(token, clock_.now());
  if (found && found->wants_touch) {
    const auto room = views_->room(found->visitor.room);
    const bool waiting = found->visitor.state == domain::VisitorState::waiting;
    submit(domain::Touch{.token = token, .at = clock_.now(), .waiting = waiting},
           [room, token](const engine::Reply<domain::TouchOutcome>& reply) {
             if (std::holds_alternative<engine::Refusal>(reply)) room->touch_failed(token);
           });
  }
  return found;
}

domain::Timestamp Server::next_at() const {
  if (!up()) return domain::Timestamp::max();
  if (under_way_) return under_way_->durable_at;
  return queue_.empty() ? tick_wanted_ : std::min(queued_at_, tick_wanted_);
}

void Server::act() {
  if (!under_way_) return take();
  const Jobs done = finish();
  commands_ += static_cast<std::int64_t>(done.size());
  for (const auto& job : done) job->answer();
  if (!queue_.empty() || tick_wanted_ <= clock_.now()) take();
}

void Server::take() {
  const domain::Timestamp now = clock_.now();
  const bool tick = now >= next_tick_ || lane_->unfinished();
  if (tick) next_tick_ = now + settings_.tick;
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), settings_.batch_max));
  under_way_ = UnderWay{.tick = tick, .taken_at = now, .durable_at = now + settings_.commit_time};
  std::move(queue_.begin(), queue_.begin() + count, std::back_inserter(under_way_->jobs));
  queue_.erase(queue_.begin(), queue_.begin() + count);
  if (!queue_.empty()) queued_at_ = now;
}

/// Commits the batch under way and returns its jobs, to be answered.
Server::Jobs Server::finish() {
  UnderWay batch = *std::exchange(under_way_, {});
  const engine::ManualClock taken(batch.taken_at);
  const engine::Attempt done = lane_->attempt(batch.jobs, batch.tick, taken);
  if (done.fate != engine::Attempt::Fate::committed) {
    throw std::runtime_error("a batch was not committed: " + done.trouble);
  }
  ++batches_;
  const domain::Rows& rows = lane_->rows();
  const bool saw_room = rows.rooms.asked(settings_.room);
  if (saw_room) room_ = rows.rooms.get(settings_.room);
  if (lane_->unfinished()) {
    tick_wanted_ = batch.durable_at;
  } else {
    plan_tick();
  }
  witness_({.records = rows.records,
            .decided_at = batch.taken_at,
            .durable_at = batch.durable_at,
            .saw_room = saw_room,
            .unfinished = lane_->unfinished()});
  return std::move(batch.jobs);
}

/// Ticks that would find nothing due are left out: they change nothing.
void Server::plan_tick() {
  domain::Timestamp due = must(lane_->next_due()).value_or(domain::Timestamp::max());
  if (const auto at = domain::next_admission_at(room_, next_tick_, settings_.policy)) {
    due = std::min(due, *at);
  }
  tick_wanted_ = due;
  if (due == domain::Timestamp::max()) return;
  const domain::Duration ahead = std::max(due - next_tick_, domain::Duration{0});
  tick_wanted_ =
      next_tick_ + (ahead + settings_.tick - domain::Duration{1}) / settings_.tick * settings_.tick;
}

}  // namespace onsale::sim

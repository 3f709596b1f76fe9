#include "engine/engine.h"

#include "domain/require.h"
#include "domain/waiting_room.h"
#include "store/policy_words.h"

namespace onsale::engine {
namespace {

std::string words_of_delay(domain::Duration behind) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(behind).count();
  return "what is shown is " + std::to_string(seconds) + " s behind what was committed";
}

}  // namespace

store::Result<std::unique_ptr<Engine>> Engine::start(store::Store& store, const Clock& clock,
                                                     const domain::Policy& policy,
                                                     const CommitterLimits& limits,
                                                     std::size_t lanes) {
  domain::require(lanes > 0, "an engine has a lane");
  const bool others_write = store.has_other_writers() || lanes > 1;
  const auto writers = others_write ? Views::Writers::others_too : Views::Writers::only_we;
  std::unique_ptr<Engine> engine(new Engine(clock, policy, writers));
  auto first = store.reader();
  if (!first) return std::unexpected(first.error());
  if (store.has_other_writers()) engine->store_clock_.measure(**first);
  if (auto built = engine->views_.rebuild(**first); !built) return std::unexpected(built.error());
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    auto writer = store.writer();
    if (!writer) return std::unexpected(writer.error());
    auto reader = store.reader();
    if (!reader) return std::unexpected(reader.error());
    engine->lanes_.push_back(std::make_unique<Committer>(
        *std::move(writer), *std::move(reader), clock, policy, engine->views_, limits,
        CommitterDuties{.ticks = lane == 0, .others_write = others_write}));
  }
  for (const auto& lane : engine->lanes_) lane->start();
  engine->follower_ =
      std::make_unique<Follower>(engine->views_, engine->store_clock_, *std::move(first), writers);
  return engine;
}

Engine::~Engine() { drain(); }

void Engine::drain() {
  for (const auto& lane : lanes_) lane->drain();
}

std::string Engine::trouble() const {
  for (const auto& lane : lanes_) {
    if (auto trouble = lane->trouble(); !trouble.empty()) return trouble;
  }
  if (auto trouble = follower_->trouble(); !trouble.empty()) return trouble;
  return views_behind() > views_behind_max ? words_of_delay(views_behind()) : "";
}

std::vector<std::string> Engine::warnings() const {
  std::vector<std::string> warnings;
  if (views_behind() >= std::chrono::seconds{1}) warnings.push_back(words_of_delay(views_behind()));
  if (auto warning = store_clock_.warning(); !warning.empty()) warnings.push_back(warning);
  if (const auto declared = views_.declared(); declared && *declared != policy_) {
    warnings.push_back("another server on this database decides by another configuration: " +
                       store::words_of_change(policy_, *declared));
  }
  for (const auto& lane : lanes_) {
    for (const std::string& name : lane->left_alone()) {
      warnings.push_back(name + " is left alone, since it breaks a guard; the log says which");
    }
  }
  return warnings;
}

std::size_t Engine::left_alone() const {
  std::size_t count = 0;
  for (const auto& lane : lanes_) count += lane->left_alone().size();
  return count;
}

CommitterStats Engine::stats() const {
  CommitterStats all;
  for (const auto& lane : lanes_) {
    const CommitterStats one = lane->stats();
    all.batches += one.batches;
    all.commands += one.commands;
    all.refused_overloaded += one.refused_overloaded;
    all.failed_batches += one.failed_batches;
    all.commit_seconds += one.commit_seconds;
    all.queue_length += one.queue_length;
  }
  return all;
}

std::optional<VisitorView> Engine::hear(const domain::VisitorToken& token, domain::Timestamp now) {
  auto found = views_.visitor(token, now);
  if (found && found->wants_touch) {
    const domain::RoomId room = found->visitor.room;
    const bool waiting = found->visitor.state == domain::VisitorState::waiting;
    lanes_[static_cast<std::uint64_t>(room.value) % lanes_.size()]->hear(
        {.by = found->touch_by,
         .room = room,
         .touch = {.token = token, .at = now, .waiting = waiting}});
  }
  return found;
}

std::optional<VisitorView> Engine::visitor_of(domain::UserId user, domain::RoomId room) {
  const auto view = views_.room(room);
  return view ? view->find(user, now()) : std::nullopt;
}

}  // namespace onsale::engine

#include "engine/engine.h"

#include "domain/waiting_room.h"

namespace onsale::engine {

store::Result<std::unique_ptr<Engine>> Engine::start(store::Store& store, const Clock& clock,
                                                     const domain::Policy& policy,
                                                     const CommitterLimits& limits) {
  auto writer = store.writer();
  if (!writer) return std::unexpected(writer.error());
  auto reader = store.reader();
  if (!reader) return std::unexpected(reader.error());
  std::unique_ptr<Engine> engine(new Engine(clock, policy));
  if (auto built = engine->views_.rebuild(**reader); !built) {
    return std::unexpected(built.error());
  }
  engine->committer_ = std::make_unique<Committer>(std::move(*writer), std::move(*reader), clock,
                                                   policy, engine->views_, limits);
  engine->committer_->start();
  return engine;
}

Engine::~Engine() { drain(); }

void Engine::drain() {
  if (committer_) committer_->drain();
}

std::optional<VisitorView> Engine::hear(const domain::VisitorToken& token) {
  auto found = views_.visitor(token, now());
  if (found && found->wants_touch) {
    submit(domain::Touch{token}, std::nullopt, [this, token](Reply<domain::TouchOutcome> reply) {
      if (std::holds_alternative<Refusal>(reply)) views_.touch_failed(token);
    });
  }
  return found;
}

std::optional<VisitorView> Engine::visitor_of(domain::UserId user, domain::RoomId room) {
  const auto view = views_.room(room);
  return view ? view->find(user, now()) : std::nullopt;
}

}  // namespace onsale::engine

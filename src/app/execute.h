// Runs one command through the engine and waits for its durable outcome: for the command line,
// which has nothing else to do meanwhile.
#pragma once

#include <expected>
#include <future>
#include <string>
#include <variant>

#include "engine/engine.h"

namespace onsale::app {

/// A refusal in words for the operator.
[[nodiscard]] std::string words_of(engine::Refusal refusal, const engine::Engine& engine);

/// The outcome once it is durable, or why nothing was decided. Not from the committer's thread.
template <class Command>
[[nodiscard]] std::expected<engine::OutcomeOf<Command>, std::string> execute(engine::Engine& engine,
                                                                             Command command) {
  using Outcome = engine::OutcomeOf<Command>;
  std::promise<engine::Reply<Outcome>> promise;
  auto reply = promise.get_future();
  engine.submit(std::move(command), std::nullopt,
                [&promise](engine::Reply<Outcome> got) { promise.set_value(std::move(got)); });
  engine::Reply<Outcome> got = reply.get();
  if (auto* outcome = std::get_if<Outcome>(&got)) return std::move(*outcome);
  // Without an idempotency key there is no stored answer, so it is a refusal.
  return std::unexpected(words_of(std::get<engine::Refusal>(got), engine));
}

}  // namespace onsale::app

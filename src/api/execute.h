// From an endpoint into the engine and back: awaits a command's durable outcome on the
// connection's own thread, honours Idempotency-Key, words refusals.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <expected>
#include <optional>
#include <utility>
#include <variant>

#include "api/services.h"

namespace onsale::api {

namespace asio = boost::asio;

/// What an outcome becomes: an answer, or the problem that says why not.
using Worded = std::expected<http::Response, http::Problem>;

/// Resumes with the reply once it is durable.
template <class Command>
asio::awaitable<engine::Reply<engine::OutcomeOf<Command>>> submit(
    engine::Engine& engine, Command command,
    std::optional<engine::Idempotency<engine::OutcomeOf<Command>>> idempotency = std::nullopt) {
  using Reply = engine::Reply<engine::OutcomeOf<Command>>;
  auto initiate = [&](auto handler) {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    engine.submit(std::move(command), std::move(idempotency),
                  [handler = std::move(handler), guard = std::move(guard)](Reply reply) mutable {
                    asio::post(guard.get_executor(),
                               [handler = std::move(handler), reply = std::move(reply)]() mutable {
                                 std::move(handler)(std::move(reply));
                               });
                  });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Reply)>(
      initiate, asio::use_awaitable);
}

[[nodiscard]] http::Problem problem_of(engine::Refusal refusal);

/// The request's key with its scope, and a fingerprint of what it asks for; none without the
/// header or for somebody who is not signed in.
struct RequestKey {
  domain::IdempotencyKey key;
  std::string fingerprint;
};
[[nodiscard]] std::optional<RequestKey> request_key(const http::Request& request);

/// What is kept of an answer for its key. A refusal may be among them: that of a payment that
/// canceled the hold, say.
[[nodiscard]] engine::StoredAnswer kept(const Worded& worded, std::string_view path);

/// An answer that was given before, marked as such.
[[nodiscard]] http::Response replayed(engine::StoredAnswer stored);

/// The outcome of a command that nobody repeats under a key; or the problem that it was not
/// decided.
template <class Command>
asio::awaitable<std::expected<engine::OutcomeOf<Command>, http::Problem>> decided(
    engine::Engine& engine, Command command) {
  auto reply = co_await submit(engine, std::move(command));
  if (const auto* refusal = std::get_if<engine::Refusal>(&reply)) {
    co_return std::unexpected(problem_of(*refusal));
  }
  co_return std::move(std::get<engine::OutcomeOf<Command>>(reply));
}

/// Executes a command for the request and words its outcome. `word(outcome)` returns Worded;
/// it must be copyable and must not refer to the request, since for a request with an
/// Idempotency-Key it is also called on the committer's thread. One that captures more than
/// references and plain values must have a name; see http::WorkPool::run for the reason.
template <class Command, class Word>
asio::awaitable<http::Response> execute(Services& services, const http::Request& request,
                                        Command command, Word word) {
  using Outcome = engine::OutcomeOf<Command>;
  std::optional<engine::Idempotency<Outcome>> idempotency;
  if (auto key = request_key(request)) {
    idempotency.emplace(std::move(key->key), std::move(key->fingerprint),
                        [word, path = std::string(request.path)](const Outcome& outcome) {
                          return kept(word(outcome), path);
                        });
  }
  auto reply = co_await submit(services.engine, std::move(command), std::move(idempotency));
  if (auto* refusal = std::get_if<engine::Refusal>(&reply)) {
    co_return http::Response::problem(request, problem_of(*refusal));
  }
  if (auto* stored = std::get_if<engine::StoredAnswer>(&reply)) {
    co_return replayed(std::move(*stored));
  }
  Worded worded = word(std::get<Outcome>(reply));
  if (!worded) co_return http::Response::problem(request, worded.error());
  co_return std::move(*worded);
}

}  // namespace onsale::api

#include "api/visits.h"

#include <sodium.h>

#include <algorithm>

#include "api/execute.h"
#include "api/refusals.h"
#include "domain/waiting_room.h"

namespace onsale::api {
namespace {

/// How long a visit that is over can still be looked up (domain.md "Waiting room").
constexpr domain::Duration ended_kept = std::chrono::hours{24};
constexpr int enter_tries_max = 3;
constexpr std::int64_t retry_seconds_max = 60;
constexpr std::int64_t retry_undrawn_seconds_max = 10;
constexpr std::int64_t retry_positions_per_second = 10'000;

}  // namespace

Visit visit_of(const engine::VisitorView& view, domain::Timestamp now) {
  Visit visit = visit_of(view.visitor, now);
  if (!visit.visitor.live()) return visit;
  visit.position = view.position;
  visit.people_behind = view.people_behind;
  visit.estimated_wait = view.estimated_wait;
  visit.estimated_wait_min = view.estimated_wait_min;
  visit.estimated_wait_max = view.estimated_wait_max;
  visit.admissions_per_minute = view.admissions_per_minute;
  visit.seats_left = view.seats_left;
  visit.silence_max = view.silence_max;
  return visit;
}

Visit visit_of(domain::Visitor visitor, domain::Timestamp now) {
  if (visitor.live() && !visitor.live_at(now)) visitor.state = domain::VisitorState::expired;
  Visit visit{.visitor = std::move(visitor)};
  if (visit.active()) visit.position = 0;
  return visit;
}

// A UUID of version 7 (RFC 9562, section 5.7): 74 bits from the system's entropy, since it is a
// secret, behind the time, so that those who enter together lie together in the store's index. With
// the token all at random a batch of entries changed as many pages as it had visitors.
domain::VisitorToken fresh_token(domain::Timestamp now) {
  domain::VisitorToken token;
  randombytes_buf(token.data, token.size());
  constexpr std::size_t time_bytes = 6;
  auto millis = static_cast<std::uint64_t>(domain::to_millis(now));
  for (std::size_t i = time_bytes; i-- > 0; millis >>= 8) {
    token.data[i] = static_cast<std::uint8_t>(millis);
  }
  token.data[6] = static_cast<std::uint8_t>((token.data[6] & 0x0FU) | 0x70U);  // version
  token.data[8] = static_cast<std::uint8_t>((token.data[8] & 0x3FU) | 0x80U);  // variant
  return token;
}

std::optional<Visit> present_visit(Services& services, const domain::VisitorToken& token) {
  const auto now = services.engine.now();
  const auto view = services.engine.hear(token, now);
  return view ? std::optional(visit_of(*view, now)) : std::nullopt;
}

Found<Visit> find_visit(Services& services, domain::VisitorToken token) {
  if (auto present = present_visit(services, token)) co_return std::move(present);
  const auto now = services.engine.now();
  auto found =
      co_await services.reads.run([token](store::Reader& reader) { return reader.visitor(token); });
  if (!found) co_return std::unexpected(found.error());
  const auto& visitor = *found;
  const auto forgotten = [&] {
    return visitor->ended_at && *visitor->ended_at + ended_kept <= now;
  };
  if (!visitor || forgotten()) co_return std::nullopt;
  co_return visit_of(*visitor, now);
}

std::optional<Visit> live_visit(Services& services, domain::UserId user, domain::RoomId room) {
  const auto view = services.engine.visitor_of(user, room);
  if (!view) return std::nullopt;
  const auto now = services.engine.now();
  const auto heard = services.engine.hear(view->visitor.token, now);
  if (!heard) return std::nullopt;
  Visit visit = visit_of(*heard, now);
  return visit.visitor.live() ? std::optional(std::move(visit)) : std::nullopt;
}

asio::awaitable<std::expected<Visit, http::Problem>> enter(Services& services,
                                                           const http::Request& request,
                                                           domain::UserId user, domain::RoomId room,
                                                           std::string browser_id) {
  // A visit may be over by the time it is looked at: then there is a new one to be had.
  for (int tries = 0; tries < enter_tries_max; ++tries) {
    // Whoever has a place polls it here too: that is answered from the view.
    if (auto present = live_visit(services, user, room)) co_return *std::move(present);
    auto pass = admit(services, request, {.room = room, .user = user, .solution = {}});
    if (!pass) co_return std::unexpected(std::move(pass.error()));
    const domain::Enter command{.room = room,
                                .user = user,
                                .token = fresh_token(services.engine.now()),
                                .browser_id = browser_id,
                                .newcomer = pass->newcomer()};
    const auto outcome = co_await decided(services.engine, command);
    if (!outcome) co_return std::unexpected(outcome.error());
    if (outcome->result == domain::EnterResult::not_present) continue;
    if (auto refused = refusal_of(*outcome)) co_return std::unexpected(*std::move(refused));
    if (outcome->result == domain::EnterResult::entered) pass->entered();
    auto visit = co_await find_visit(services, outcome->token);
    if (!visit) co_return std::unexpected(visit.error());
    if (*visit && (**visit).visitor.live()) co_return **std::move(visit);
  }
  co_return std::unexpected(http::overloaded());
}

http::Response with_retry_after(http::Response response, const Visit& visit) {
  if (!visit.waiting()) return response;
  // Before a draw any place may come, also the first one: then nobody is sent away for long.
  const std::int64_t by_distance =
      visit.position ? std::min(retry_seconds_max, 1 + *visit.position / retry_positions_per_second)
                     : std::min(retry_undrawn_seconds_max,
                                1 + visit.visitor.number / retry_positions_per_second);
  const auto by_patience = std::chrono::floor<std::chrono::seconds>(visit.silence_max / 2).count();
  const std::int64_t seconds = std::max<std::int64_t>(1, std::min(by_distance, by_patience));
  return std::move(response).with("Retry-After", std::to_string(seconds));
}

}  // namespace onsale::api

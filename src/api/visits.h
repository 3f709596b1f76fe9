// Somebody's visit to a waiting room, as every API tells it: live from the room's view, or how it
// ended, from the store.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "api/services.h"
#include "engine/views/waiting_room_view.h"
#include "http/problem.h"

namespace onsale::api {

struct Visit {
  domain::Visitor visitor;
  /// 0 when active; none when the visit is over, or before the draw of a lottery.
  std::optional<std::int64_t> position;
  std::optional<std::int64_t> people_behind;
  std::optional<domain::Duration> estimated_wait;
  std::optional<domain::Duration> estimated_wait_min;
  std::optional<domain::Duration> estimated_wait_max;
  std::optional<std::int64_t> admissions_per_minute;  ///< of the room; none when over
  std::optional<std::int64_t> seats_left;  ///< in all that the room guards; none when over
  /// How long one who waits may say nothing without losing the place, or the slot if it comes.
  domain::Duration silence_max = domain::Duration::max();

  [[nodiscard]] bool active() const { return visitor.state == domain::VisitorState::active; }
  /// For APIs that always want a rank: 0 when active; the arrival number while a draw is ahead.
  [[nodiscard]] std::int64_t rank() const {
    return waiting() ? position.value_or(visitor.number) : 0;
  }
  [[nodiscard]] bool waiting() const { return visitor.state == domain::VisitorState::waiting; }
};

/// One whose place in line is known here. Past its deadline it is over, whether or not a tick has
/// written that down.
[[nodiscard]] Visit visit_of(const engine::VisitorView& view, domain::Timestamp now);
/// One that is over, or whose place in line is not known here.
[[nodiscard]] Visit visit_of(domain::Visitor visitor, domain::Timestamp now);

/// A name for a new visitor; a secret. Any thread.
[[nodiscard]] domain::VisitorToken fresh_token(domain::Timestamp now);

template <class T>
using Found = boost::asio::awaitable<std::expected<std::optional<T>, http::Problem>>;

/// The visit of a token as long as the room's view has it: waiting, active, or past its deadline
/// and not yet written down as over. Counts as a sign of life. Nothing is waited for.
[[nodiscard]] std::optional<Visit> present_visit(Services& services,
                                                 const domain::VisitorToken& token);

/// The visit of a token, also one that ended in the last 24 h (domain.md "Waiting room"); none if
/// there is no such. Counts as a sign of life. The problem is that the store cannot be read.
[[nodiscard]] Found<Visit> find_visit(Services& services, domain::VisitorToken token);

/// The user's live visit to a room, which this counts as a sign of life of.
[[nodiscard]] std::optional<Visit> live_visit(Services& services, domain::UserId user,
                                              domain::RoomId room);

/// The user's place in a room: the one there is, or a new one. Problems: user-not-found, not-found
/// for the room, those of admit(), which gets no solution, and that the engine did not decide.
[[nodiscard]] boost::asio::awaitable<std::expected<Visit, http::Problem>> enter(
    Services& services, const http::Request& request, domain::UserId user, domain::RoomId room,
    std::string browser_id = {});

/// To an answer for somebody who waits, adds when to look again: a second, and one more for every
/// 10,000 ahead, up to a minute; before a draw for every 10,000 who came before, up to 10 s. So a
/// million who wait ask 45,000 times a second, not a million times, and nobody among the first
/// 100,000 is told to come later than in 10 s. Never more than half of Visit::silence_max.
[[nodiscard]] http::Response with_retry_after(http::Response response, const Visit& visit);

}  // namespace onsale::api

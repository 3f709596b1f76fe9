#include "rush/asking_sale.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/describe.hpp>

#include "rush/retry.h"

namespace onsale::rush {
namespace {

// What is read of the answers; they have more.

struct VenueSeen {
  std::string time_zone;
};
BOOST_DESCRIBE_STRUCT(VenueSeen, (), (time_zone))

struct EventSeen {
  std::int64_t id = 0;
  VenueSeen venue;
  std::int64_t waiting_room_id = 0;
};
BOOST_DESCRIBE_STRUCT(EventSeen, (), (id, venue, waiting_room_id))

struct PerformanceSeen {
  std::int64_t id = 0;
  onsale::http::Timestamp starts_at;
  bool on_sale = false;
  std::int64_t seats_available = 0;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(PerformanceSeen, (), (id, starts_at, on_sale, seats_available, currency))

template <class Item>
struct Page {
  std::vector<Item> items;
  BOOST_DESCRIBE_CLASS(Page, (), (items), (), ())
};

/// A problem in any of the APIs' forms.
struct ProblemSeen {
  std::string title;
  std::string detail;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(ProblemSeen, (), (title, detail, message))

/// What it says for people. Not all of it: whose request it was, a token even, may be in there, and
/// then each would be another complaint.
std::string words_of(const Answer& answer) {
  const auto seen = onsale::http::parse<ProblemSeen>(answer.body, onsale::http::Unknown::ignore);
  if (!seen) return {};
  const std::string& name = seen->title.empty() ? seen->message : seen->title;
  return seen->detail.empty() ? name : name + ": " + seen->detail;
}

}  // namespace

asio::awaitable<std::expected<std::vector<Night>, std::string>> AskingSale::nights() {
  const auto events = co_await read<Page<EventSeen>>("/v1/events?limit=200");
  if (!events) co_return std::unexpected(events.error());
  std::vector<Night> nights;
  for (const EventSeen& event : events->items) {
    const auto shows = co_await read<Page<PerformanceSeen>>(
        fmt::format("/v1/events/{}/performances?limit=200", event.id));
    if (!shows) co_return std::unexpected(shows.error());
    for (const PerformanceSeen& show : shows->items) {
      nights.push_back({.event = event.id,
                        .performance = show.id,
                        .waiting_room = event.waiting_room_id,
                        .to_be_had = show.on_sale && show.seats_available > 0,
                        .starts_at = show.starts_at,
                        .time_zone = event.venue.time_zone,
                        .currency = show.currency});
    }
  }
  co_return nights;
}

asio::awaitable<Answer> AskingSale::peek(std::string path) {
  Request request{.path = std::move(path)};
  return client_.ask(std::move(request));
}

asio::awaitable<Answer> AskingSale::ask(Ask what, Request request, Moment meant_at) {
  Answer answer = co_await persist(what, std::move(request));
  count(what, answer, meant_at);
  co_return answer;
}

asio::awaitable<Answer> AskingSale::persist(Ask what, Request request) {
  const bool writes = what == Ask::hold || what == Ask::charge || what == Ask::pay;
  request.repeatable = !writes || !request.idempotency_key.empty();
  const Moment last = Tally::Clock::now() + client_.limits().retry_within;
  for (;;) {
    Answer answer = co_await client_.ask(request);
    const auto wait = again_after(answer, request.repeatable);
    if (!wait) co_return answer;
    const Moment again_at = Tally::Clock::now() + *wait + part_of(spread_of(*wait));
    if (again_at > last) co_return answer;
    tally_.asked_again(what);
    asio::steady_timer timer(co_await asio::this_coro::executor, again_at);
    co_await timer.async_wait(asio::as_tuple(asio::deferred));
  }
}

std::chrono::milliseconds AskingSale::part_of(std::chrono::milliseconds longest) {
  return std::chrono::milliseconds{
      std::uniform_int_distribution<std::int64_t>(0, longest.count())(random_)};
}

void AskingSale::count(Ask what, const Answer& answer, Moment meant_at) {
  tally_.answered(what, answer.status, meant_at);
  if (answer.status == 0) {
    tally_.complain(fmt::format("{}: {}", to_text(what), answer.trouble));
  } else if (answer.status >= 500) {
    tally_.complain(fmt::format("{}: {} {}", to_text(what), answer.status, words_of(answer)));
  }
}

}  // namespace onsale::rush

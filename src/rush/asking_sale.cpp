#include "rush/asking_sale.h"

#include <boost/describe.hpp>

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
  return send(std::move(request));
}

asio::awaitable<Answer> AskingSale::ask(Ask what, Request request, Moment meant_at) {
  const bool writes = what == Ask::hold || what == Ask::charge || what == Ask::pay;
  request.repeatable = !writes || !request.idempotency_key.empty();
  Answer answer = co_await send(std::move(request));
  count(what, answer, meant_at);
  co_return answer;
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

#include <fmt/format.h>

#include <boost/describe.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "http/json.h"
#include "rush/sale.h"

namespace onsale::rush {
namespace {

// What is read of the answers; they have more.

struct EventSeen {
  std::int64_t id = 0;
  std::int64_t waiting_room_id = 0;
};
BOOST_DESCRIBE_STRUCT(EventSeen, (), (id, waiting_room_id))

struct PerformanceSeen {
  std::int64_t id = 0;
  bool on_sale = false;
  std::int64_t seats_available = 0;
};
BOOST_DESCRIBE_STRUCT(PerformanceSeen, (), (id, on_sale, seats_available))

template <class Item>
struct Page {
  std::vector<Item> items;
  BOOST_DESCRIBE_CLASS(Page, (), (items), (), ())
};

struct VisitorSeen {
  std::string token;
  std::string state;
};
BOOST_DESCRIBE_STRUCT(VisitorSeen, (), (token, state))

struct SeatSeen {
  std::int64_t id = 0;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(SeatSeen, (), (id, status))

struct SeatMapSeen {
  std::int64_t version = 0;
  std::vector<SeatSeen> seats;
};
BOOST_DESCRIBE_STRUCT(SeatMapSeen, (), (version, seats))

struct SeatChoice {
  std::int64_t performance_id = 0;
  std::int64_t seat_id = 0;
};
BOOST_DESCRIBE_STRUCT(SeatChoice, (), (performance_id, seat_id))

struct HoldWords {
  std::int64_t event_id = 0;
  std::vector<SeatChoice> seats;
};
BOOST_DESCRIBE_STRUCT(HoldWords, (), (event_id, seats))

struct ReservationSeen {
  std::int64_t id = 0;
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(ReservationSeen, (), (id, total))

struct ChargeWords {
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(ChargeWords, (), (amount))

class NativeSale final : public Sale {
 public:
  NativeSale(Client& client, Tally& tally, std::optional<std::int64_t> performance)
      : client_(client), tally_(tally), wanted_(performance) {}

  asio::awaitable<std::expected<void, std::string>> open() override {
    const auto events = co_await read<Page<EventSeen>>("/v1/events?limit=200");
    if (!events) co_return std::unexpected(events.error());
    for (const EventSeen& event : events->items) {
      const auto shows = co_await read<Page<PerformanceSeen>>(
          fmt::format("/v1/events/{}/performances?limit=200", event.id));
      if (!shows) co_return std::unexpected(shows.error());
      for (const PerformanceSeen& show : shows->items) {
        const bool fits = wanted_ ? show.id == *wanted_ : show.on_sale && show.seats_available > 0;
        if (!fits) continue;
        event_ = event;
        performance_ = show.id;
        co_return std::expected<void, std::string>();
      }
    }
    co_return std::unexpected(wanted_ ? fmt::format("there is no performance {}", *wanted_)
                                      : "nothing is on sale there");
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    Request request{.method = verb::post,
                    .path = fmt::format("/v1/waiting-rooms/{}/visitors", event_.waiting_room_id),
                    .body = "{}"};
    co_return place_of(co_await write(Ask::enter, person, std::move(request), meant_at));
  }

  Said<Place> look(Person&, const Place& place, Moment meant_at) override {
    Request request{.path = "/v1/visitors/" + place.token};
    co_return place_of(co_await ask(Ask::look, std::move(request), meant_at));
  }

  Said<void> leave(Person& person, const Place& place, Moment meant_at) override {
    Request request{.method = verb::delete_, .path = "/v1/visitors/" + place.token};
    co_return done(co_await write(Ask::leave, person, std::move(request), meant_at));
  }

  Said<void> see_seats(Person&, Moment meant_at) override {
    Request request{.path = fmt::format("/v1/performances/{}/seats", performance_)};
    if (version_) request.path += fmt::format("?since={}", *version_);
    const auto answer = co_await ask(Ask::seats, std::move(request), meant_at);
    const auto map = parsed<SeatMapSeen>(answer);
    if (!map) co_return std::unexpected(map.error());
    update(*map);
    co_return std::expected<void, Refusal>();
  }

  const std::vector<std::int64_t>& available() override {
    if (stale_) {
      available_.clear();
      for (const SeatSeen& seat : seats_) {
        if (seat.status == "available") available_.push_back(seat.id);
      }
      stale_ = false;
    }
    return available_;
  }

  Said<HeldSeats> hold(Person& person, const Place&, const std::vector<std::int64_t>& seats,
                       Moment meant_at) override {
    HoldWords words{.event_id = event_.id, .seats = {}};
    for (const std::int64_t seat : seats) words.seats.push_back({performance_, seat});
    Request request{
        .method = verb::post, .path = "/v1/reservations", .body = onsale::http::write(words)};
    const auto answer = co_await write(Ask::hold, person, std::move(request), meant_at);
    const auto held = parsed<ReservationSeen>(answer);
    if (!held) co_return std::unexpected(held.error());
    co_return HeldSeats{.reservation = fmt::to_string(held->id), .total = held->total};
  }

  Said<void> charge(Person& person, std::int64_t amount, Moment meant_at) override {
    Request request{.method = verb::post,
                    .path = "/v1/wallet/charges",
                    .body = onsale::http::write(ChargeWords{amount})};
    co_return done(co_await write(Ask::charge, person, std::move(request), meant_at));
  }

  Said<void> pay(Person& person, const Place&, const HeldSeats& held, Moment meant_at) override {
    Request request{.method = verb::post,
                    .path = fmt::format("/v1/reservations/{}/payment", held.reservation),
                    .body = "{}"};
    co_return done(co_await write(Ask::pay, person, std::move(request), meant_at));
  }

 private:
  /// Before the rush: not counted.
  template <class T>
  asio::awaitable<std::expected<T, std::string>> read(std::string path) {
    Request request{.path = path};
    const Answer answer = co_await client_.ask(std::move(request));
    if (answer.status == 0) co_return std::unexpected(answer.trouble);
    if (!answer.fine()) {
      co_return std::unexpected(fmt::format("{} answers {}", path, answer.status));
    }
    auto value = onsale::http::parse<T>(answer.body, onsale::http::Unknown::ignore);
    if (!value) co_return std::unexpected(fmt::format("{} answers what is not understood", path));
    co_return *std::move(value);
  }

  asio::awaitable<Answer> ask(Ask what, Request request, Moment meant_at) {
    const std::string path = request.path;
    Answer answer = co_await client_.ask(std::move(request));
    tally_.answered(what, answer.status, meant_at);
    if (answer.status == 0) {
      tally_.complain(fmt::format("{}: {}", to_text(what), answer.trouble));
    } else if (answer.status >= 500) {
      tally_.complain(fmt::format("{}: {} {}", to_text(what), answer.status, answer.body));
    }
    co_return answer;
  }

  /// As somebody, once, however often it is sent.
  asio::awaitable<Answer> write(Ask what, Person& person, Request request, Moment meant_at) {
    request.access_token = person.access_token;
    request.idempotency_key = fmt::format("rush-{}-{}", run_, person.writes++);
    return ask(what, std::move(request), meant_at);
  }

  template <class T>
  std::expected<T, Refusal> parsed(const Answer& answer) {
    if (!answer.fine()) return std::unexpected(refusal_of(answer));
    auto value = onsale::http::parse<T>(answer.body, onsale::http::Unknown::ignore);
    if (value) return *std::move(value);
    tally_.complain("an answer is not understood: " + answer.body.substr(0, 200));
    return std::unexpected(Refusal::failed);
  }

  static Refusal refusal_of(const Answer& answer) {
    return answer.status >= 400 && answer.status < 500 ? Refusal::no : Refusal::failed;
  }

  static std::expected<void, Refusal> done(const Answer& answer) {
    if (answer.fine()) return {};
    return std::unexpected(refusal_of(answer));
  }

  std::expected<Place, Refusal> place_of(const Answer& answer) {
    const auto visitor = parsed<VisitorSeen>(answer);
    if (!visitor) return std::unexpected(visitor.error());
    Place place{.token = visitor->token};
    if (visitor->state == "waiting") place.state = Place::State::waiting;
    if (visitor->state == "active") place.state = Place::State::active;
    if (answer.retry_after) place.look_again = *answer.retry_after;
    return place;
  }

  void update(const SeatMapSeen& map) {
    // Answers may overtake each other: what is older than what is known says nothing new.
    if (version_ && map.version <= *version_) return;
    for (const SeatSeen& seat : map.seats) {
      const auto [at, fresh] = index_.try_emplace(seat.id, seats_.size());
      if (fresh) {
        seats_.push_back(seat);
      } else {
        seats_[at->second].status = seat.status;
      }
    }
    version_ = map.version;
    stale_ = true;
  }

  Client& client_;
  Tally& tally_;
  const std::optional<std::int64_t> wanted_;
  const std::int64_t run_ = std::chrono::system_clock::now().time_since_epoch().count();
  EventSeen event_;
  std::int64_t performance_ = 0;
  std::vector<SeatSeen> seats_;
  boost::unordered_flat_map<std::int64_t, std::size_t> index_;
  std::optional<std::int64_t> version_;
  std::vector<std::int64_t> available_;
  bool stale_ = true;
};

}  // namespace

std::unique_ptr<Sale> native_sale(Client& client, Tally& tally,
                                  std::optional<std::int64_t> performance) {
  return std::make_unique<NativeSale>(client, tally, performance);
}

}  // namespace onsale::rush

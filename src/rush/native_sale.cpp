#include <boost/describe.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "rush/asking_sale.h"

namespace onsale::rush {
namespace {

// What is read of the answers; they have more.

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

class NativeSale final : public AskingSale {
 public:
  NativeSale(Client& client, Tally& tally, Wanted wanted)
      : AskingSale(client, tally), wanted_(std::move(wanted)) {}

  asio::awaitable<std::expected<void, std::string>> open() override {
    const auto all = co_await nights();
    if (!all) co_return std::unexpected(all.error());
    auto night = choose(*all, wanted_);
    if (!night) co_return std::unexpected(night.error());
    night_ = *std::move(night);
    co_return std::expected<void, std::string>();
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    Request request{.method = verb::post,
                    .path = fmt::format("/v1/waiting-rooms/{}/visitors", night_.waiting_room),
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

  Said<void> see_seats(Person&, const Place&, Moment meant_at) override {
    Request request{.path = fmt::format("/v1/performances/{}/seats", night_.performance)};
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
    HoldWords words{.event_id = night_.event, .seats = {}};
    for (const std::int64_t seat : seats) words.seats.push_back({night_.performance, seat});
    Request request{
        .method = verb::post, .path = "/v1/reservations", .body = onsale::http::write(words)};
    const auto answer = co_await write(Ask::hold, person, std::move(request), meant_at);
    const auto held = parsed<ReservationSeen>(answer);
    if (!held) co_return std::unexpected(held.error());
    co_return HeldSeats{.reservation = fmt::to_string(held->id), .total = held->total};
  }

  Said<void> charge(Person& person, const Place&, std::int64_t amount, Moment meant_at) override {
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
  /// As somebody, once, however often it is sent.
  asio::awaitable<Answer> write(Ask what, Person& person, Request request, Moment meant_at) {
    request.bearer = person.access_token;
    request.idempotency_key = fmt::format("rush-{}-{}", run_, person.writes++);
    return ask(what, std::move(request), meant_at);
  }

  std::expected<Place, Refusal> place_of(const Answer& answer) {
    const auto visitor = parsed<VisitorSeen>(answer);
    if (!visitor) return std::unexpected(visitor.error());
    auto state = Place::State::over;
    if (visitor->state == "waiting") state = Place::State::waiting;
    if (visitor->state == "active") state = Place::State::active;
    return place(state, visitor->token, answer);
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

  const Wanted wanted_;
  const std::int64_t run_ = std::chrono::system_clock::now().time_since_epoch().count();
  Night night_;
  std::vector<SeatSeen> seats_;
  boost::unordered_flat_map<std::int64_t, std::size_t> index_;
  std::optional<std::int64_t> version_;
  std::vector<std::int64_t> available_;
  bool stale_ = true;
};

}  // namespace

std::unique_ptr<Sale> native_sale(Client& client, Tally& tally, const Wanted& wanted) {
  return std::make_unique<NativeSale>(client, tally, wanted);
}

}  // namespace onsale::rush

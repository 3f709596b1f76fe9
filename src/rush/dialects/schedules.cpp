// The API of document 001. The queue is asked by the user's number; its token opens the rest.
#include <boost/describe.hpp>

#include "rush/dialects/dialect_sale.h"
#include "rush/dialects/sales.h"

namespace onsale::rush {
namespace {

// What is read of the answers; they have more.

struct QueueSeen {
  std::string token;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(QueueSeen, (), (token, status))

struct SeatSeen {
  std::int64_t id = 0;
  std::string status;
};
BOOST_DESCRIBE_STRUCT(SeatSeen, (), (id, status))

struct ReservationSeen {
  std::int64_t seatId = 0;
  std::int64_t seatPrice = 0;
};
BOOST_DESCRIBE_STRUCT(ReservationSeen, (), (seatId, seatPrice))

class SchedulesSale final : public DialectSale {
 public:
  using DialectSale::DialectSale;

  asio::awaitable<std::expected<void, std::string>> open() override {
    const auto night = co_await find();
    if (!night) co_return std::unexpected(night.error());
    schedule_ = fmt::format("/api/concert/schedule/{}", night->performance);
    co_return co_await speaks("/api/concerts/schedule");
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    return queue(Ask::enter, person, meant_at);
  }

  Said<Place> look(Person& person, const Place&, Moment meant_at) override {
    return queue(Ask::look, person, meant_at);
  }

  Said<void> see_seats(Person&, const Place& place, Moment meant_at) override {
    Request request{.path = schedule_, .bearer = place.token};
    const Look look = next_look();
    const auto answer = co_await ask(Ask::seats, std::move(request), meant_at);
    const auto seats = parsed<std::vector<SeatSeen>>(answer);
    if (!seats) co_return std::unexpected(seats.error());
    std::vector<std::int64_t> free;
    for (const SeatSeen& seat : *seats) {
      if (seat.status == "able") free.push_back(seat.id);
    }
    show(look, std::move(free));
    co_return std::expected<void, Refusal>();
  }

  Said<HeldSeats> hold(Person&, const Place& place, const std::vector<std::int64_t>& seats,
                       Moment meant_at) override {
    Request request{.method = verb::post,
                    .path = fmt::format("{}/seat/{}/reservation", schedule_, seats.front()),
                    .bearer = place.token};
    const auto answer = co_await ask(Ask::hold, std::move(request), meant_at);
    const auto held = parsed<ReservationSeen>(answer);
    if (!held) co_return std::unexpected(held.error());
    co_return HeldSeats{.reservation = fmt::to_string(held->seatId), .total = held->seatPrice};
  }

  Said<void> charge(Person& person, const Place&, std::int64_t amount, Moment meant_at) override {
    Request request = patch(fmt::format("/api/point/{}", person.user), AmountWords{amount});
    co_return done(co_await ask(Ask::charge, std::move(request), meant_at));
  }

  Said<void> pay(Person&, const Place& place, const HeldSeats& held, Moment meant_at) override {
    Request request{.method = verb::post,
                    .path = fmt::format("{}/seat/{}/pay", schedule_, held.reservation),
                    .bearer = place.token};
    co_return done(co_await ask(Ask::pay, std::move(request), meant_at));
  }

 private:
  /// To enter and to look are the same.
  Said<Place> queue(Ask what, Person& person, Moment meant_at) {
    Request request{.path = fmt::format("/api/queue/{}", person.user)};
    const auto answer = co_await ask(what, std::move(request), meant_at);
    const auto seen = parsed<QueueSeen>(answer);
    if (!seen) co_return std::unexpected(seen.error());
    const bool in = seen->status == "working";
    co_return place(in ? Place::State::active : Place::State::waiting, seen->token, answer);
  }

  std::string schedule_;
};

}  // namespace

std::unique_ptr<Sale> schedules_sale(Client& client, Tally& tally, const Wanted& wanted) {
  return std::make_unique<SchedulesSale>(client, tally, wanted);
}

}  // namespace onsale::rush

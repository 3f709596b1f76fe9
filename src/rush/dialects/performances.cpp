// The API of document 000. Whatever its selling routes are asked enters the room, and is answered
// 202 until one is in; the access token is all it wants.
#include <boost/describe.hpp>

#include "rush/dialects/dialect_sale.h"
#include "rush/dialects/sales.h"

namespace onsale::rush {
namespace {

constexpr int waits = 202;
constexpr int forbidden = 403;

// What is read of the answers; they have more.

struct QueueData {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(QueueData, (), (id))

struct QueueSeen {
  QueueData queue_data;
};
BOOST_DESCRIBE_STRUCT(QueueSeen, (), (queue_data))

struct SeatSeen {
  std::int64_t id = 0;
  std::string reservation_status;
};
BOOST_DESCRIBE_STRUCT(SeatSeen, (), (id, reservation_status))

struct SeatsSeen {
  std::vector<SeatSeen> data;
};
BOOST_DESCRIBE_STRUCT(SeatsSeen, (), (data))

struct SeatWords {
  std::int64_t performance_seat_id = 0;
};
BOOST_DESCRIBE_STRUCT(SeatWords, (), (performance_seat_id))

struct PriceSeen {
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(PriceSeen, (), (price))

struct TakenSeen {
  PriceSeen data;
};
BOOST_DESCRIBE_STRUCT(TakenSeen, (), (data))

class PerformancesSale final : public DialectSale {
 public:
  using DialectSale::DialectSale;

  asio::awaitable<std::expected<void, std::string>> open() override {
    const auto night = co_await find();
    if (!night) co_return std::unexpected(night.error());
    staging_date_ = night->performance;
    co_return co_await speaks(list);
  }

  Said<Place> enter(Person& person, Moment meant_at) override {
    return come(Ask::enter, person, meant_at);
  }

  Said<Place> look(Person& person, const Place&, Moment meant_at) override {
    return come(Ask::look, person, meant_at);
  }

  Said<void> see_seats(Person& person, const Place&, Moment meant_at) override {
    Request request{.path = fmt::format("/performance_seats/{}", staging_date_)};
    const Look look = next_look();
    const auto answer = co_await ask_inside(Ask::seats, person, std::move(request), meant_at);
    const auto seats = parsed<SeatsSeen>(answer);
    if (!seats) co_return std::unexpected(seats.error());
    std::vector<std::int64_t> free;
    for (const SeatSeen& seat : seats->data) {
      if (seat.reservation_status == "AVAILABLE") free.push_back(seat.id);
    }
    show(look, std::move(free));
    co_return std::expected<void, Refusal>();
  }

  Said<HeldSeats> hold(Person& person, const Place&, const std::vector<std::int64_t>& seats,
                       Moment meant_at) override {
    const SeatWords words{seats.front()};
    Request request = patch("/take_performance_seat", words);
    const auto answer = co_await ask_inside(Ask::hold, person, std::move(request), meant_at);
    const auto taken = parsed<TakenSeen>(answer);
    if (!taken) co_return std::unexpected(taken.error());
    co_return HeldSeats{.reservation = fmt::to_string(seats.front()), .total = taken->data.price};
  }

  Said<void> charge(Person& person, const Place&, std::int64_t amount, Moment meant_at) override {
    Request request = patch("/cash_charge", AmountWords{amount});
    co_return done(co_await ask_as(Ask::charge, person, std::move(request), meant_at));
  }

  Said<void> pay(Person& person, const Place&, const HeldSeats& held, Moment meant_at) override {
    const SeatWords words{std::stoll(held.reservation)};
    Request request = patch("/payment_performance_seat", words);
    co_return done(co_await ask_as(Ask::pay, person, std::move(request), meant_at));
  }

 private:
  static constexpr const char* list = "/performaces";

  /// To enter and to look are the same: to ask for the list.
  Said<Place> come(Ask what, Person& person, Moment meant_at) {
    Request request{.path = list};
    const auto answer = co_await ask_as(what, person, std::move(request), meant_at);
    const auto seen = parsed<QueueSeen>(answer);
    if (!seen) co_return std::unexpected(seen.error());
    const auto state = answer.status == waits ? Place::State::waiting : Place::State::active;
    co_return place(state, seen->queue_data.id, answer);
  }

  asio::awaitable<Answer> ask_as(Ask what, Person& person, Request request, Moment meant_at) {
    request.bearer = person.access_token;
    return ask(what, std::move(request), meant_at);
  }

  /// To be put in line again is to be refused: the session is over.
  asio::awaitable<Answer> ask_inside(Ask what, Person& person, Request request, Moment meant_at) {
    request.bearer = person.access_token;
    Answer answer = co_await persist(what, std::move(request));
    if (answer.status == waits) answer.status = forbidden;
    count(what, answer, meant_at);
    co_return answer;
  }

  std::int64_t staging_date_ = 0;
};

}  // namespace

std::unique_ptr<Sale> performances_sale(Client& client, Tally& tally, const Wanted& wanted) {
  return std::make_unique<PerformancesSale>(client, tally, wanted);
}

}  // namespace onsale::rush
